package report

import (
	"fmt"

	"poolbench/bench"
	"poolbench/bench/analysis"
	"poolbench/bench/journal"
	"poolbench/bench/stats"
)

// summary is what there is of one cell.
type summary struct {
	journal.Total
	makespan stats.Summary
	metrics  map[string]float64
	warnings []bench.Warning
}

// summarise returns a summary of each cell, in the order of the plan.
func summarise(a *analysis.Analysis) []summary {
	summaries := make([]summary, len(a.Totals))
	for i, t := range a.Totals {
		summaries[i] = summary{Total: t, metrics: map[string]float64{}, warnings: t.Warnings(a.Head.Machine())}
		summaries[i].makespan, _ = stats.Summarize(t.Makespans()) // none if no round was whole
		for _, m := range t.Metrics() {
			summaries[i].metrics[m.Unit] = m.Value
		}
	}
	return summaries
}

// notes are those of the result and what its numbers call for.
func (s summary) notes() []string {
	if share, ok := s.StorageShare(); ok && share > 0.5 {
		return append(s.Notes, fmt.Sprintf("the storage took %.0f %% of the transfer time: read this as the disk's speed rather than the pool's", 100*share))
	}
	return s.Notes
}
