package report

import (
	"cmp"
	"fmt"

	"poolbench/bench/analysis"
)

var effectColumns = []columnOf[analysis.Effect]{
	{"op", func(e analysis.Effect) string { return string(e.Op) }, true},
	{"of", Of, true},
	{"pool", func(e analysis.Effect) string { return e.Pool }, true},
	{"points", func(e analysis.Effect) string { return fmt.Sprint(e.Points) }, false},
	{"passes", func(e analysis.Effect) string { return fmt.Sprint(e.Passes) }, false},
	{"throughput", func(e analysis.Effect) string { return cmp.Or(Change(e.Estimate), "-") }, false},
	{"95 % interval", func(e analysis.Effect) string { return cmp.Or(Interval(e.Estimate), "-") }, false},
	{"finding", func(e analysis.Effect) string { return cmp.Or(Finding(e), "-") }, true},
}

// effectLegend explains the table of effects.
func effectLegend(base string) string {
	return fmt.Sprintf(`throughput: that of the pool against that of %s in the same pass, over all points of an op, or of one level.
The intervals of "all" hold together, and the pool is faster or slower where one excludes 0. The interval of
a level holds by itself. A level stands out if it differs from the others of its axis, corrected for all of them.`, base)
}

// verdictLines are those of the verdict, as they stand below the tables.
func verdictLines(a *analysis.Analysis) []string {
	lines := make([]string, len(a.Verdict))
	for i, line := range a.Verdict {
		lines[i] = "verdict: " + line
	}
	return lines
}
