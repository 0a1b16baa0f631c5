package figure

import (
	"cmp"
	"fmt"
	"strings"

	"poolbench/bench"
	"poolbench/bench/analysis"
	"poolbench/bench/internal/digits"
	"poolbench/bench/report"
)

// effects returns a figure for each op and pool: the pool against the base, over the whole
// op and by level.
func (d data) effects() []Figure {
	if !report.HasEffects(d.Analysis) {
		return nil
	}
	var figures []Figure
	for _, some := range alike(d.Effects, func(e analysis.Effect) bench.Cell { return bench.Cell{Op: e.Op, Pool: e.Pool} }) {
		f := against(Effects, some[0].Pool, some[0].Base).of(bench.Cell{Op: some[0].Op}, d.others)
		s := Series{Name: some[0].Pool, Pool: some[0].Pool}
		var numbers []string
		for i, e := range some {
			f.Y.Rows = append(f.Y.Rows, report.Scope(e))
			p := ratio(e.Estimate, i, effectTip(e))
			p.Mark = e.StandsOut
			s.Points = append(s.Points, p)
			numbers = append(numbers, report.Scope(e)+" "+report.Estimated(e.Estimate))
		}
		f.Series = []Series{upright("equal", "", limit, 1, len(some)), s}
		f.Alt = fmt.Sprintf("%s. %s.", f.Title, strings.Join(numbers, "; "))
		figures = append(figures, f)
	}
	return figures
}

// ratios returns a figure for each op and pool: the pool against the base at each point.
func (d data) ratios() []Figure {
	var figures []Figure
	for _, some := range alike(d.Points, func(p analysis.Point) string { return p.Cell.Pool }) {
		points := map[bench.Cell]analysis.Point{}
		var cells []bench.Cell
		for _, p := range some {
			points[p.Cell], cells = p, append(cells, p.Cell)
		}
		f := against(Ratio, some[0].Cell.Pool, some[0].Base)
		var row func(bench.Cell) int
		f.Y.Rows, row = heads(cells, d.workers)
		of := d.grids(cells, f, []bench.Axis{d.clients}, []bench.Axis{d.volume}, func(cells []bench.Cell) []Series {
			series := append(whole(d.Analysis, cells[0], len(f.Y.Rows)), upright("equal", "", limit, 1, len(f.Y.Rows)))
			for _, c := range cells {
				series = append(series, ratioOf(points[c], row(c)))
			}
			return series
		})
		for i, f := range of {
			var out []string
			for _, c := range f.Cells {
				if p := points[c]; p.StandsOut {
					out = append(out, p.Where()+" "+report.Change(p.Estimate))
				}
			}
			of[i].Alt = fmt.Sprintf("%s. Standing out, of %s: %s.", f.Title, digits.Count(len(f.Cells), "point"), cmp.Or(strings.Join(out, "; "), "none"))
		}
		figures = append(figures, of...)
	}
	return figures
}

// ratioOf returns the series of one point. Its name says what the point shows.
func ratioOf(p analysis.Point, row int) Series {
	at := ratio(p.Estimate, row, pointTip(p))
	at.Cell = p.Cell
	s := Series{Name: "like the whole op", Points: []Point{at}}
	if p.StandsOut && !at.Cross {
		s.Pool = ahead(p)
		s.Name = "stands out, " + s.Pool + " ahead"
	}
	return s
}

// against returns an empty figure for the ratios of a pool's throughput to the base's.
func against(group, pool, base string) Figure {
	text := fmt.Sprintf("throughput of %s against %s", pool, base)
	return Figure{
		Name: group + "-" + pool, Group: group, Title: "T" + text[1:], X: Axis{Name: text, Unit: change, Log: true},
		marked: "stands out", crossed: "nothing to compare",
	}
}

// ratio returns the point of an estimate in a row.
func ratio(e analysis.Estimate, row int, tip string) Point {
	p := Point{X: e.Ratio, Y: float64(row), Tip: tip}
	switch {
	case !report.Known(e):
		p.X, p.Cross = 0, true
	case e.Bounded():
		p.Lo, p.Hi = e.Lo, e.Hi
	}
	return p
}

// whole returns a line at the effect of the cell's whole op, if it is known.
func whole(a *analysis.Analysis, of bench.Cell, rows int) []Series {
	for _, e := range a.Effects {
		if e.Whole() && e.Op == of.Op && e.Pool == of.Pool && report.Known(e.Estimate) {
			return []Series{upright("the whole op", effectTip(e), guide, e.Ratio, rows)}
		}
	}
	return nil
}

// upright returns a vertical line across the rows.
func upright(name, tip string, style style, at float64, rows int) Series {
	return Series{Name: name, style: style, Points: []Point{{X: at, Y: -0.5, Tip: tip}, {X: at, Y: float64(rows) - 0.5}}}
}

// throughputOf tells an estimate of a pool's throughput.
func throughputOf(pool string, e analysis.Estimate) string {
	if !report.Known(e) {
		return report.Estimated(e)
	}
	return "throughput of " + pool + " " + report.Estimated(e)
}

// effectTip tells an effect in words.
func effectTip(e analysis.Effect) string {
	text := fmt.Sprintf("%s, %s: %s", e.Op, report.Scope(e), throughputOf(e.Pool, e.Estimate))
	if finding := report.Finding(e); finding != "" {
		text += ": " + finding
	}
	return text
}

// pointTip tells a point in words.
func pointTip(p analysis.Point) string {
	text := p.Where() + ": " + throughputOf(p.Cell.Pool, p.Estimate)
	if report.Known(p.Estimate) {
		text += ", corrected p " + digits.P(p.P)
	}
	if p.StandsOut {
		text += ": stands out"
	}
	return text
}

// ahead returns the faster pool of the two, as estimated.
func ahead(p analysis.Point) string {
	if p.Ratio > 1 {
		return p.Cell.Pool
	}
	return p.Base
}
