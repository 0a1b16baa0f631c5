package figure

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"poolbench/bench"
	"poolbench/bench/analysis"
	"poolbench/bench/journal"
)

// data is an analysis, arranged for figures of cells.
type data struct {
	*analysis.Analysis
	cells  []bench.Cell // in the order of the plan
	pools  []string     // likewise
	totals map[bench.Cell]journal.Total

	volume, clients, workers, pool bench.Axis   // which the panels of a figure show
	others                         []bench.Axis // whose values set figures apart
}

func dataOf(a *analysis.Analysis) data {
	d := data{Analysis: a, totals: map[bench.Cell]journal.Total{}}
	for _, t := range a.Totals {
		d.cells, d.totals[t.Cell] = append(d.cells, t.Cell), t
		if !slices.Contains(d.pools, t.Cell.Pool) {
			d.pools = append(d.pools, t.Cell.Pool)
		}
	}
	for _, axis := range a.Axes {
		switch axis.Key {
		case "volume":
			d.volume = axis
		case "clients":
			d.clients = axis
		case "workers":
			d.workers = axis
		case "pool":
			d.pool = axis
			d.pool.Compare = func(a, b bench.Cell) int {
				return cmp.Compare(slices.Index(d.pools, a.Pool), slices.Index(d.pools, b.Pool))
			}
		default:
			d.others = append(d.others, axis)
		}
	}
	return d
}

// labels names a cell by its values on the axes on which it has one.
func labels(c bench.Cell, axes ...bench.Axis) string {
	var texts []string
	for _, axis := range axes {
		if text := axis.Label(c); text != "" {
			texts = append(texts, text)
		}
	}
	return strings.Join(texts, ", ")
}

// tip tells something of a cell in a panel.
func (d data) tip(c bench.Cell, format string, values ...any) string {
	return labels(c, d.volume, d.clients, d.workers, d.pool) + ": " + fmt.Sprintf(format, values...)
}

// heads returns the labels of the cells on the axes, ascending and each once. place is the
// index of a cell's label.
func heads(cells []bench.Cell, axes ...bench.Axis) (texts []string, place func(bench.Cell) int) {
	compare := func(a, b bench.Cell) int {
		for _, axis := range axes {
			if order := axis.Compare(a, b); order != 0 {
				return order
			}
		}
		return 0
	}
	cells = slices.SortedFunc(slices.Values(cells), compare)
	cells = slices.CompactFunc(cells, func(a, b bench.Cell) bool { return compare(a, b) == 0 })
	for _, c := range cells {
		texts = append(texts, labels(c, axes...))
	}
	return texts, func(c bench.Cell) int {
		i, _ := slices.BinarySearchFunc(cells, c, compare)
		return i
	}
}

// grids returns figures like the one given, one for each combination of values on the
// other axes, such as the op. panel returns the series for the cells of one column and row. A figure
// without series is left out.
func (d data) grids(cells []bench.Cell, like Figure, columns, rows []bench.Axis, panel func([]bench.Cell) []Series) []Figure {
	var figures []Figure
	for _, of := range alike(cells, func(c bench.Cell) string { return labels(c, d.others...) }) {
		f := like.of(of[0], d.others)
		f.Cells = of
		var column, row func(bench.Cell) int
		f.Columns, column = heads(of, columns...)
		f.Rows, row = heads(of, rows...)
		for _, some := range alike(of, func(c bench.Cell) [2]int { return [2]int{column(c), row(c)} }) {
			for _, s := range panel(some) {
				s.Column, s.Row = column(some[0]), row(some[0])
				f.Series = append(f.Series, s)
			}
		}
		if len(f.Series) > 0 {
			figures = append(figures, f)
		}
	}
	slices.SortStableFunc(figures, func(a, b Figure) int {
		return cmp.Compare(slices.Index(bench.Ops(), a.Op), slices.Index(bench.Ops(), b.Op))
	})
	return figures
}

// alike groups items by their keys. Groups are in the order of their first items.
func alike[T any, K comparable](all []T, key func(T) K) [][]T {
	var groups [][]T
	place := map[K]int{}
	for _, one := range all {
		i, there := place[key(one)]
		if !there {
			i = len(groups)
			place[key(one)], groups = i, append(groups, nil)
		}
		groups[i] = append(groups[i], one)
	}
	return groups
}
