package page

import (
	"fmt"
	"slices"

	"poolbench/bench/internal/digits"
	"poolbench/bench/journal"
	"poolbench/bench/report/reference"
	"poolbench/bench/stats"
)

// then is a cell in the reference table and in the run.
type then struct{ Cell, Then, Failed, Now, NowFailed string }

// thens are the cells that the reference table could have.
func thens(run journal.Run) []then {
	var all []then
	for _, t := range run.Totals() {
		if !slices.Contains([]string{"thread", "process"}, t.Cell.Pool) {
			continue
		}
		row, ok := reference.Lookup(t.Cell)
		line := then{Cell: t.Cell.String(), Then: "missing", Now: "–"}
		if ok {
			line.Failed = fmt.Sprint(row.Failed)
			line.Then = fmt.Sprintf("%.3g s", row.Seconds)
			if !row.Moved() {
				line.Then = "nothing was moved"
			}
		}
		if mean, err := stats.Mean(t.Latencies()); err == nil { // some succeeded
			line.Now = digits.Duration(mean)
		}
		_, failed := t.Ops()
		line.NowFailed = fmt.Sprint(failed)
		all = append(all, line)
	}
	return all
}
