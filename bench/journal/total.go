package journal

import "poolbench/bench"

// Total is all that a run measured of a cell.
type Total struct {
	bench.Result     // of all visits; without rounds if there were none
	Measured     int // visits
}

// Totals returns one for each cell, in the order of the plan, those of cells that
// had not been planned behind them. What was planned and not measured is there
// too.
func (r Run) Totals() []Total {
	var totals []Total
	place := map[bench.Cell]int{}
	of := func(c bench.Cell) *Total {
		i, there := place[c]
		if !there {
			i = len(totals)
			place[c] = i
			totals = append(totals, Total{Result: bench.Result{Cell: c}})
		}
		return &totals[i]
	}
	for _, c := range r.Head.Plan.Cells {
		of(c)
	}
	rounds, notes := map[bench.Cell][]bench.Round{}, map[bench.Cell][]string{}
	for _, result := range r.Results {
		// Put together at the end: of thousands of visits each would be copied again.
		rounds[result.Cell] = append(rounds[result.Cell], result.Rounds...)
		notes[result.Cell] = append(notes[result.Cell], result.Notes...)
		result.Rounds, result.Notes = nil, nil
		total := of(result.Cell)
		if total.Measured++; total.Measured == 1 {
			total.Result = result
		} else {
			total.Result = total.Add(result)
		}
	}
	for i := range totals {
		totals[i].Rounds, totals[i].Notes = rounds[totals[i].Cell], notes[totals[i].Cell]
	}
	return totals
}
