package figure

import (
	"cmp"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"poolbench/bench"
	"poolbench/bench/internal/digits"
	"poolbench/bench/journal"
)

// panel is what was measured of cells that are equal but for what a figure compares.
type panel struct {
	key    bench.Cell // of all of them; what is compared is zero
	totals []journal.Total
}

// panels returns those of a run, ordered by op, volume, clients and workers. key
// empties what is compared.
func panels(totals []journal.Total, key func(bench.Cell) bench.Cell) []panel {
	var all []panel
	place := map[bench.Cell]int{}
	for _, t := range totals {
		k := key(t.Cell)
		i, there := place[k]
		if !there {
			i = len(all)
			place[k] = i
			all = append(all, panel{key: k})
		}
		all[i].totals = append(all[i].totals, t)
	}
	slices.SortStableFunc(all, func(a, b panel) int { return order(a.key, b.key) })
	return all
}

func order(a, b bench.Cell) int {
	return cmp.Or(
		cmp.Compare(slices.Index(bench.Ops(), a.Op), slices.Index(bench.Ops(), b.Op)),
		cmp.Compare(a.Volume, b.Volume), cmp.Compare(a.Clients, b.Clients), cmp.Compare(a.Workers, b.Workers),
		cmp.Compare(a.ClientPool, b.ClientPool),
	)
}

// anyPool is the key of cells that differ in the pool.
func anyPool(c bench.Cell) bench.Cell {
	c.Pool = ""
	return c
}

// cells are those of the panel.
func (p panel) cells() []bench.Cell { return cellsOf(p.totals) }

func cellsOf(totals []journal.Total) []bench.Cell {
	cells := make([]bench.Cell, len(totals))
	for i, t := range totals {
		cells[i] = t.Cell
	}
	return cells
}

// pools are those of the panel, in the order of the plan.
func (p panel) pools() []string { return poolsOf(p.totals) }

func poolsOf(totals []journal.Total) []string {
	var pools []string
	for _, t := range totals {
		if !slices.Contains(pools, t.Cell.Pool) {
			pools = append(pools, t.Cell.Pool)
		}
	}
	return pools
}

// of returns what was measured of a pool.
func (p panel) of(pool string) []journal.Total {
	return slices.DeleteFunc(slices.Clone(p.totals), func(t journal.Total) bool { return t.Cell.Pool != pool })
}

// Words for parts of a cell, for titles.

func workers(n int) string {
	if n == 0 {
		return "an unknown number of workers"
	}
	return digits.Count(n, "worker")
}

// phrase joins what a title says of a cell, and what its clients are if the run has
// several kinds.
func phrase(c bench.Cell, parts ...string) string {
	if c.ClientPool != "" {
		parts = append(parts, string(c.ClientPool)+" clients")
	}
	return strings.Join(parts, ", ")
}

var notInNames = regexp.MustCompile(`[^a-z0-9]+`)

// name makes a figure's.
func name(c bench.Cell, parts ...string) string {
	if c.ClientPool != "" {
		parts = append(parts, string(c.ClientPool)+"-clients")
	}
	return strings.Trim(notInNames.ReplaceAllString(strings.ToLower(strings.Join(parts, "-")), "-"), "-")
}

// number is a part of a name.
func number(n int) string {
	if n == 0 {
		return "unknown"
	}
	return strconv.Itoa(n)
}

// notes joins those that there are.
func notes(lines ...string) string { return strings.Join(present(lines...), "; ") }

// present are the texts that are not empty.
func present(texts ...string) []string {
	return slices.DeleteFunc(texts, func(text string) bool { return text == "" })
}
