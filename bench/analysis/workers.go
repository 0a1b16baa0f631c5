package analysis

import (
	"math"
	"slices"

	"poolbench/bench"
	"poolbench/bench/journal"
	"poolbench/bench/stats"
)

// workersOf answers how many workers are enough, for each op and number of clients.
func (a *Analysis) workersOf(all visits, look looking) []Workers {
	var answers []Workers
	for _, op := range bench.Ops() {
		for _, clients := range levelsOf(a.cells(), op, func(c bench.Cell) int { return c.Clients }) {
			if w, ok := a.workers(all, look, op, clients); ok {
				answers = append(answers, w)
			}
		}
	}
	return answers
}

// levelsOf returns the levels that the cells of an op have, ascending.
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

// workers compares each number of workers with the best, which is the one with the
// greatest estimate. The intervals of one answer hold together.
func (a *Analysis) workers(all visits, look looking, op bench.Op, clients int) (Workers, bool) {
	cells := slices.DeleteFunc(a.cells(), func(c bench.Cell) bool { return c.Op != op || c.Clients != clients })
	numbers := levelsOf(cells, op, func(c bench.Cell) int { return c.Workers })
	w := Workers{Op: op, Clients: clients}
	if len(numbers) < 2 {
		return w, false
	}
	against := func(n, other int) (stats.Pooled, int, error) {
		ratios := all.compare(cells, func(c bench.Cell) (bench.Cell, bool) {
			match := c
			match.Workers = other
			return match, c.Workers == n
		})
		_, passes := extent(ratios)
		pooled, err := stats.Pool(bare(ratios))
		return pooled, passes, err
	}
	best, most := numbers[0], 0.0
	for _, n := range numbers[1:] {
		pooled, _, err := against(n, numbers[0])
		if err != nil {
			return w, true
		}
		if pooled.Log > most {
			best, most = n, pooled.Log
		}
	}
	each := alpha / float64(len(numbers)-1) * look.spends
	for _, n := range numbers {
		level := Level{Workers: n, Wait: a.wait(op, clients, n)}
		if level.Best = n == best; level.Best {
			level.Estimate = Estimate{Ratio: 1, Lo: 1, Hi: 1}
		} else if pooled, passes, err := against(n, best); err == nil {
			level.Estimate = estimate(pooled, each, passes)
		}
		w.Levels = append(w.Levels, level)
	}
	w.decide(a.Head.Plan.Precision)
	return w, true
}

// decide finds the smallest number of workers that is near the best.
func (w *Workers) decide(precision float64) {
	near := 1 - precision
	for _, l := range w.Levels {
		switch {
		case l.Best || l.Bounded() && l.Lo >= near:
			w.Enough, w.Certain = l.Workers, true
			return
		case l.Ratio >= near:
			w.Enough = l.Workers
			return
		}
	}
}

// wait is the median wait of the ops that succeeded, of all pools and volumes.
func (a *Analysis) wait(op bench.Op, clients, workers int) float64 {
	var waits []float64
	for _, t := range a.Totals {
		if t.Cell.Op == op && t.Cell.Clients == clients && t.Cell.Workers == workers {
			for _, s := range t.Succeeded() {
				waits = append(waits, float64(s.Wait()))
			}
		}
	}
	middle, err := stats.Quantiles(waits, 0.5)
	if err != nil {
		return 0
	}
	return middle[0]
}

// vague reports whether a point has a cell whose median is not known precisely enough,
// for a run with nothing to compare.
func (a *Analysis) vague(precision float64) func(point bench.Cell) bool {
	vague := map[bench.Cell]bool{}
	for _, t := range a.Totals {
		center, err := stats.Median(t.Makespans())
		wide := err != nil || !center.Bounded() || math.Log(center.Hi/center.Lo)/2 > precision
		if wide && !hopeless(t) {
			point := t.Cell
			point.Pool = ""
			vague[point] = true
		}
	}
	return func(point bench.Cell) bool { return vague[point] }
}

// hopeless reports whether a cell was visited as often as a run without a success is
// worth it.
func hopeless(t journal.Total) bool {
	ok, _ := t.Ops()
	return ok == 0 && t.Measured >= 3
}
