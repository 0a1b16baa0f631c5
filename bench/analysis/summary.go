package analysis

import (
	"fmt"

	"poolbench/bench"
	"poolbench/bench/journal"
	"poolbench/bench/stats"
)

// Summary is what a run shows about one cell.
type Summary struct {
	journal.Total
	Makespan stats.Summary      // of the whole rounds, in nanoseconds; N is 0 if there are none
	Values   map[string]float64 // metrics by unit
	Warned   []bench.Warning
}

// Summaries returns the summaries of Totals, in their order. They are computed on the first
// call, so calls must not be concurrent.
func (a *Analysis) Summaries() []Summary {
	if a.summaries == nil {
		a.summaries = make([]Summary, len(a.Totals))
		for i, t := range a.Totals {
			s := Summary{Total: t, Values: map[string]float64{}, Warned: t.Warnings(a.Head.Machine())}
			s.Makespan, _ = stats.Summarize(t.Makespans()) // none if no round was whole
			for _, m := range t.Metrics() {
				s.Values[m.Unit] = m.Value
			}
			a.summaries[i] = s
		}
	}
	return a.summaries
}

// storageLimit is the share of the transfer time above which the storage is the limit.
const storageLimit = 0.5

// Remarks returns the notes of the visits, and a warning if the storage was the limit.
func (s Summary) Remarks() []string {
	if share, ok := s.StorageShare(); ok && share > storageLimit {
		return append(s.Notes, fmt.Sprintf("the storage took %.0f %% of the transfer time: read this as the disk's speed rather than the pool's", 100*share))
	}
	return s.Notes
}
