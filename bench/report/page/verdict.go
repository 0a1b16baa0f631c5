package page

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"poolbench/bench"
	"poolbench/bench/journal"
	"poolbench/bench/report"
	"poolbench/bench/report/contrast"
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
	paired := pairedOf(all)
	const remedy = "rounds in turn (make bench-paired) take that out."
	switch {
	case paired > 0 && paired < len(all):
		return fmt.Sprintf("%d of %s are from rounds in turn; of the others, whose cells were measured %s, a difference may be what the machine did meanwhile.",
			paired, count(len(all), "point"), inWhatOrder(run))
	case paired > 0:
		return "The rounds of both were done in turn, and no difference is claimed that is smaller than the base's from itself."
	case run.Head.Plan.Interleaved:
		return "What the machine did meanwhile is spread over all cells, as they were measured " + inWhatOrder(run) + "; " + remedy
	case slices.ContainsFunc(all, contrast.Contrast.Differs):
		return "A difference may be what the machine did meanwhile, as cells were measured " + inWhatOrder(run) + "; " + remedy
	}
	return "What the machine did meanwhile may hide one, as cells were measured " + inWhatOrder(run) + "; " + remedy
}

// pairedOf counts the points that are from rounds in turn.
func pairedOf(all []contrast.Contrast) int {
	paired := 0
	for _, c := range all {
		if c.Paired {
			paired++
		}
	}
	return paired
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
	rest := others(by)
	if len(faster)+len(slower) == 0 && unshown > 0 {
		text := fmt.Sprintf("Between %s and %s there is no difference that this run can show, at any of %s", pool, base, count(unshown, "point"))
		return text + rest + "."
	}
	if len(faster)+len(slower) == 0 {
		return fmt.Sprintf("Whether %s or %s is faster this run cannot say of %s%s.", pool, base, count(len(all), "point"), rest)
	}
	var parts []string
	for _, way := range []struct {
		word   string
		points []contrast.Contrast
	}{{"faster", faster}, {"slower", slower}} {
		if len(way.points) == 0 {
			continue
		}
		where := fmt.Sprintf("at %d", len(way.points))
		if parts == nil {
			where = fmt.Sprintf("than %s at %d of %s", object, len(way.points), count(len(all), "point"))
		}
		parts = append(parts, fmt.Sprintf("%s %s (%s)", way.word, where, most(way.points)))
	}
	text := fmt.Sprintf("By throughput, %s %s", subject, strings.Join(parts, " and "))
	if unshown > 0 {
		text += fmt.Sprintf("; at %d there is no difference that this run can show", unshown)
	}
	return text + rest + "."
}

// others counts the points of which nothing can be said, by why.
func others(by map[bench.Verdict][]contrast.Contrast) string {
	text := ""
	for _, why := range []struct {
		verdict bench.Verdict
		says    string
	}{
		{bench.TooFew, "too few rounds for so many points"},
		{bench.NotCompared, "no rounds without a failure on both sides"},
		{bench.NoFloor, "no noise floor"},
	} {
		if n := len(by[why.verdict]); n > 0 {
			text += fmt.Sprintf("; %d had %s", n, why.says)
		}
	}
	return text
}

// most names the largest of some differences in one direction, with its interval.
func most(some []contrast.Contrast) string {
	c := slices.MaxFunc(some, func(a, b contrast.Contrast) int {
		return cmp.Compare(math.Abs(math.Log(a.Ratio)), math.Abs(math.Log(b.Ratio)))
	})
	where := c.Point() + ": " + contrast.Interval(c.Comparison)
	if len(some) == 1 {
		return where
	}
	return "most for " + where
}

// things counts the cells and pairs of a plan.
func things(cells, pairs int) string {
	switch {
	case pairs == 0:
		return count(cells, "cell")
	case cells == 0:
		return count(pairs, "pair")
	}
	return count(cells, "cell") + " and " + count(pairs, "pair")
}

// lost counts what was done, and what of it failed.
type lost struct {
	ops, failed, warmUp int
	things              int // cells and pairs with an op that failed, but for the warm-up
	reasons             map[string]int
}

// take counts what came of a cell or a pair.
func (l *lost) take(results ...bench.Result) {
	before := l.failed
	for _, r := range results {
		good, bad := r.Ops()
		l.ops, l.failed, l.warmUp = l.ops+good+bad, l.failed+bad, l.warmUp+r.WarmUpFailed
		for failure, n := range r.Failures() {
			l.reasons[failure.String()] += n
		}
	}
	if l.failed > before {
		l.things++
	}
}

// worst is the reason that came most, the first of them by name.
func (l *lost) worst() string {
	return slices.MaxFunc(slices.Sorted(maps.Keys(l.reasons)), func(a, b string) int { return cmp.Compare(l.reasons[a], l.reasons[b]) })
}

// whatFailed counts ops and names the reason that came most.
func whatFailed(run journal.Run, totals []journal.Total) string {
	l := lost{reasons: map[string]int{}}
	skipped := len(run.Head.Plan.Pairs) - len(run.Pairs)
	for _, t := range totals {
		l.take(t.Result)
		if t.Outcome() == bench.Skipped {
			skipped++
		}
	}
	for _, p := range run.Pairs {
		l.take(p.Sides()...)
	}
	planned := things(len(totals), len(run.Head.Plan.Pairs))
	text := fmt.Sprintf("All %s that were done succeeded.", count(l.ops, "op"))
	switch {
	case l.ops == 0:
		text = "Nothing was measured."
	case l.ops == 1 && l.failed == 0:
		text = "The one op that was done succeeded."
	case l.failed > 0:
		worst := l.worst()
		text = fmt.Sprintf("Of %s %s failed, in %d of %s; most often, %s: %s.", count(l.ops, "op"), grouped(l.failed), l.things, planned, count(l.reasons[worst], "time"), worst)
	}
	if l.warmUp > 0 {
		text += fmt.Sprintf(" Of the warm-up %s failed.", count(l.warmUp, "op"))
	}
	if skipped > 0 {
		text += fmt.Sprintf(" Of %s %d not measured: %s.", planned, skipped, report.WhyNot(run))
	}
	return text
}
