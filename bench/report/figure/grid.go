package figure

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"poolbench/bench"
	"poolbench/bench/analysis"
	"poolbench/bench/internal/digits"
	"poolbench/bench/journal"
)

// data is what the figures of cells are made from.
type data struct {
	*analysis.Analysis
	cells  []bench.Cell // in the order of the plan
	pools  []string     // in the same
	totals map[bench.Cell]journal.Total
}

func dataOf(a *analysis.Analysis) data {
	d := data{Analysis: a, totals: map[bench.Cell]journal.Total{}}
	for _, t := range a.Totals {
		d.cells, d.totals[t.Cell] = append(d.cells, t.Cell), t
		if !slices.Contains(d.pools, t.Cell.Pool) {
			d.pools = append(d.pools, t.Cell.Pool)
		}
	}
	return d
}

// dimension is the level of a part of a cell, by which panels or points are set apart, and
// its name.
type dimension func(bench.Cell) (level int, words string)

func byVolume(c bench.Cell) (int, string)  { return int(c.Volume), digits.Size(c.Volume) }
func byClients(c bench.Cell) (int, string) { return c.Clients, digits.Count(c.Clients, "client") }
func byWorkers(c bench.Cell) (int, string) {
	if c.Workers == 0 {
		return 0, "? workers"
	}
	return c.Workers, digits.Count(c.Workers, "worker")
}

// byPool is in the order of the plan.
func (d data) byPool(c bench.Cell) (int, string) { return slices.Index(d.pools, c.Pool), c.Pool }

// says names the cell that a mark is of.
func (d data) says(c bench.Cell, text string, values ...any) string {
	return headOf(c, byVolume, byClients, byWorkers, d.byPool).words + ": " + fmt.Sprintf(text, values...)
}

// head combines the levels of several dimensions.
type head struct {
	levels []int
	words  string
}

func headOf(c bench.Cell, by ...dimension) head {
	var levels []int
	var words []string
	for _, of := range by {
		level, word := of(c)
		levels, words = append(levels, level), append(words, word)
	}
	return head{levels, strings.Join(words, ", ")}
}

// heads are the words of those that cells have, ascending. place finds that of a cell.
func heads(cells []bench.Cell, by ...dimension) (words []string, place func(bench.Cell) int) {
	var all []head
	find := func(c bench.Cell) (int, bool) {
		return slices.BinarySearchFunc(all, headOf(c, by...), func(a, b head) int { return slices.Compare(a.levels, b.levels) })
	}
	for _, c := range cells {
		if i, there := find(c); !there {
			h := headOf(c, by...)
			all, words = slices.Insert(all, i, h), slices.Insert(words, i, h.words)
		}
	}
	return words, func(c bench.Cell) int {
		i, _ := find(c)
		return i
	}
}

// grids returns a figure like the one given for each op and kind of clients of the cells,
// with what panel makes of those in each column and row. One without a series is not there.
func grids(cells []bench.Cell, like Figure, columns, rows []dimension, panel func([]bench.Cell) []Series) []Figure {
	var figures []Figure
	for _, of := range alike(cells, func(c bench.Cell) bench.Cell { return bench.Cell{Op: c.Op, ClientPool: c.ClientPool} }) {
		f := like.of(of[0].Op, of[0].ClientPool)
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

// alike groups items with the same key, in the order of the first of each.
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
