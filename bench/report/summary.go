package report

import (
	"fmt"

	"poolbench/bench"
	"poolbench/bench/journal"
	"poolbench/bench/stats"
)

// summary is what there is of one cell.
type summary struct {
	bench.Result
	measured int // how often; the result is of all
	makespan stats.Center
	metrics  map[string]float64
}

// summarise puts the results of each cell together, in the order of the plan. A
// planned cell without a result has one that is empty.
func summarise(run journal.Run) []summary {
	planned := run.Head.Plan.Planned()
	place := map[bench.Cell]int{}
	merged := make([]bench.Result, len(planned))
	measured := map[bench.Cell]int{}
	for i, cell := range planned {
		place[cell] = i
		merged[i].Cell = cell
	}
	for _, r := range run.Results {
		i, planned := place[r.Cell]
		measured[r.Cell]++
		switch {
		case !planned:
			place[r.Cell] = len(merged)
			merged = append(merged, r)
		case merged[i].Rounds == nil:
			merged[i] = r
		default:
			merged[i] = merged[i].Add(r)
		}
	}
	summaries := make([]summary, len(merged))
	for i, r := range merged {
		summaries[i] = summary{Result: r, measured: measured[r.Cell], metrics: map[string]float64{}}
		summaries[i].makespan, _ = stats.Median(r.Makespans()) // none if no round was whole
		for _, m := range r.Metrics() {
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
