package page

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"poolbench/bench"
	"poolbench/bench/internal/digits"
	"poolbench/bench/journal"
	"poolbench/bench/report"
	"poolbench/bench/report/contrast"
	"poolbench/bench/stats"
)

// verdict answers the question of a run in three sentences: which pool wins where,
// how many workers are enough, what failed. None says more than the intervals do.
func verdict(run journal.Run, all []contrast.Contrast) []string {
	totals := run.Totals()
	return []string{whichPool(run, all), howManyWorkers(run.AsCells().Totals()), whatFailed(run, totals)}
}

// whichPool counts the points at which a pool differs from the base.
func whichPool(run journal.Run, all []contrast.Contrast) string {
	if len(all) == 0 {
		return "Which pool is faster this run cannot say: it has no point at which two were measured."
	}
	var parts []string
	pools := map[string][]contrast.Contrast{}
	for _, c := range all {
		pools[c.Cell.Pool] = append(pools[c.Cell.Pool], c)
	}
	for _, pool := range poolsOf(all) {
		parts = append(parts, aboutPool(pools[pool]))
	}
	return strings.Join(parts, " ") + " " + caveatOf(run, all)
}

// caveatOf says what else than the pools may be in the differences, or hide them.
func caveatOf(run journal.Run, all []contrast.Contrast) string {
	const remedy = "rounds in turn (make bench-paired) take that out."
	switch {
	case !slices.ContainsFunc(all, func(c contrast.Contrast) bool { return !c.Paired }):
		return "The rounds of both were done in turn, and no difference is claimed that is smaller than the base's from itself."
	case run.Head.Plan.Interleaved:
		return "What the machine did meanwhile is spread over all cells, as they were measured " + inWhatOrder(run) + "; " + remedy
	case slices.ContainsFunc(all, contrast.Contrast.Differs):
		return "A difference may be what the machine did meanwhile, as cells were measured " + inWhatOrder(run) + "; " + remedy
	}
	return "What the machine did meanwhile may hide one, as cells were measured " + inWhatOrder(run) + "; " + remedy
}

// inWhatOrder says how the cells were measured, which have no pairs.
func inWhatOrder(run journal.Run) string {
	if run.Head.Plan.Interleaved {
		return "a round at a time in an order that was drawn"
	}
	return "one after the other"
}

func poolsOf(all []contrast.Contrast) []string {
	var pools []string
	for _, c := range all {
		if !slices.Contains(pools, c.Cell.Pool) {
			pools = append(pools, c.Cell.Pool)
		}
	}
	return pools
}

// aboutPool is whichPool of one pool.
func aboutPool(all []contrast.Contrast) string {
	pool, base := all[0].Cell.Pool, all[0].Base
	subject, object := fmt.Sprintf("pool %s is", pool), base
	if !all[0].Paired { // of cells it is not known that it was the pool
		subject, object = fmt.Sprintf("the cells of %s were", pool), "those of "+base
	}
	by := map[bench.Verdict][]contrast.Contrast{}
	for _, c := range all {
		by[c.Verdict] = append(by[c.Verdict], c)
	}
	faster, slower := by[bench.Faster], by[bench.Slower]
	unshown := len(by[bench.NoDifference]) + len(by[bench.WithinFloor])
	rest := len(all) - len(faster) - len(slower) - unshown
	if len(faster)+len(slower) == 0 && unshown > 0 {
		text := fmt.Sprintf("Between %s and %s there is no difference that this run can show, at any of %s", pool, base, count(unshown, "point"))
		return text + others(rest) + "."
	}
	if len(faster)+len(slower) == 0 {
		return fmt.Sprintf("Whether %s or %s is faster this run cannot say: at none of %s are there rounds enough without a failure.", pool, base, count(len(all), "point"))
	}
	var parts []string
	if len(faster) > 0 {
		parts = append(parts, fmt.Sprintf("faster than %s at %d of %s (%s)", object, len(faster), count(len(all), "point"), most(faster)))
	}
	if len(slower) > 0 {
		parts = append(parts, fmt.Sprintf("slower at %d (%s)", len(slower), most(slower)))
		if len(faster) == 0 {
			parts[0] = fmt.Sprintf("slower than %s at %d of %s (%s)", object, len(slower), count(len(all), "point"), most(slower))
		}
	}
	text := fmt.Sprintf("By throughput, %s %s", subject, strings.Join(parts, " and "))
	if unshown > 0 {
		text += fmt.Sprintf("; at %d there is no difference that this run can show", unshown)
	}
	return text + others(rest) + "."
}

func others(n int) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprintf("; %d had too few rounds without a failure", n)
}

// most names the largest of some differences in one direction, with its interval.
func most(some []contrast.Contrast) string {
	c := slices.MaxFunc(some, func(a, b contrast.Contrast) int {
		return cmp.Compare(math.Abs(math.Log(a.Ratio)), math.Abs(math.Log(b.Ratio)))
	})
	where := c.Point() + ": " + c.Interval()
	if len(some) == 1 {
		return where
	}
	return "most for " + where
}

