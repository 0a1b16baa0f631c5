package figure

import (
	"time"

	"poolbench/bench"
)

// side is one side of a transfer: the server, or its clients.
type side struct {
	name  string
	style style
	cpu   func(bench.Round) time.Duration
	peak  func(bench.Result) int64
}

var sides = []side{
	{"server", dots, func(r bench.Round) time.Duration { return r.ServerCPU }, func(r bench.Result) int64 { return r.ServerPeak }},
	{"clients", hollow, func(r bench.Round) time.Duration { return r.LoadCPU }, func(r bench.Result) int64 { return r.LoadPeak }},
}

// costs returns the figures of CPU time and of memory.
func (d data) costs() []Figure {
	peak := func(s side, r bench.Result) float64 { return float64(s.peak(r)) }
	return append(d.cost("cpu", "CPU time for each GB", seconds, side.cpuPerGB), d.cost("memory", "Peak memory", memory, peak)...)
}

// cost returns the figures of one quantity. It is 0 where it is not known.
func (d data) cost(kind, title string, unit Unit, of func(side, bench.Result) float64) []Figure {
	rows, row := heads(d.cells, d.workers)
	return d.grids(d.cells, Figure{
		Name: "cost-" + kind, Group: Cost, Title: title + ", by both sides", X: Axis{Name: title, Unit: unit, Log: true}, Y: Axis{Rows: rows},
	}, []bench.Axis{d.clients}, []bench.Axis{d.volume}, func(cells []bench.Cell) []Series {
		var all []Series
		for _, c := range cells {
			for _, s := range sides {
				if value := of(s, d.totals[c].Result); value > 0 {
					p := Point{X: value, Y: float64(row(c)), Tip: d.tip(c, "%s %s", s.name, unit.write(value))}
					all = append(all, Series{Name: c.Pool + ", " + s.name, Pool: c.Pool, Points: []Point{p}, style: s.style})
				}
			}
		}
		return all
	})
}

// cpuPerGB returns CPU seconds per 10⁹ wire bytes, 0 if either is not known.
func (s side) cpuPerGB(r bench.Result) float64 {
	var took time.Duration
	var wire int64
	for _, round := range r.Rounds {
		if round.Stalled == 0 {
			took += s.cpu(round)
			wire += round.Wire()
		}
	}
	if wire == 0 {
		return 0
	}
	return took.Seconds() / (float64(wire) / 1e9)
}
