package analysis

import (
	"time"

	"poolbench/bench"
	"poolbench/bench/journal"
)

// The shares of stats.Alpha for the kinds of claims: that a pool differs from the base over
// an op, that a level stands out, and that a point does. Points get half, because they are
// many: with a share of 0.3, one point at which a pool moved 30 % more was found in 35 to
// 49 % of simulated runs, and with half in 42 to 53 %.
const (
	shareOfOps    = 0.35
	shareOfLevels = 0.15
	shareOfPoints = 0.5
)

// interim is the part of a run that a look includes, and the share of stats.Alpha that the
// look may spend.
type interim struct {
	visits []bench.Result
	passes int     // number of whole passes in the run
	wholes []int   // the same in each of joined runs
	pass   int     // last pass that the look includes
	spends float64 // share of stats.Alpha
}

// interimOf returns the latest look at a run. There is a look when the first pass is whole,
// when the run has taken twice as long as at the previous look and half of its time is
// left, and at its end. An interrupted run has a look at its last whole pass, because it
// may be resumed and end again. When a share t of the time is over, the looks may have
// spent t² of stats.Alpha in all (K. Lan, D. DeMets, Discrete Sequential Boundaries for Clinical
// Trials, Biometrika 70, 1983; the square is of K. Kim, D. DeMets, Biometrika 74, 1987).
// Each look spends what earlier ones have left. By Bonferroni's inequality all looks
// together are then wrong with a probability of at most alpha, however they depend on each
// other.
//
// Ending a run when its intervals are narrow enough costs nothing, because their width
// decides and not their position (Y. Chow, H. Robbins, On the Asymptotic Theory of Fixed-Width
// Sequential Confidence Intervals for the Mean, Annals of Mathematical Statistics 36,
// 1965).
//
// Of joined runs each has its own looks. What is claimed of all of them may be wrong as
// often as what is claimed by the look that may spend least.
func interimOf(run journal.Run) interim {
	if run.Parts != nil {
		return interimOfParts(run.Parts)
	}
	plan := run.Head.Plan
	took := times(run)
	now := interim{passes: len(took)}
	finished := run.Unfinished() == ""
	var spent time.Duration
	var looked float64 // share of the time at the previous look
	for i, t := range took {
		spent += t
		share := shareOf(plan, i+1, spent)
		planned := i == 0 || share >= 2*looked && share <= 0.5
		last := i == len(took)-1
		if last && finished || !planned && !(last && run.Ended) {
			continue // the end of a finished run spends what is left
		}
		now.pass, now.spends = i+1, share*share-looked*looked
		looked = share
	}
	if finished {
		now.pass, now.spends = len(took), 1-looked*looked
		now.visits = run.Results
		return now
	}
	for _, r := range run.Results {
		if r.Pass <= now.pass {
			now.visits = append(now.visits, r)
		}
	}
	return now
}

func interimOfParts(parts []journal.Part) interim {
	all := interim{spends: 1}
	for _, p := range parts {
		at := interimOf(p.Run)
		if at.pass > 0 {
			all.visits, all.spends = append(all.visits, p.Counted(at.visits)...), min(all.spends, at.spends)
		}
		all.passes, all.pass = all.passes+at.passes, max(all.pass, at.pass)
		all.wholes = append(all.wholes, at.passes)
	}
	return all
}

// shareOf returns which share of a run's time is over.
func shareOf(plan journal.Plan, pass int, spent time.Duration) float64 {
	share := 1.0
	switch {
	case plan.Passes > 0:
		share = float64(pass) / float64(plan.Passes)
	case plan.Budget > 0:
		share = spent.Seconds() / plan.Budget.Seconds()
	}
	return min(1, share)
}

// times returns the duration of each whole pass. The first is whole when it has every cell.
// Only the schedule knows which points a later pass should have, so that one is whole when
// the next has begun, or when the run is finished.
func times(run journal.Run) []time.Duration {
	cells := map[bench.Cell]bool{}
	var took []time.Duration
	for _, r := range run.Results {
		for len(took) < r.Pass {
			took = append(took, 0)
		}
		if r.Pass > 0 {
			took[r.Pass-1] += r.Took
		}
		if r.Pass == 1 {
			cells[r.Cell] = true
		}
	}
	if len(cells) < len(run.Head.Plan.Cells) {
		return nil
	}
	if len(took) > 1 && run.Unfinished() != "" {
		took = took[:len(took)-1]
	}
	return took
}
