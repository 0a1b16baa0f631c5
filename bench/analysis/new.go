package analysis

import (
	"math"
	"slices"

	"poolbench/bench"
	"poolbench/bench/journal"
	"poolbench/bench/stats"
)

// New analyses a run. A run in progress is analysed as of its latest look.
func New(run journal.Run) *Analysis {
	a := compute(run)
	a.Verdict = a.verdict()
	return a
}

// compute is New without the verdict.
func compute(run journal.Run) *Analysis {
	at := interimOf(run)
	a := &Analysis{Run: run, Axes: bench.Axes(), Totals: run.Totals(), Passes: at.passes, Looked: at.pass, Wholes: at.wholes}
	if run.Head.Plan.Count == 0 && at.pass > 0 {
		all := visitsOf(at.visits)
		for _, c := range a.contrasts() {
			for _, op := range bench.Ops() {
				a.compare(all, at, op, c)
			}
		}
		a.standOut(at)
		a.Workers = a.workersOf(all, at)
	}
	return a
}

// Shown returns the axes that the planned cells have values on.
func (a *Analysis) Shown() []bench.Axis { return bench.Shown(a.Axes, a.cells()) }

// cells returns the cells of Totals.
func (a *Analysis) cells() []bench.Cell {
	cells := make([]bench.Cell, len(a.Totals))
	for i, t := range a.Totals {
		cells[i] = t.Cell
	}
	return cells
}

// contrast is a pool and the base that it is compared with.
type contrast struct{ pool, base string }

// contrasts returns the pools that are compared, in the order of the plan. Of joined runs,
// a pool is compared with the base of the first run that has it beside others.
func (a *Analysis) contrasts() []contrast {
	if a.Parts == nil {
		return contrasts(nil, a.cells(), a.Head.Plan.Base)
	}
	var all []contrast
	for _, p := range a.Parts {
		all = contrasts(all, p.Head.Plan.Cells, p.Head.Plan.Base)
	}
	return all
}

// contrasts adds those of the cells' pools with a base that are not among all, nor turned
// around.
func contrasts(all []contrast, cells []bench.Cell, base string) []contrast {
	for _, c := range cells {
		there := slices.ContainsFunc(all, func(k contrast) bool { return k.pool == c.Pool || k == contrast{base, c.Pool} })
		if c.Pool != base && !there {
			all = append(all, contrast{c.Pool, base})
		}
	}
	return all
}

// met reports whether both cells were in the plan of one run.
func (a *Analysis) met(one, other bench.Cell) bool {
	return a.Parts == nil || slices.ContainsFunc(a.Parts, func(p journal.Part) bool {
		return slices.Contains(p.Head.Plan.Cells, one) && slices.Contains(p.Head.Plan.Cells, other)
	})
}

// minPasses is how many passes a run that compares pools needs: with fewer an interval may
// be narrow by chance.
const minPasses = 4

// Wanted returns a function that reports whether a point still contributes to an answer
// that is not precise enough: the effect of an op, of a number of clients or of a number of
// workers, or how many workers are enough. It judges the run as if it ended here, by the
// widths of intervals alone.
func Wanted(run journal.Run) func(point bench.Cell) bool {
	run.Ended = true
	a := compute(run)
	precision := run.Head.Plan.Precision
	given := a.givenUp()
	if len(a.Effects) == 0 && len(a.Workers) == 0 {
		vague := a.vague(precision)
		return func(point bench.Cell) bool { return vague(point) && !given[point] }
	}
	return func(point bench.Cell) bool {
		if given[point] {
			return false
		}
		for _, e := range a.Effects {
			vague := e.HalfWidth() > precision || a.Passes < minPasses
			if e.Axis != volumeAxis && a.has(e, point) && e.N > 0 && vague {
				return true
			}
		}
		return slices.ContainsFunc(a.Workers, func(w Workers) bool {
			return w.Op == point.Op && w.Clients == point.Clients && (a.Passes < minPasses || !w.Settled(precision))
		})
	}
}

// vague returns a function that reports whether a point has a cell with an imprecise
// median. It is for runs with nothing to compare.
func (a *Analysis) vague(precision float64) func(point bench.Cell) bool {
	vague := map[bench.Cell]bool{}
	for _, t := range a.Totals {
		center, err := stats.Median(t.Makespans())
		wide := err != nil || !center.Bounded() || math.Log(center.Hi/center.Lo)/2 > precision
		if wide || a.Passes < minPasses {
			point := t.Cell
			point.Pool = ""
			vague[point] = true
		}
	}
	return func(point bench.Cell) bool { return vague[point] }
}

// maxFailures is the number of visits to a cell, one after another and without an op that
// succeeded, after which its point is given up.
const maxFailures = 3

// givenUp returns the points with a cell that failed too often in a row.
func (a *Analysis) givenUp() map[bench.Cell]bool {
	inVain, given := map[bench.Cell]int{}, map[bench.Cell]bool{}
	for _, r := range a.Results {
		if inVain[r.Cell]++; r.Outcome() != bench.Failed {
			inVain[r.Cell] = 0
		}
	}
	for cell, n := range inVain {
		if cell.Pool = ""; n >= maxFailures {
			given[cell] = true
		}
	}
	return given
}
