package analysis

import (
	"math"
	"time"

	"poolbench/bench"
	"poolbench/bench/stats"
)

// ratio is a log ratio and its origin.
type ratio struct {
	stats.Ratio
	cell bench.Cell // of the numerator
	pass int
}

// visited is a visit that can be compared.
type visited struct {
	rate   float64 // wire bytes per second
	took   float64 // total time of its rounds, in seconds
	server int
}

// visits holds the visits to each cell, indexed by pass from 1, with a rate of 0 for none.
// Of several in a pass the last counts, because an interrupted point is repeated as a
// whole.
type visits map[bench.Cell][]visited

func visitsOf(results []bench.Result) visits {
	all := visits{}
	for _, r := range results {
		of := all[r.Cell]
		for len(of) <= r.Pass {
			of = append(of, visited{})
		}
		of[r.Pass] = visitOf(r)
		all[r.Cell] = of
	}
	return all
}

// visitOf adds up all rounds. A median of two or three would depend on their number, which
// depends on the rate.
func visitOf(r bench.Result) visited {
	var wire int64
	var took time.Duration
	for _, round := range r.Rounds {
		if round.Whole() {
			wire, took = wire+round.Wire(), took+round.Makespan
		}
	}
	if r.Pass == 0 || wire == 0 || took == 0 {
		return visited{}
	}
	return visited{float64(wire) / took.Seconds(), took.Seconds(), r.Server}
}

// compare returns the log ratios of cells to those that other matches with them, one for
// each pass in which both were visited.
func (v visits) compare(cells []bench.Cell, other func(bench.Cell) (bench.Cell, bool)) []ratio {
	var all []ratio
	groups := map[[3]int]int{}
	for _, cell := range cells {
		match, ok := other(cell)
		if !ok {
			continue
		}
		aboves, belows := v[cell], v[match]
		for pass := range min(len(aboves), len(belows)) {
			above, below := aboves[pass], belows[pass]
			if above.rate == 0 || below.rate == 0 {
				continue
			}
			key := [3]int{above.server, below.server}
			if above.server == 0 || below.server == 0 { // unknown starts
				key = [3]int{0, 0, pass}
			}
			if _, there := groups[key]; !there {
				groups[key] = len(groups)
			}
			all = append(all, ratio{
				Ratio: stats.Ratio{Log: math.Log(above.rate / below.rate), Took: math.Sqrt(above.took * below.took), Group: groups[key]},
				cell:  cell, pass: pass,
			})
		}
	}
	return all
}

// of returns the ratios of cells for which so is true.
func of(all []ratio, so func(bench.Cell) bool) []ratio {
	var some []ratio
	for _, r := range all {
		if so(r.cell) {
			some = append(some, r)
		}
	}
	return some
}

func bare(all []ratio) []stats.Ratio {
	ratios := make([]stats.Ratio, len(all))
	for i, r := range all {
		ratios[i] = r.Ratio
	}
	return ratios
}

// extent counts the points and passes that ratios come from.
func extent(all []ratio) (points, passes int) {
	cells, seen := map[bench.Cell]bool{}, map[int]bool{}
	for _, r := range all {
		cells[r.cell], seen[r.pass] = true, true
	}
	return len(cells), len(seen)
}

// widest is the largest useful half-width of an interval, as a logarithm: a factor of ten.
var widest = math.Log(10)

// estimate converts a pooled effect of ratios, with its interval at 1 - alpha.
func estimate(p stats.Pooled, ratios []ratio, alpha float64) Estimate {
	lo, hi := p.Interval(alpha)
	_, passes := extent(ratios)
	e := Estimate{Ratio: math.Exp(p.Log), Lo: 0, Hi: math.Inf(1), N: p.N, Passes: passes}
	if hi-lo <= 2*widest { // false for NaN
		e.Lo, e.Hi = math.Exp(lo), math.Exp(hi)
	}
	return e
}
