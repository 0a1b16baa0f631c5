package analysis

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"poolbench/bench"
	"poolbench/bench/internal/digits"
	"poolbench/protocol"
)

// verdict answers the run's questions in at most five sentences: each pool against the base
// per op, what that depends on, how many workers are enough, and what failed or needs
// caution.
func (a *Analysis) verdict() []string {
	var lines []string
	switch {
	case a.Head.Plan.Count > 0:
		lines = append(lines, "Pools are not compared: the cells were measured one after the other (-benchtime or -count), so that what the machine did meanwhile is in every difference.")
	case a.Looked == 0:
		lines = append(lines, "Nothing is compared yet: the first pass is not whole.")
	default:
		for _, op := range bench.Ops() {
			lines = append(lines, a.aboutOp(op)...)
		}
		lines = append(lines, a.aboutParts()...)
		lines = append(lines, a.aboutWorkers()...)
		if a.Looked == 1 && len(lines) > 0 {
			lines[0] = "First impressions, of one pass: " + lines[0]
		}
		lines = append(lines, a.aboutRuns()...)
	}
	return append(lines, a.aboutFailures())
}

// plural names a pool's members.
func plural(pool string) string {
	switch pool {
	case protocol.PoolThread, protocol.PoolGoroutine:
		return pool + "s"
	case protocol.PoolProcess:
		return "processes"
	}
	return pool + " servers"
}

// aboutOp compares each pool with the base.
func (a *Analysis) aboutOp(op bench.Op) []string {
	var parts []string
	for _, e := range a.Effects {
		if e.Whole() && e.Op == op {
			parts = append(parts, e.sentence())
		}
	}
	if parts == nil {
		return nil
	}
	return []string{fmt.Sprintf("%ss: %s.", title(op), strings.Join(parts, "; "))}
}

func title(op bench.Op) string { return strings.ToUpper(string(op[:1])) + string(op[1:]) }

// sentence states the effect.
func (e Effect) sentence() string {
	pool, base := plural(e.Pool), plural(e.Base)
	of := fmt.Sprintf("%s in %s", digits.Count(e.Points, "point"), digits.Count(e.Passes, "pass"))
	switch {
	case e.N == 0:
		return fmt.Sprintf("%s and %s cannot be compared, as no point has a round of both without a failure", pool, base)
	case !e.Bounded():
		return fmt.Sprintf("%s and %s were measured side by side too rarely to compare", pool, base)
	case e.Within() > unclear && !e.Excludes(1):
		return fmt.Sprintf("%s and %s cannot be told apart yet (%s move %s, %s; %s)", pool, base, pool, more(e.Ratio), bounds(e.Estimate), of)
	case e.Excludes(1):
		return fmt.Sprintf("%s move %s than %s in the same time (%s; %s)", pool, more(e.Ratio), base, bounds(e.Estimate), of)
	}
	return fmt.Sprintf("%s and %s are alike within %s (%s move %s, %s; %s)", pool, base, digits.Percent(e.Within()), pool, more(e.Ratio), bounds(e.Estimate), of)
}

// unclear is the distance between pools, as a share, beyond which "alike within" is no
// answer.
const unclear = 0.25

// more formats a ratio as a difference from 1: 3.1 % more.
func more(ratio float64) string {
	if ratio < 1 {
		return digits.Percent(1-ratio) + " less"
	}
	return digits.Percent(ratio-1) + " more"
}

// bounds formats an interval: −1.0 … +5.2 %.
func bounds(e Estimate) string {
	if !e.Bounded() {
		return "too few for an interval"
	}
	return digits.ChangeNumber(e.Lo) + " … " + digits.Change(e.Hi)
}

