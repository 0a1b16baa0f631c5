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

// plainTable is a table of texts that is neither sorted nor linked.
type plainTable struct {
	Caption string
	Columns []column
	Rows    []plainRow
}

type plainRow struct {
	Found  bool // it is highlighted
	Fields []string
}

// effects returns the table of effects.
func effects(a *analysis.Analysis) plainTable {
	t := plainTable{Caption: fmt.Sprintf("Throughput of each pool against %s, in the same pass", report.Base(a))}
	columns := report.EffectColumns(a)
	for _, c := range columns {
		t.Columns = append(t.Columns, column{Head: c.Head, Word: c.Word})
	}
	if !report.HasEffects(a) {
		return t
	}
	for _, e := range a.Effects {
		r := plainRow{Found: report.Finding(e) != ""}
		for _, c := range columns {
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

// noEffects returns why there are no effects.
func noEffects(a *analysis.Analysis) string {
	switch {
	case report.HasEffects(a):
		return ""
	case a.Head.Plan.Count > 0:
		return "The testing package paced this run, so cells were measured one after another. Every ratio would include what the machine did in between, so there are no effects."
	case len(a.Results) == 0:
		return "Nothing was measured yet."
	}
	return "No pool was compared with another."
}

// referenceTable returns a table of this run's cells beside those of the reference table. It
// has the cells of the pools that the reference table knows.
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
				then = "moved nothing"
			}
		}
		if mean, err := stats.Mean(t.Latencies()); err == nil { // some ops succeeded
			now = digits.Duration(mean)
		}
		_, failed := t.Ops()
		table.Rows = append(table.Rows, plainRow{Fields: []string{t.Cell.String(), then, thenFailed, now, fmt.Sprint(failed)}})
	}
	return table
}
