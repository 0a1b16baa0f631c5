package figure

import (
	"time"

	"poolbench/bench"
)

// costs returns the figures of CPU time and of memory.
func (d data) costs() []Figure {
	return append(
		d.cost("cpu", "CPU time for each GB", seconds,
			cpu(func(r bench.Round) time.Duration { return r.ServerCPU }), cpu(func(r bench.Round) time.Duration { return r.LoadCPU })),
		d.cost("memory", "Peak memory", memory,
			func(r bench.Result) float64 { return float64(r.ServerPeak) }, func(r bench.Result) float64 { return float64(r.LoadPeak) })...)
}

// cost returns the figures of one, which is 0 where it is not known.
func (d data) cost(kind, title string, unit Unit, server, load func(bench.Result) float64) []Figure {
	rows, row := heads(d.cells, d.workers)
	return d.grids(d.cells, Figure{
		Name: "cost-" + kind, Group: Cost, Title: title + ", by both sides", X: Axis{Name: title, Unit: unit, Log: true}, Y: Axis{Rows: rows},
	}, []bench.Axis{d.clients}, []bench.Axis{d.volume}, func(cells []bench.Cell) []Series {
		var all []Series
		for _, c := range cells {
			for side, of := range []func(bench.Result) float64{server, load} {
				name := []string{"server", "clients"}[side]
				if value := of(d.totals[c].Result); value > 0 {
					p := Point{X: value, Y: float64(row(c)), Says: d.says(c, "%s %s", name, unit.write(value))}
					all = append(all, Series{Name: c.Pool + ", " + name, Pool: c.Pool, Points: []Point{p}, style: []style{dots, hollow}[side]})
				}
			}
		}
		return all
	})
}

// cpu is a side's CPU seconds for 10⁹ wire bytes, 0 if either is not known.
func cpu(of func(bench.Round) time.Duration) func(bench.Result) float64 {
	return func(r bench.Result) float64 {
		var took time.Duration
		var wire int64
		for _, round := range r.Rounds {
			if round.Stalled == 0 {
				took += of(round)
				wire += round.Wire()
			}
		}
		if wire == 0 {
			return 0
		}
		return took.Seconds() / (float64(wire) / 1e9)
	}
}
