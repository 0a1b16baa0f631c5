package figure

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"poolbench/bench"
	"poolbench/bench/internal/digits"
	"poolbench/bench/journal"
)

// costs returns a figure of CPU time and one of memory for each op.
func costs(totals []journal.Total) []Figure {
	var figures []Figure
	for _, op := range bench.Ops() {
		of := slices.DeleteFunc(slices.Clone(totals), func(t journal.Total) bool { return t.Cell.Op != op })
		for _, c := range []struct {
			name, title  string
			x            Axis
			server, load func(bench.Result) float64
			note         string
		}{
			{
				"cpu", "CPU time for each GB", Axis{Name: "CPU time for each GB on the wire", Unit: "s"},
				cpu(func(r bench.Round) time.Duration { return r.ServerCPU }), cpu(func(r bench.Round) time.Duration { return r.LoadCPU }),
				"of all rounds in which nothing stood still; a GB is 10⁹ wire bytes of ops that succeeded",
			},
			{
				"memory", "Peak memory", Axis{Name: "most resident memory", Unit: "B"},
				func(r bench.Result) float64 { return float64(r.ServerPeak) }, func(r bench.Result) float64 { return float64(r.LoadPeak) },
				"all processes of a side together",
			},
		} {
			f := rowsOf(of)
			f.Name, f.Group, f.X, f.Note = name(bench.Cell{}, "cost", c.name, string(op)), Cost, c.x, c.note
			f.Title = fmt.Sprintf("%s: %s, by both sides", c.title, op)
			for _, pool := range poolsOf(of) {
				f.Series = append(f.Series, f.dots(of, pool, "server", filled, c.server), f.dots(of, pool, "clients", hollow, c.load))
			}
			f.Series = slices.DeleteFunc(f.Series, func(s Series) bool { return len(s.Points) == 0 })
			if len(f.Series) == 0 {
				continue
			}
			f.X.Log = wide(f.Series)
			f.Alt = fmt.Sprintf("%s. %s.", f.Title, extremes(f.Series, f.X.Unit))
			figures = append(figures, f)
		}
	}
	return figures
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

// rowsOf returns a figure with a row for each cell but for the pool.
func rowsOf(totals []journal.Total) Figure {
	f := Figure{Cells: cellsOf(totals), Y: Axis{Name: "volume, clients, workers"}}
	for _, p := range panels(totals, anyPool) {
		f.Y.Rows = append(f.Y.Rows, rowName(p.key))
	}
	return f
}

func rowName(c bench.Cell) string {
	workers := "?"
	if c.Workers > 0 {
		workers = fmt.Sprint(c.Workers)
	}
	return phrase(c, digits.Size(c.Volume), fmt.Sprint(c.Clients), workers)
}

// dots returns the series of a pool's side, of the values that are not zero.
func (f Figure) dots(totals []journal.Total, pool, side string, look look, of func(bench.Result) float64) Series {
	s := Series{Name: pool + ", " + side, Pool: pool, look: look}
	for _, t := range totals {
		if value := of(t.Result); t.Cell.Pool == pool && value > 0 {
			row := rowName(t.Cell)
			s.Points = append(s.Points, Point{X: value, Y: float64(slices.Index(f.Y.Rows, row) + 1), Label: row})
		}
	}
	return s
}

// bounds are the least and the greatest X that is drawn.
func bounds(points []Point) (least, most float64) {
	least, most = math.Inf(1), math.Inf(-1)
	for _, p := range points {
		if p.Void == "" {
			least, most = min(least, p.X), max(most, p.X)
		}
	}
	return least, most
}

// wide reports whether the values span more than a decade.
func wide(all []Series) bool {
	least, most := math.Inf(1), math.Inf(-1)
	for _, s := range all {
		lo, hi := bounds(s.Points)
		least, most = min(least, lo), max(most, hi)
	}
	return most > 10*least
}

// extremes tells those of each series.
func extremes(all []Series, unit string) string {
	var texts []string
	for _, s := range all {
		if least, most := bounds(s.Points); least <= most {
			texts = append(texts, fmt.Sprintf("%s: from %s to %s", s.Name, quantity(least, unit), quantity(most, unit)))
		}
	}
	return strings.Join(texts, "; ")
}
