package page

import (
	"cmp"
	"slices"

	"poolbench/bench"
	"poolbench/bench/journal"
	"poolbench/bench/stats"
)

// contrast is a pool against the base at one point of the matrix.
type contrast struct {
	cell bench.Cell // of the pool
	base string
	// Comparison is the throughput of the pool ÷ that of the base.
	stats.Comparison
	p       float64 // corrected by Holm
	floor   float64 // a factor; 0 if it is not known
	paired  bool    // from rounds in turn
	verdict bench.Verdict
	least   float64 // that p could be of so many rounds
}

// contrasts returns those of a run, of pairs where there are any and of the cells
// elsewhere, in the order of the plan's cells, then of its pairs.
func contrasts(run journal.Run) []contrast {
	totals := run.Totals()
	base := baseOf(run, totals)
	paired := map[bench.Cell]contrast{}
	for _, c := range bench.Compare(run.Pairs) {
		if !c.Same() {
			paired[c.Cell] = contrast{c.Cell, c.Base, c.Comparison, c.PHolm, c.Floor, true, c.Verdict(), 0}
		}
	}
	own := unpaired(totals, base)
	var all []contrast
	for _, cell := range append(cellsOf(totals), run.Head.Plan.PlannedPairs()...) {
		c, ok := paired[cell]
		if !ok {
			c, ok = own[cell]
		}
		if ok && !slices.ContainsFunc(all, func(o contrast) bool { return o.cell == cell }) {
			all = append(all, c)
		}
	}
	return all
}

// withSides is a run that measured pairs alone as one of the cells that they were of:
// the base from its rounds against itself, each other pool from those against the base.
func withSides(run journal.Run) journal.Run {
	if len(run.Results) > 0 {
		return run
	}
	for _, p := range run.Pairs {
		side := p.PoolSide
		if p.Same() {
			side = p.BaseSide
		}
		run.Results = append(run.Results, side)
	}
	return run
}

// baseOf is the pool that the others of a run are held against.
func baseOf(run journal.Run, totals []journal.Total) string {
	if run.Head.Plan.Base != "" {
		return run.Head.Plan.Base
	}
	var matrix bench.Matrix
	for _, t := range totals {
		matrix.Pools = append(matrix.Pools, t.Cell.Pool)
	}
	if matrix.Pools == nil {
		return ""
	}
	return matrix.Base()
}

// unpaired compares the cells of each other pool with those of the base.
func unpaired(totals []journal.Total, base string) map[bench.Cell]contrast {
	of := map[bench.Cell]journal.Total{}
	for _, t := range totals {
		of[t.Cell] = t
	}
	var (
		family []contrast
		ps     []float64
	)
	for _, t := range totals {
		own := t.Cell
		own.Pool = base
		against, ok := of[own]
		if t.Cell.Pool == base || !ok || len(against.Rounds)+len(t.Rounds) == 0 {
			continue
		}
		c := contrast{cell: t.Cell, base: base, p: 1}
		c.Comparison, _ = stats.Unpaired(against.Makespans(), t.Makespans()) // empty if either has none
		family, ps = append(family, c), append(ps, cmp.Or(c.P, 1))
	}
	all := map[bench.Cell]contrast{}
	for i, p := range stats.Holm(ps) {
		c := family[i]
		c.p = p
		if c.N > 0 {
			c.least = stats.LeastUnpaired(c.N, c.M) * float64(len(family))
		}
		c.verdict = c.word()
		all[c.cell] = c
	}
	return all
}

// word is the verdict of cells, which have no noise floor.
func (c contrast) word() bench.Verdict {
	switch {
	case c.N == 0:
		return bench.NotCompared
	case !c.Bounded():
		return bench.TooFew
	case c.p > 1-stats.Confidence && c.least > 1-stats.Confidence:
		return bench.TooFew
	case c.p > 1-stats.Confidence:
		return bench.NoDifference
	case c.Ratio > 1:
		return bench.Faster
	}
	return bench.Slower
}

func cellsOf(totals []journal.Total) []bench.Cell {
	cells := make([]bench.Cell, len(totals))
	for i, t := range totals {
		cells[i] = t.Cell
	}
	return cells
}
