package contrast

import (
	"slices"

	"poolbench/bench"
	"poolbench/bench/journal"
	"poolbench/bench/stats"
)

// Contrast is a pool against the base at one point of the matrix.
type Contrast struct {
	Cell bench.Cell // of the pool
	Base string
	// Comparison is the throughput of the pool ÷ that of the base. N is 0 if either
	// has no round without a failure.
	stats.Comparison
	PHolm   float64 // its P, corrected for all contrasts of its kind in the run; 1 where there is none
	Floor   float64 // a factor; 0 if it is not known
	Paired  bool    // from rounds in turn
	Verdict bench.Verdict

	least float64 // that PHolm could be of so many rounds
}

// Of returns those of a run, of pairs where there are any and of the cells
// elsewhere, in the order of the plan's cells, then of its pairs.
func Of(run journal.Run) []Contrast {
	totals := run.Totals()
	base := baseOf(run, totals)
	paired := map[bench.Cell]Contrast{}
	for _, c := range run.Compare() {
		if !c.Same() {
			paired[c.Cell] = Contrast{c.Cell, c.Base, c.Comparison, c.PHolm, c.Floor, true, c.Verdict(), 0}
		}
	}
	own := unpaired(totals, base)
	var all []Contrast
	for _, cell := range append(cellsOf(totals), run.Head.Plan.PlannedPairs()...) {
		c, ok := paired[cell]
		if !ok {
			c, ok = own[cell]
		}
		if ok && !slices.ContainsFunc(all, func(o Contrast) bool { return o.Cell == cell }) {
			all = append(all, c)
		}
	}
	return all
}

func cellsOf(totals []journal.Total) []bench.Cell {
	cells := make([]bench.Cell, len(totals))
	for i, t := range totals {
		cells[i] = t.Cell
	}
	return cells
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
func unpaired(totals []journal.Total, base string) map[bench.Cell]Contrast {
	of := map[bench.Cell]journal.Total{}
	for _, t := range totals {
		of[t.Cell] = t
	}
	var (
		family []Contrast
		ps     []float64
	)
	others := 0 // planned, and yet to be measured
	for _, t := range totals {
		own := t.Cell
		own.Pool = base
		against, ok := of[own]
		switch {
		case t.Cell.Pool == base || !ok:
			continue
		case t.Measured == 0 || against.Measured == 0:
			others++
			continue
		}
		c := Contrast{Cell: t.Cell, Base: base, PHolm: 1}
		c.Comparison, _ = stats.Unpaired(against.Makespans(), t.Makespans()) // empty if either has none
		p := 1.0
		if c.N > 0 { // of very many rounds P may be 0
			p = c.P
		}
		family, ps = append(family, c), append(ps, p)
	}
	for range others {
		ps = append(ps, 1)
	}
	all := map[bench.Cell]Contrast{}
	for i, p := range stats.Holm(ps)[:len(family)] {
		c := family[i]
		c.PHolm = p
		if c.N > 0 {
			c.least = stats.LeastUnpaired(c.N, c.M) * float64(len(ps))
		}
		c.Verdict = c.word()
		all[c.Cell] = c
	}
	return all
}

// word is the verdict of cells, which have no noise floor.
func (c Contrast) word() bench.Verdict {
	switch {
	case c.N == 0:
		return bench.NotCompared
	case !c.Bounded():
		return bench.TooFew
	case c.PHolm > 1-stats.Confidence && c.least > 1-stats.Confidence:
		return bench.TooFew
	case c.PHolm > 1-stats.Confidence:
		return bench.NoDifference
	case c.Ratio > 1:
		return bench.Faster
	}
	return bench.Slower
}