// aboutParts names what stands out from the effect of its op: levels, then points, the
// farthest first.
func (a *Analysis) aboutParts() []string {
	var levels []Effect
	for _, e := range a.Effects {
		if e.StandsOut {
			levels = append(levels, e)
		}
	}
	var points []Point
	for _, p := range a.Points {
		if p.StandsOut {
			points = append(points, p)
		}
	}
	if len(levels)+len(points) == 0 {
		if len(a.Points) > 1 {
			return []string{"That depends on nothing that stands out: no number of clients or workers, no volume, and no single point."}
		}
		return nil
	}
	slices.SortStableFunc(levels, func(x, y Effect) int { return cmp.Compare(x.p, y.p) })
	slices.SortStableFunc(points, func(x, y Point) int {
		return cmp.Compare(math.Abs(math.Log(y.Ratio)), math.Abs(math.Log(x.Ratio)))
	})
	const maxNamed = 3
	var parts []string
	for _, e := range levels[:min(maxNamed, len(levels))] {
		parts = append(parts, fmt.Sprintf("for %ss %s %s move %s than %s (%s), and %s elsewhere",
			e.Op, e.where(), plural(e.Pool), more(e.Ratio), plural(e.Base), bounds(e.Estimate), more(e.others.Ratio)))
	}
	for i, p := range points {
		if i == maxNamed {
			parts = append(parts, fmt.Sprintf("%d more", len(points)-maxNamed))
			break
		}
		parts = append(parts, fmt.Sprintf("%s: %s move %s (%s)", p.Where(), plural(p.Cell.Pool), more(p.Ratio), bounds(p.Estimate)))
	}
	return []string{"It depends: " + strings.Join(parts, "; ") + "."}
}

// where says which points an effect covers.
func (e Effect) where() string {
	if e.Axis == volumeAxis {
		return "of " + e.Level
	}
	if e.Level == "1" {
		return "with 1 " + strings.TrimSuffix(e.Axis, "s")
	}
	return fmt.Sprintf("with %s %s", e.Level, e.Axis)
}

// Where describes the point in words.
func (p Point) Where() string {
	text := fmt.Sprintf("%s of %s, %s, %s", p.Cell.Op, digits.Size(p.Cell.Volume), digits.Count(p.Cell.Clients, "client"), digits.Count(p.Cell.Workers, "worker"))
	if p.Cell.ClientPool != "" {
		text += fmt.Sprintf(", %s clients", p.Cell.ClientPool)
	}
	return text
}

// aboutWorkers says how many workers are enough, per op and number of clients.
func (a *Analysis) aboutWorkers() []string {
	var parts []string
	for _, op := range bench.Ops() {
		var answers []string
		for _, w := range a.Workers {
			if w.Op == op {
				answers = append(answers, w.sentence())
			}
		}
		if answers != nil {
			parts = append(parts, fmt.Sprintf("for %ss %s", op, strings.Join(answers, ", ")))
		}
	}
	if parts == nil {
		return nil
	}
	return []string{"Enough workers are, " + strings.Join(parts, "; ") + "."}
}

// sentence says how many workers are enough, and how the next smaller number compares or,
// if there is none, how far this one is from the best.
func (w Workers) sentence() string {
	clients := digits.Count(w.Clients, "client")
	i := slices.IndexFunc(w.Levels, func(l Level) bool { return l.Workers == w.Enough })
	if i < 0 {
		return fmt.Sprintf("not known for %s", clients)
	}
	how := ""
	if !w.Certain {
		how = "probably "
	}
	text := fmt.Sprintf("%s%d for %s (", how, w.Enough, clients)
	switch here := w.Levels[i]; {
	case i > 0 && w.Levels[i-1].Bounded():
		less := w.Levels[i-1]
		text += fmt.Sprintf("%d move %s than the best, %s", less.Workers, more(less.Ratio), bounds(less.Estimate))
	case here.Best:
		last := w.Levels[len(w.Levels)-1]
		text += fmt.Sprintf("the best; %d move %s, %s", last.Workers, more(last.Ratio), bounds(last.Estimate))
	default:
		text += fmt.Sprintf("%s than with the best, %s", more(here.Ratio), bounds(here.Estimate))
	}
	return text + w.waiting(i) + ")"
}

// waiting says how much shorter the wait is with the largest number of workers, if that is
// worth mentioning.
func (w Workers) waiting(i int) string {
	const worth, long = 5, 10e6 // a factor; nanoseconds
	here, last := w.Levels[i].Wait, w.Levels[len(w.Levels)-1]
	if last.Workers == w.Enough || here < long || last.Wait <= 0 || here < worth*last.Wait {
		return ""
	}
	return fmt.Sprintf("; with %d the wait is %s, not %s", last.Workers, digits.Duration(last.Wait), digits.Duration(here))
}

