package analysis

import (
	"math"
	"slices"

	"poolbench/bench"
	"poolbench/bench/stats"
)

// workersOf says how many workers are enough, for each op and number of clients.
func (a *Analysis) workersOf(all visits, at interim) []Workers {
	var answers []Workers
	for _, op := range bench.Ops() {
		for _, clients := range levelsOf(a.cells(), op, func(c bench.Cell) int { return c.Clients }) {
			if w, ok := a.workers(all, at, op, clients); ok {
				answers = append(answers, w)
			}
		}
	}
	return answers
}

// levelsOf returns the levels of an op's cells, ascending.
func levelsOf(cells []bench.Cell, op bench.Op, of func(bench.Cell) int) []int {
	var levels []int
	for _, c := range cells {
		if c.Op == op && of(c) > 0 {
			levels = append(levels, of(c))
		}
	}
	slices.Sort(levels)
	return slices.Compact(levels)
}

// workers compares each number of workers with the best, the one with the largest estimate.
// The intervals of one answer hold jointly for all pairs of numbers, so that the choice of
// the best does not matter.
func (a *Analysis) workers(all visits, at interim, op bench.Op, clients int) (Workers, bool) {
	cells := slices.DeleteFunc(a.cells(), func(c bench.Cell) bool { return c.Op != op || c.Clients != clients })
	numbers := levelsOf(cells, op, func(c bench.Cell) int { return c.Workers })
	w := Workers{Op: op, Clients: clients}
	if len(numbers) < 2 {
		return w, false
	}
	against := func(n, other int) []ratio {
		return all.compare(cells, func(c bench.Cell) (bench.Cell, bool) {
			match := c
			match.Workers = other
			return match, c.Workers == n
		})
	}
	best, known := bestOf(numbers, against)
	pairs := float64(len(numbers)*(len(numbers)-1)) / 2
	for _, n := range numbers {
		level := Level{Workers: n, Wait: a.wait(op, clients, n), Best: known && n == best}
		if level.Best {
			level.Estimate = Estimate{Ratio: 1, Lo: 1, Hi: 1}
		} else {
			ratios := against(n, best)
			level.N, level.Hi = len(ratios), math.Inf(1)
			if pooled, err := stats.Pool(bare(ratios)); err == nil {
				level.Estimate = estimate(pooled, ratios, stats.Alpha/pairs*at.spends)
			}
		}
		if a.Parts == nil || level.Best || level.N > 0 { // joined runs may have numbers that never met
			w.Levels = append(w.Levels, level)
		}
	}
	if a.Parts != nil && len(w.Levels) < 2 {
		return w, false
	}
	if known {
		w.decide(a.Head.Plan.Precision)
	}
	return w, true
}

// bestOf returns the number with the largest throughput relative to the first number that
// can be compared with another. It reports false if none can.
func bestOf(numbers []int, against func(n, other int) []ratio) (best int, known bool) {
	for _, reference := range numbers {
		highest := 0.0
		best = reference
		for _, n := range numbers {
			pooled, err := stats.Pool(bare(against(n, reference)))
			if n == reference || err != nil {
				continue
			}
			known = true
			if pooled.Log > highest {
				best, highest = n, pooled.Log
			}
		}
		if known {
			return best, true
		}
	}
	return numbers[0], false
}

// decide finds the smallest number of workers that is near the best. It is certain if no
// smaller one can be near, and no other can be farther ahead than the precision.
func (w *Workers) decide(precision float64) {
	near := 1 - precision
	i := slices.IndexFunc(w.Levels, func(l Level) bool { return l.Best || l.N > 0 && l.Ratio >= near })
	here := w.Levels[i]
	w.Enough, w.Certain = here.Workers, true
	for j, l := range w.Levels {
		switch {
		case j == i:
		case j < i && !(l.Bounded() && l.Hi < near), !l.Best && l.N > 0 && !(l.Hi/here.Lo <= 1/near), l.Best && 1/here.Lo > 1/near:
			w.Certain = false
		}
	}
}

// wait returns the median wait of succeeded ops, over all pools and volumes. It is 0 if no
// wait is known.
func (a *Analysis) wait(op bench.Op, clients, workers int) float64 {
	var waits []float64
	for _, t := range a.Totals {
		if t.Cell.Op == op && t.Cell.Clients == clients && t.Cell.Workers == workers {
			for _, s := range t.Succeeded() {
				if s.FirstByte > 0 {
					waits = append(waits, float64(s.Wait()))
				}
			}
		}
	}
	middle, err := stats.Quantiles(waits, 0.5)
	if err != nil {
		return 0
	}
	return middle[0]
}
