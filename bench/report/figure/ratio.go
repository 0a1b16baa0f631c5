package figure

import (
	"fmt"
	"slices"
	"strings"

	"poolbench/bench"
	"poolbench/bench/analysis"
	"poolbench/bench/internal/digits"
	"poolbench/bench/report"
)

// effects returns a figure of a pool against the base over all of an op, and by level,
// for each op and pool.
func effects(a *analysis.Analysis) []Figure {
	if !report.HasEffects(a) {
		return nil
	}
	var figures []Figure
	for _, some := range alike(a.Effects, func(e analysis.Effect) bench.Cell { return bench.Cell{Op: e.Op, Pool: e.Pool} }) {
		first := some[0]
		f := against(bench.Cell{Op: first.Op, Pool: first.Pool}, first.Base, Effects)
		f.Y.Name, f.marked = "of which points", "stands out"
		for _, p := range a.Points {
			if p.Cell.Op == first.Op && p.Cell.Pool == first.Pool {
				f.Cells = append(f.Cells, p.Cell)
			}
		}
		cut := false
		var numbers []string
		for i, e := range some {
			f.Y.Rows = append(f.Y.Rows, report.Of(e))
			at := ratio(e.Estimate, i+1, report.EffectSays(e))
			if e.StandsOut {
				at.Mark = "stands out"
			}
			cut = cut || beyond(at)
			f.tell(e.Pool, e.Pool, at)
			numbers = append(numbers, report.Of(e)+" "+report.Estimated(e.Estimate))
		}
		f.Series = append(f.Series, upright("equal", ceiling, 1, len(some)))
		f.Alt = fmt.Sprintf("%s. %s.", f.Title, strings.Join(numbers, "; "))
		f.Note = notes(`bars are 95 % intervals: that of "all" holds together with those of all ops and pools, that of a level by itself`, cutNote(cut))
		figures = append(figures, f)
	}
	return figures
}

// ratios returns a figure of by how much a pool differs from the base at each point,
// for each op and pool.
func ratios(a *analysis.Analysis) []Figure {
	var figures []Figure
	for _, some := range alike(a.Points, func(p analysis.Point) bench.Cell {
		return bench.Cell{Op: p.Cell.Op, ClientPool: p.Cell.ClientPool, Pool: p.Cell.Pool}
	}) {
		slices.SortStableFunc(some, func(p, q analysis.Point) int { return order(p.Cell, q.Cell) })
		f := against(some[0].Cell, some[0].Base, Ratio)
		f.Y.Name = "volume, clients, workers"
		cut := false
		var out []string
		for i, p := range some {
			f.Cells, f.Y.Rows = append(f.Cells, p.Cell), append(f.Y.Rows, rowName(anyClientPool(p.Cell)))
			at := ratio(p.Estimate, i+1, report.PointSays(p))
			cut = cut || beyond(at)
			switch {
			case !report.Known(p.Estimate):
				f.tell("", "not compared", at)
			case p.StandsOut:
				f.tell(report.Ahead(p), "stands out, "+report.Ahead(p)+" ahead", at)
				out = append(out, p.Where()+" "+report.Change(p.Estimate))
			default:
				f.tell("", "as all of the op", at)
			}
		}
		f.Series = append(f.Series, whole(a, some[0].Cell, len(some))...)
		f.Series = append(f.Series, upright("equal", ceiling, 1, len(some)))
		f.Alt = fmt.Sprintf("%s. Standing out: %d of %s%s.", f.Title, len(out), digits.Count(len(some), "point"), listed(out))
		f.Note = notes("bars are 95 % intervals, each of its point by itself; a point stands out if it differs from all of the op, corrected for all points", cutNote(cut))
		figures = append(figures, f)
	}
	return figures
}

// alike puts what has the same key together.
func alike[T any](all []T, key func(T) bench.Cell) [][]T {
	var groups [][]T
	place := map[bench.Cell]int{}
	for _, one := range all {
		i, there := place[key(one)]
		if !there {
			i = len(groups)
			place[key(one)] = i
			groups = append(groups, nil)
		}
		groups[i] = append(groups[i], one)
	}
	return groups
}

// against begins a figure of a pool's throughput by the base's.
func against(of bench.Cell, base, group string) Figure {
	return Figure{
		Name: name(of, group, string(of.Op), of.Pool), Group: group,
		Title: phrase(of, fmt.Sprintf("Throughput of %s against %s: %s", of.Pool, base, of.Op)),
		X:     Axis{Name: fmt.Sprintf("throughput of %s ÷ %s", of.Pool, base), Log: true},
		void:  "no whole rounds of both in a pass",
	}
}

// tell adds a point to the series of a name.
func (f *Figure) tell(pool, name string, p Point) {
	i := slices.IndexFunc(f.Series, func(s Series) bool { return s.Name == name })
	if i < 0 {
		i = len(f.Series)
		f.Series = append(f.Series, Series{Name: name, Pool: pool, look: bounded})
	}
	f.Series[i].Points = append(f.Series[i].Points, p)
}

// ratio is an estimate in a row.
func ratio(e analysis.Estimate, row int, label string) Point {
	p := Point{X: e.Ratio, Y: float64(row), Label: label}
	switch {
	case !report.Known(e):
		p.X, p.Void = 0, "nothing to compare"
	case e.Bounded():
		p.Lo, p.Hi = e.Lo, e.Hi
	}
	return p
}

// reach is how far the axis of a ratio goes along with its interval, so that one that
// says nothing does not squeeze all others.
func reach(p Point) (lo, hi float64) { return min(1, p.X) / 3, max(1, p.X) * 3 }

func beyond(p Point) bool {
	lo, hi := reach(p)
	return p.Hi > 0 && (p.Lo < lo || p.Hi > hi)
}

func cutNote(cut bool) string { return remark(cut, "what reaches the edge goes on") }

// whole is a line at the effect of all of a cell's op, if there is one.
func whole(a *analysis.Analysis, of bench.Cell, rows int) []Series {
	for _, e := range a.Effects {
		if e.Whole() && e.Op == of.Op && e.Pool == of.Pool && report.Known(e.Estimate) {
			return []Series{upright(fmt.Sprintf("all of the op: %s", report.Change(e.Estimate)), guide, e.Ratio, rows)}
		}
	}
	return nil
}

// upright is a line at a ratio, across so many rows.
func upright(name string, look look, at float64, rows int) Series {
	return Series{Name: name, look: look, Points: []Point{{X: at, Y: 0.5}, {X: at, Y: float64(rows) + 0.5}}}
}

func anyClientPool(c bench.Cell) bench.Cell {
	c.ClientPool = ""
	return c
}

// listed continues a sentence.
func listed(texts []string) string {
	if len(texts) == 0 {
		return ""
	}
	return ": " + strings.Join(texts, "; ")
}
