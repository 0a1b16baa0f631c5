package figure

import (
	"cmp"
	"fmt"
	"slices"

	"poolbench/bench"
	"poolbench/bench/journal"
	"poolbench/bench/stats"
)

// queues returns a figure of who waited how long, in the round of the median
// makespan, for each cell with a queue.
func queues(totals []journal.Total) []Figure {
	var figures []Figure
	for _, p := range panels(totals, func(c bench.Cell) bench.Cell { return c }) {
		if p.key.Clients < 2 {
			continue
		}
		rounds := p.totals[0].Rounds
		i, ok := medianRound(rounds)
		if !ok {
			continue
		}
		wait, transfer := strips(rounds[i], p.key.Pool)
		waits := make([]float64, len(wait.Points))
		for i, point := range wait.Points {
			waits[i] = point.Hi - point.Lo
		}
		quantiles, err := stats.Quantiles(waits, 0, 0.5, 1)
		if err != nil {
			continue
		}
		title := fmt.Sprintf("Queue: %s, %s pool", cellPhrase(p), p.key.Pool)
		figures = append(figures, Figure{
			Name: cellName("queue", p, p.key.Pool), Group: Queue, Title: title, Cells: p.cells(),
			X:      Axis{Name: "time in the round", Unit: "s"},
			Y:      Axis{Name: "client"},
			Series: []Series{wait, transfer},
			Alt: fmt.Sprintf("%s. In a round of %s the clients waited from %s to %s, the median being %s.", title,
				quantity(rounds[i].Makespan.Seconds(), "s"), quantity(quantiles[0], "s"), quantity(quantiles[2], "s"), quantity(quantiles[1], "s")),
			Note: fmt.Sprintf("round %d of %d, which has the median makespan; clients by the end of their wait", i+1, len(rounds)),
		})
	}
	return figures
}

// medianRound returns the place of the round whose makespan is the median of those that
// are whole, the lower of the middle two if their number is even, and reports whether
// there is one.
func medianRound(rounds []bench.Round) (place int, ok bool) {
	var places []int
	for i, r := range rounds {
		if r.Whole() && len(r.Samples) > 0 {
			places = append(places, i)
		}
	}
	if len(places) == 0 {
		return 0, false
	}
	slices.SortStableFunc(places, func(a, b int) int { return cmp.Compare(rounds[a].Makespan, rounds[b].Makespan) })
	return places[(len(places)-1)/2], true
}

// strips are when each client waited, and when it moved its bytes. Connecting comes
// before, and is what is left blank.
func strips(round bench.Round, pool string) (wait, transfer Series) {
	samples := slices.Clone(round.Samples)
	slices.SortStableFunc(samples, func(a, b bench.Sample) int { return cmp.Compare(a.FirstByte, b.FirstByte) })
	wait, transfer = Series{Name: "wait", look: thin}, Series{Name: "transfer", Pool: pool, look: thick}
	for i, s := range samples {
		label := fmt.Sprintf("client %d", s.Client)
		place, sent, first, done := float64(i+1), s.Sent.Seconds(), s.FirstByte.Seconds(), s.Done.Seconds()
		wait.Points = append(wait.Points, Point{X: sent, Y: place, Lo: sent, Hi: first, Label: label})
		transfer.Points = append(transfer.Points, Point{X: first, Y: place, Lo: first, Hi: done, Label: label})
	}
	return wait, transfer
}
