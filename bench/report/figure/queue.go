package figure

import (
	"cmp"
	"fmt"
	"slices"

	"poolbench/bench"
)

// queues returns the figures of who waited how long, in the round of the median makespan
// of each cell that has a queue.
func (d data) queues() []Figure {
	several := slices.DeleteFunc(slices.Clone(d.cells), func(c bench.Cell) bool { return c.Clients < 2 })
	return d.grids(several, Figure{
		Name: Queue, Group: Queue, Title: "Queue", byRow: true,
		X: Axis{Name: "time in the round", Unit: seconds}, Y: Axis{Name: "client, by the end of its wait"},
	}, []bench.Axis{d.workers, d.pool}, []bench.Axis{d.volume, d.clients}, d.queue)
}

// queue is a panel: when each client waited, and when it moved its bytes. Connecting comes
// before, and is what is left blank.
func (d data) queue(cells []bench.Cell) []Series {
	c := cells[0]
	rounds := slices.DeleteFunc(slices.Clone(d.totals[c].Rounds), func(r bench.Round) bool { return !r.Whole() || len(r.Samples) == 0 })
	if len(rounds) == 0 {
		return nil
	}
	slices.SortStableFunc(rounds, func(a, b bench.Round) int { return cmp.Compare(a.Makespan, b.Makespan) })
	samples := slices.Clone(rounds[(len(rounds)-1)/2].Samples)
	slices.SortStableFunc(samples, func(a, b bench.Sample) int { return cmp.Compare(a.FirstByte, b.FirstByte) })
	transfer := Series{Name: c.Pool, Pool: c.Pool, style: bars}
	for i, s := range samples {
		p := Point{X: s.FirstByte.Seconds(), Y: float64(i + 1), Lo: s.Sent.Seconds(), Hi: s.Done.Seconds()}
		p.Says = fmt.Sprintf("client %d waited %s, transfer from %s to %s", s.Client, seconds.write(p.X-p.Lo), seconds.write(p.X), seconds.write(p.Hi))
		transfer.Points = append(transfer.Points, p)
	}
	return []Series{transfer}
}