// howManyWorkers says for each op, at the most clients, what the smallest number of
// workers is whose throughput reaches that of the best, going by the intervals.
func howManyWorkers(totals []journal.Total) string {
	clients := 0
	for _, t := range totals {
		clients = max(clients, t.Cell.Clients)
	}
	var parts []string
	for _, op := range bench.Ops() {
		if text := enoughFor(totals, op, clients); text != "" {
			parts = append(parts, text)
		}
	}
	if parts == nil {
		return "How many workers are enough this run cannot say: it takes two numbers of them, with at least " +
			fmt.Sprintf("%d rounds without a failure each.", stats.IntervalNeeds())
	}
	return fmt.Sprintf("For %s, %s.", count(clients, "client"), strings.Join(parts, "; "))
}

// reach is how many workers are enough in one line of cells that differ in nothing
// else.
type reach struct {
	cell       bench.Cell // with that number
	rate, best stats.Center
	bestOf     int // workers
}

func enoughFor(totals []journal.Total, op bench.Op, clients int) string {
	lines := map[bench.Cell][]journal.Total{}
	var order []bench.Cell
	for _, t := range totals {
		if t.Cell.Op != op || t.Cell.Clients != clients {
			continue
		}
		line := t.Cell
		line.Workers = 0
		if lines[line] == nil {
			order = append(order, line)
		}
		lines[line] = append(lines[line], t)
	}
	var reaches []reach
	for _, line := range order {
		if r, ok := reachOf(lines[line]); ok {
			reaches = append(reaches, r)
		}
	}
	if reaches == nil {
		return ""
	}
	byWorkers := func(a, b reach) int { return cmp.Compare(a.cell.Workers, b.cell.Workers) }
	least, r := slices.MinFunc(reaches, byWorkers), slices.MaxFunc(reaches, byWorkers)
	text := fmt.Sprintf("%ss reach with %s what the best number reaches", op, count(r.cell.Workers, "worker"))
	if least.cell.Workers < r.cell.Workers {
		text = fmt.Sprintf("%ss need %d to %s, by volume and pool, to reach what the best number reaches", op, least.cell.Workers, count(r.cell.Workers, "worker"))
	}
	text += fmt.Sprintf(" (%s, %s: %s", digits.Size(r.cell.Volume), r.cell.Pool, rate(r.rate))
	if r.bestOf == r.cell.Workers {
		return text + ", which is best)"
	}
	return text + fmt.Sprintf("; best with %d: %s)", r.bestOf, rate(r.best))
}

// reachOf finds the smallest number of workers whose interval reaches that of the
// best. It reports false if there are fewer than two numbers with an interval.
func reachOf(line []journal.Total) (reach, bool) {
	var all []reach
	for _, t := range line {
		center, err := stats.Median(rates(t.Result))
		if err == nil && center.Bounded() && t.Cell.Workers > 0 {
			all = append(all, reach{cell: t.Cell, rate: center})
		}
	}
	if len(all) < 2 {
		return reach{}, false
	}
	best := slices.MaxFunc(all, func(a, b reach) int { return cmp.Compare(a.rate.Median, b.rate.Median) })
	slices.SortFunc(all, func(a, b reach) int { return cmp.Compare(a.cell.Workers, b.cell.Workers) })
	i := slices.IndexFunc(all, func(r reach) bool { return r.rate.Hi >= best.rate.Lo })
	r := all[i]
	r.best, r.bestOf = best.rate, best.cell.Workers
	return r, true
}

// rates are the throughputs, in bytes per second, of the rounds without a failure.
func rates(r bench.Result) []float64 {
	var values []float64
	for _, round := range r.Rounds {
		if round.Failed() == 0 && round.Makespan > 0 {
			values = append(values, float64(round.Wire())/round.Makespan.Seconds())
		}
	}
	return values
}

func rate(c stats.Center) string {
	return fmt.Sprintf("%.0f MB/s, %.0f … %.0f", c.Median/1e6, c.Lo/1e6, c.Hi/1e6)
}

// whatFailed counts ops and names the reason that came most.
func whatFailed(run journal.Run, totals []journal.Total) string {
	ops, failed, cells, skipped := 0, 0, 0, 0
	counts := map[string]int{}
	take := func(results ...bench.Result) {
		bad := 0
		for _, r := range results {
			good, lost := r.Ops()
			ops, failed, bad = ops+good+lost, failed+lost, bad+lost
			for failure, n := range r.Failures() {
				counts[failure.String()] += n
			}
		}
		if bad > 0 {
			cells++
		}
	}
	for _, t := range totals {
		take(t.Result)
		if t.Outcome() == bench.Skipped {
			skipped++
		}
	}
	for _, p := range run.Pairs {
		take(p.Sides()...)
	}
	planned := len(totals) + len(run.Head.Plan.Pairs)
	skipped += len(run.Head.Plan.Pairs) - len(run.Pairs)
	text := fmt.Sprintf("All %s that were done succeeded.", count(ops, "op"))
	switch {
	case ops == 0:
		text = "Nothing was measured."
	case failed > 0:
		reasons := make([]string, 0, len(counts))
		for reason := range counts {
			reasons = append(reasons, reason)
		}
		slices.Sort(reasons)
		worst := slices.MaxFunc(reasons, func(a, b string) int { return cmp.Compare(counts[a], counts[b]) })
		text = fmt.Sprintf("Of %s %s failed, in %d of %s; most often, %d times: %s.", count(ops, "op"), grouped(failed), cells, count(planned, "cell"), counts[worst], worst)
	}
	if skipped > 0 {
		text += fmt.Sprintf(" Of %s %d were not measured: %s.", count(planned, "cell"), skipped, report.WhyNot(run))
	}
	return text
}
