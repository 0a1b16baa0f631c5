package report

import (
	"fmt"
	"slices"

	"poolbench/bench/analysis"
	"poolbench/bench/internal/digits"
)

// Known reports whether there is a ratio. An effect has none if both pools were visited
// only once. A known ratio may still lack an interval.
func Known(e analysis.Estimate) bool { return e.N > 0 && e.Ratio > 0 }

// Change writes an estimate as a change: +3.1 %. It is empty if the ratio is not known.
func Change(e analysis.Estimate) string {
	if !Known(e) {
		return ""
	}
	return digits.Change(e.Ratio)
}

// Interval writes the interval of an estimate: +1.0 … +5.2 %. It is empty if there is none.
func Interval(e analysis.Estimate) string {
	if !e.Bounded() {
		return ""
	}
	return digits.ChangeNumber(e.Lo) + " … " + digits.Change(e.Hi)
}

// Estimated writes an estimate with its interval and the number of ratios behind it.
func Estimated(e analysis.Estimate) string {
	of := fmt.Sprintf("of %s in %s", digits.Count(e.N, "ratio"), digits.Count(e.Passes, "pass"))
	switch {
	case e.N == 0:
		return "nothing to compare"
	case !Known(e):
		return "too little to compare"
	case !e.Bounded():
		return Change(e) + ", " + of + ", too few for an interval"
	}
	return fmt.Sprintf("%s, 95 %% interval %s, %s", Change(e), Interval(e), of)
}

// Scope names the points that an effect covers: all, or clients=50.
func Scope(e analysis.Effect) string {
	if e.Whole() {
		return "all"
	}
	return e.Axis + "=" + e.Level
}

// Finding returns what an effect shows: "faster" or "slower" for a whole op, "stands out"
// for a level. It is empty if the effect shows nothing.
func Finding(e analysis.Effect) string {
	switch {
	case e.StandsOut:
		return "stands out"
	case !e.Whole() || !e.Excludes(1):
		return ""
	case e.Ratio > 1:
		return "faster"
	}
	return "slower"
}

// HasEffects reports whether there are effects to show. A run paced by the testing package
// has none.
func HasEffects(a *analysis.Analysis) bool { return a.Head.Plan.Count == 0 && len(a.Effects) > 0 }

// EffectColumns returns the columns of the table of effects. With several bases each effect
// names its own.
func EffectColumns(a *analysis.Analysis) []Column[analysis.Effect] {
	columns := []Column[analysis.Effect]{
		{"op", func(e analysis.Effect) string { return string(e.Op) }, true},
		{"of", Scope, true},
		{"pool", func(e analysis.Effect) string { return e.Pool }, true},
		{"points", func(e analysis.Effect) string { return fmt.Sprint(e.Points) }, false},
		{"passes", func(e analysis.Effect) string { return fmt.Sprint(e.Passes) }, false},
		{"throughput", func(e analysis.Effect) string { return Change(e.Estimate) }, false},
		{"95 % interval", func(e analysis.Effect) string { return Interval(e.Estimate) }, false},
		{"finding", Finding, true},
	}
	if len(bases(a)) > 1 {
		columns = slices.Insert(columns, 3, Column[analysis.Effect]{"base", func(e analysis.Effect) string { return e.Base }, true})
	}
	return columns
}

// Base names what pools are compared with: its pool, or that it is one of several.
func Base(a *analysis.Analysis) string {
	if of := bases(a); len(of) == 1 {
		return of[0]
	} else if len(of) > 1 {
		return "its base"
	}
	return a.Head.Plan.Base
}

func bases(a *analysis.Analysis) []string {
	var all []string
	for _, e := range a.Effects {
		if !slices.Contains(all, e.Base) {
			all = append(all, e.Base)
		}
	}
	return all
}

// EffectLegend explains the table of effects.
func EffectLegend(a *analysis.Analysis) string {
	return fmt.Sprintf(`throughput: the pool against %s in the same pass, over all points of an op, or over those of one level.
The intervals of "all" hold jointly: a pool is faster or slower if its interval excludes 0. The interval of
a level holds by itself. A level stands out if it differs from the other levels of its axis, after correction.`, Base(a))
}
