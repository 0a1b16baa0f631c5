package page

import (
	"fmt"
	"slices"

	"poolbench/bench/internal/digits"
	"poolbench/bench/journal"
	"poolbench/bench/report/reference"
	"poolbench/bench/stats"
)

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
		table.Rows = append(table.Rows, plainRow{Fields: []field{
			{Text: t.Cell.String(), Word: true}, {Text: then}, {Text: thenFailed}, {Text: now}, {Text: fmt.Sprint(failed)},
		}})
	}
	return table
}
