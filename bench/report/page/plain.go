package page

import (
	"cmp"
	"fmt"
	"slices"

	"poolbench/bench/analysis"
	"poolbench/bench/internal/digits"
	"poolbench/bench/journal"
	"poolbench/bench/report"
	"poolbench/bench/report/reference"
	"poolbench/bench/stats"
)

// plainTable is a table of texts, without sorting or links.
type plainTable struct {
	Caption string
	Columns []column
	Rows    []plainRow
}

type plainRow struct {
	Found  bool // it says something
	Fields []string
}

// effects is the table of the effects.
func effects(a *analysis.Analysis) plainTable {
	t := plainTable{Caption: fmt.Sprintf("Throughput of each pool against %s, in the same pass", a.Head.Plan.Base)}
	for _, c := range report.EffectColumns() {
		t.Columns = append(t.Columns, column{Head: c.Head, Word: c.Word})
	}
	if !report.HasEffects(a) {
		return t
	}
	for _, e := range a.Effects {
		r := plainRow{Found: report.Finding(e) != ""}
		for _, c := range report.EffectColumns() {
			text := c.Text(e)
			if !c.Word {
				text = cmp.Or(text, none)
			}
			r.Fields = append(r.Fields, text)
		}
		t.Rows = append(t.Rows, r)
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

// referenceTable is the table of the cells that the reference table could have.
func referenceTable(totals []journal.Total) plainTable {
	table := plainTable{
		Caption: "Mean time of a client's op",
		Columns: []column{{Head: "cell", Word: true}, {Head: "then"}, {Head: "clients that failed"}, {Head: "now"}, {Head: "ops that failed"}},
	}
	for _, t := range totals {
		if !slices.Contains([]string{"thread", "process"}, t.Cell.Pool) {
			continue
		}
		then, thenFailed, now := "missing", "", none
		if row, ok := reference.Lookup(t.Cell); ok {
			thenFailed = fmt.Sprint(row.Failed)
			then = fmt.Sprintf("%.3g s", row.Seconds)
			if !row.Moved() {
				then = "nothing was moved"
			}
		}
		if mean, err := stats.Mean(t.Latencies()); err == nil { // some succeeded
			now = digits.Duration(mean)
		}
		_, failed := t.Ops()
		table.Rows = append(table.Rows, plainRow{Fields: []string{t.Cell.String(), then, thenFailed, now, fmt.Sprint(failed)}})
	}
	return table
}
