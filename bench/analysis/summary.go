package analysis

import (
	"fmt"

	"poolbench/bench"
	"poolbench/bench/journal"
	"poolbench/bench/stats"
)

// Summary is what a run shows of one cell.
type Summary struct {
	journal.Total
	Makespan stats.Summary      // of the whole rounds, in nanoseconds; its N is 0 if there is none
	Values   map[string]float64 // of the metrics, by unit
	Warned   []bench.Warning
}

// Summaries returns one for each of Totals. They are computed when they are first asked
// for.
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

// storageLimit is the share of the transfer time from which on the storage is the limit.
const storageLimit = 0.5

// Remarks are the notes of the visits and what the numbers call for.
func (s Summary) Remarks() []string {
	if share, ok := s.StorageShare(); ok && share > storageLimit {
		return append(s.Notes, fmt.Sprintf("the storage took %.0f %% of the transfer time: read this as the disk's speed rather than the pool's", 100*share))
	}
	return s.Notes
}
