package analysis

import (
	"time"

	"poolbench/bench"
	"poolbench/bench/journal"
	"poolbench/bench/stats"
)

// alpha is the probability that anything is claimed, at any look, that is not so.
const alpha = 1 - stats.Confidence

// The shares of alpha that the kinds of claims have: that a pool differs from the
// base over an op, that a level stands out from the others, and that a point does. Half
// is for the points, as they are so many: with 0.3 of it, one at which a pool moved 30 %
// more was found in 35 to 49 % of simulated runs, and with half in 42 to 53 %.
const (
	shareOfOps    = 0.35
	shareOfLevels = 0.15
	shareOfPoints = 0.5
)

// interim is what of a run is looked at, and what of alpha that look may spend.
type interim struct {
	visits []bench.Result
	passes int     // whole ones in the run
	pass   int     // the last that is looked at
	spends float64 // share of alpha
}

// lookAt finds the look that a run is at. A run is looked at when its first pass is
// whole, when it has taken twice as long as at the look before and half of its time is
// left, and at its end. One that was broken off is looked at as of its last whole pass,
// as it may be resumed and end again. When a
// share t of its time is over, the looks may have spent t² of alpha in all (K. Lan,
// D. DeMets, Discrete Sequential Boundaries for Clinical Trials, Biometrika 70, 1983;
// the square is of K. Kim, D. DeMets, Biometrika 74, 1987). Each spends what the ones
// before have left, so that by Bonferroni's inequality all looks together are wrong
// with a probability of at most alpha, however they depend on each other.
//
// That a run ends when its intervals are narrow enough costs nothing: it goes by their
// width alone, and not by where they are (Y. Chow, H. Robbins, On the Asymptotic Theory
// of Fixed-Width Sequential Confidence Intervals for the Mean, Annals of Mathematical
// Statistics 36, 1965).
func interimOf(run journal.Run) interim {
	plan := run.Head.Plan
	took := times(run)
	now := interim{passes: len(took)}
	var spent time.Duration
	var looked float64 // share of the time at the last look
	for i, t := range took {
		spent += t
		share := shareOf(plan, i+1, spent)
		planned := i == 0 || share >= 2*looked && share <= 0.5
		last := i == len(took)-1
		if last && run.Ended && run.Why == "" || !planned && !(last && run.Ended) {
			continue // the end has what is left
		}
		now.pass, now.spends = i+1, share*share-looked*looked
		looked = share
	}
	if run.Ended && run.Why == "" {
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

// shareOf is the share of a run's time that is over.
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

// times returns how long each whole pass took. The first is whole when it has every
// cell. A later one is when the next has begun, or the run has ended by itself: which
// points it was to have is for the schedule to know.
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
	if len(took) > 1 && (!run.Ended || run.Why != "") {
		took = took[:len(took)-1]
	}
	return took
}
