package report

import (
	"fmt"
	"slices"
	"strings"

	"poolbench/bench"
	"poolbench/bench/internal/digits"
	"poolbench/bench/journal"
	"poolbench/bench/stats"
)

// comparison is what there is of one pair.
type comparison struct {
	bench.Compared
	base, pool stats.Center // makespans, of the pairs of rounds without a failure
	warnings   []bench.Warning
}

// compare compares the pairs of a run, in the order of the plan. A planned pair
// that was not measured has a comparison that is empty.
func compare(run journal.Run) []comparison {
	measured := map[bench.Cell]bench.Compared{}
	for _, c := range run.Compare() {
		measured[c.Cell] = c
	}
	comparisons := make([]comparison, len(run.Head.Plan.Pairs))
	for i, cell := range run.Head.Plan.PlannedPairs() {
		c, ok := measured[cell]
		if !ok {
			c = bench.Compared{Pair: bench.Pair{Cell: cell, Base: run.Head.Plan.Base}}
		}
		base, pool := c.Makespans()
		comparisons[i].Compared = c
		comparisons[i].base, _ = stats.Median(base) // none if no pair of rounds was whole
		comparisons[i].pool, _ = stats.Median(pool)
		comparisons[i].warnings = pairWarnings(c.Pair, run.Head.Machine())
	}
	return comparisons
}

var pairColumns = []columnOf[comparison]{
	{"op", func(c comparison) string { return string(c.Cell.Op) }},
	{"volume", func(c comparison) string { return c.Cell.Volume.String() }},
	{"clients", func(c comparison) string { return fmt.Sprint(c.Cell.Clients) }},
	{"workers", func(c comparison) string { return fmt.Sprint(c.Cell.Workers) }},
	{"pool", func(c comparison) string { return c.Cell.Pool }},
	{"rounds", func(c comparison) string { return fmt.Sprint(c.Rounds()) }},
	{"base makespan", func(c comparison) string { return orNone(c.N > 0, digits.Duration(c.base.Median)) }},
	{"makespan", func(c comparison) string { return orNone(c.N > 0, digits.Duration(c.pool.Median)) }},
	{"ratio", func(c comparison) string { return orNone(c.N > 0, factor(c.Ratio)) }},
	{"95 % interval", func(c comparison) string { return orNone(c.Bounded(), factor(c.Lo)+" … "+factor(c.Hi)) }},
	{"p (Holm)", func(c comparison) string { return orNone(c.N > 0 && !c.Same(), digits.P(c.PHolm)) }},
	{"floor", func(c comparison) string { return orNone(c.Floor > 0, factor(c.Floor)) }},
	{"warn", func(c comparison) string { return orNone(len(c.warnings) > 0, letters(c.warnings)) }},
	{"verdict", comparison.verdict},
}

// pairColumnsOf are the columns that a run's table of pairs has.
func pairColumnsOf(comparisons []comparison) []columnOf[comparison] {
	if slices.ContainsFunc(comparisons, func(c comparison) bool { return c.Cell.ClientPool != "" }) {
		return slices.Insert(slices.Clone(pairColumns), 4,
			columnOf[comparison]{"client pool", func(c comparison) string { return string(c.Cell.ClientPool) }})
	}
	return pairColumns
}

// pairLegend explains the table of pairs.
func pairLegend(base string) string {
	return fmt.Sprintf(`rounds: pairs of rounds, one of the pool and one of %[1]s, which is the base, in the order ABBA BAAB.
base makespan, makespan: medians over those without a failure. ratio: throughput of the pool ÷ that of
%[1]s, by the Hodges–Lehmann estimate, and its interval, which needs 6 of them and is for this pair
alone. p (Holm): of Wilcoxon's signed-rank test, corrected for all pairs of the run. floor: the farther
end from 1 of the interval of %[1]s against itself; no difference is claimed that is smaller, nor with
a p above 0.05.`, base)
}

// pairRemarks are what there is to say of single pairs, a line each.
func pairRemarks(run journal.Run, comparisons []comparison) []string {
	lines := pairsWarned(comparisons)
	for _, c := range comparisons {
		if c.Outcome() == bench.Skipped {
			lines = append(lines, fmt.Sprintf("skipped: %s: %s", pairName(c.Pair), WhyNot(run)))
		}
		for i, side := range c.Sides() {
			of := fmt.Sprintf("%s: %s", pairName(c.Pair), sideName(c.Pair, i))
			for _, reason := range side.Reasons() {
				lines = append(lines, fmt.Sprintf("failed: %s: %s", of, reason))
			}
			if side.ServerFailed > 0 {
				lines = append(lines, fmt.Sprintf("server: %s: %s", of, strings.Join(side.ServerSaid(), ", ")))
			}
			for _, note := range summaryOf(side).notes() {
				lines = append(lines, fmt.Sprintf("note: %s: %s", of, note))
			}
		}
	}
	return lines
}

func pairName(p bench.Pair) string { return fmt.Sprintf("%v against %s", p.Cell, p.Base) }

// sideName tells the sides apart that Sides returns.
func sideName(p bench.Pair, i int) string {
	return []string{"the base, " + p.Base, "the pool, " + p.Cell.Pool}[i]
}

// PairLine says in a line, to who waits for the end of the run, what came of a
// pair. There is no verdict before all of them are measured.
func PairLine(p bench.Pair) string {
	text := fmt.Sprintf("%s: %d rounds", pairName(p), p.Rounds())
	c := bench.Compare([]bench.Pair{p}, 0)[0]
	if _, failed := p.Ops(); failed > 0 {
		text += fmt.Sprintf(", %d of them without a failure", c.N)
	}
	if c.N == 0 {
		return text
	}
	text += ", ratio " + factor(c.Ratio)
	if c.Bounded() {
		text += fmt.Sprintf(" (%s … %s)", factor(c.Lo), factor(c.Hi))
	}
	return text
}
