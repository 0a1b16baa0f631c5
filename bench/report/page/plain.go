package page

import (
	"cmp"
	"fmt"

	"poolbench/bench/analysis"
	"poolbench/bench/report"
)

// plainTable is a table of texts, without sorting or links.
type plainTable struct {
	Caption string
	Columns []column
	Rows    []plainRow
}

type plainRow struct {
	Found  bool // it says something
	Fields []field
}

// effects is the table of the effects.
func effects(a *analysis.Analysis) plainTable {
	t := plainTable{
		Caption: fmt.Sprintf("Throughput of each pool against %s, in the same pass", a.Head.Plan.Base),
		Columns: []column{{Head: "op", Word: true}, {Head: "of", Word: true}, {Head: "pool", Word: true}, {Head: "points"}, {Head: "passes"}, {Head: "throughput"}, {Head: "95 % interval"}, {Head: "finding", Word: true}},
	}
	if !report.HasEffects(a) {
		return t
	}
	for _, e := range a.Effects {
		t.Rows = append(t.Rows, plainRow{report.Finding(e) != "", []field{
			{Text: string(e.Op), Word: true}, {Text: report.Of(e), Word: true}, {Text: e.Pool, Word: true},
			{Text: fmt.Sprint(e.Points)}, {Text: fmt.Sprint(e.Passes)},
			{Text: cmp.Or(report.Change(e.Estimate), none)}, {Text: cmp.Or(report.Interval(e.Estimate), none)},
			{Text: report.Finding(e), Word: true},
		}})
	}
	return t
}

// noEffects says why there are none.
func noEffects(a *analysis.Analysis) string {
	switch {
	case report.HasEffects(a):
		return ""
	case a.Head.Plan.Count > 0:
		return "The testing package paced this run: cells were measured one after the other. What the machine did meanwhile is in every ratio, so there is no effect."
	case len(a.Results) == 0:
		return "Nothing was measured yet."
	}
	return "No pool was compared with another."
}