// aboutRuns says what joined runs cannot compare: for each axis on which they have
// different levels, the levels of each run.
func (a *Analysis) aboutRuns() []string {
	var axes []string
	for _, axis := range a.Axes {
		var runs []string
		for _, p := range a.Parts {
			var levels []string
			for _, c := range a.cells() {
				level := cmp.Or(axis.Value(c), "unknown")
				if slices.Contains(p.Head.Plan.Cells, c) && !slices.Contains(levels, level) {
					levels = append(levels, level)
				}
			}
			if text := strings.Join(levels, ", "); !slices.Contains(runs, text) {
				runs = append(runs, text)
			}
		}
		if len(runs) > 1 {
			axes = append(axes, axis.Head+" "+strings.Join(runs, " / "))
		}
	}
	if axes == nil {
		return nil
	}
	return []string{"Cells of different runs are not compared, as they were not measured next to each other: " + strings.Join(axes, "; ") + "."}
}

// aboutFailures counts ops and names the most frequent reason, and the most important
// warning.
func (a *Analysis) aboutFailures() string {
	ops, failed, warmUp, skipped := 0, 0, 0, 0
	reasons := map[string]int{}
	for _, t := range a.Totals {
		good, bad := t.Ops()
		ops, failed, warmUp = ops+good+bad, failed+bad, warmUp+t.WarmUpFailed
		for failure, n := range t.Failures() {
			reasons[failure.String()] += n
		}
		if t.Outcome() == bench.Skipped {
			skipped++
		}
	}
	text := fmt.Sprintf("All %s succeeded", digits.Count(ops, "op"))
	switch {
	case ops == 0:
		text = "Nothing was measured"
	case failed > 0:
		text = fmt.Sprintf("Of %s %d failed", digits.Count(ops, "op"), failed)
		if worst := worst(reasons); worst != "" {
			text += fmt.Sprintf(", most often, %s, with %s", digits.Count(reasons[worst], "time"), worst)
		}
	}
	if warmUp > 0 {
		text += fmt.Sprintf("; of the warm-up %s failed", digits.Count(warmUp, "op"))
	}
	if skipped > 0 {
		text += fmt.Sprintf("; %d of %s not measured: %s", skipped, digits.Count(len(a.Totals), "cell"), cmp.Or(a.Unfinished(), "the run ended before them"))
	}
	return text + a.aboutWarnings() + a.aboutLimits() + "."
}

// aboutLimits names what held most cells back, and the next after it.
func (a *Analysis) aboutLimits() string {
	counts := map[string]int{}
	for _, s := range a.Summaries() {
		if s.Limit.Word != "" {
			counts[string(s.Limit.Word)]++
		}
	}
	var named []string
	for len(named) < 2 && len(counts) > 0 {
		word := worst(counts)
		if word == "" {
			break
		}
		named = append(named, fmt.Sprintf("%s in %d", word, counts[word]))
		delete(counts, word)
	}
	if named == nil {
		return ""
	}
	named[0] += " of " + digits.Count(len(a.Totals), "cell")
	return "; the limit was " + strings.Join(named, ", ")
}

// worst returns the most frequent reason; of several the first by name.
func worst(reasons map[string]int) string {
	worst := ""
	for reason, n := range reasons {
		if n > reasons[worst] || n == reasons[worst] && reason < worst {
			worst = reason
		}
	}
	return worst
}

// aboutWarnings names the most important warning, if it concerns enough cells.
func (a *Analysis) aboutWarnings() string {
	counts := map[bench.WarningKind]int{}
	for _, s := range a.Summaries() {
		for _, w := range s.Warned {
			counts[w.Kind]++
		}
	}
	for _, w := range a.Head.Warnings {
		counts[w.Kind] += len(a.Totals)
	}
	cells := digits.Count(len(a.Totals), "cell")
	for _, known := range []struct {
		kind bench.WarningKind
		says string
	}{
		{bench.MachineBusy, "but the machine was busy before the run"},
		{bench.Stalled, fmt.Sprintf("but something stood still in rounds of %d of %s, which are in no estimate", counts[bench.Stalled], cells)},
		{bench.Steal, fmt.Sprintf("but a hypervisor took CPU time in %d of %s", counts[bench.Steal], cells)},
		{bench.LoadSaturated, fmt.Sprintf("but the clients were the limit in %d of %s", counts[bench.LoadSaturated], cells)},
		{bench.SharedCores, "and server and clients shared their processors, so that the server alone is faster"},
	} {
		if n := counts[known.kind]; n > 0 && (n >= len(a.Totals)/10 || known.kind == bench.Stalled) {
			return ", " + known.says
		}
	}
	return ""
}
