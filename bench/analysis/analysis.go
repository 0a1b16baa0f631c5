package analysis

import (
	"fmt"
	"math"

	"poolbench/bench"
	"poolbench/bench/journal"
	"poolbench/bench/stats"
)

// Analysis is a run, finished or not, and what it shows. A writer must not change it.
type Analysis struct {
	journal.Run
	Axes   []bench.Axis    // the table of axes; see Shown
	Totals []journal.Total // of each cell, in the order of the plan
	// Passes is the number of whole passes, of all runs. Looked is the last pass that the
	// intervals include, of several runs the largest: see interimOf.
	Passes, Looked int
	// Wholes are the whole passes of each of several runs, as Parts; nil for a single run.
	Wholes  []int
	Effects []Effect
	Points  []Point
	Workers []Workers
	// Verdict is the answer, in at most five sentences. Joined runs may have one more: what
	// is not compared.
	Verdict []string

	summaries []Summary // nil until first asked for
}

// Estimate is a ratio of throughputs with its interval.
type Estimate struct {
	// Ratio is one throughput ÷ another: 1.08 means 8 % more in the same time.
	Ratio float64
	// Lo and Hi bound the ratio. They are 0 and +Inf if there are too few values.
	Lo, Hi float64
	N      int // number of log ratios: one per point and pass
	Passes int // number of passes that these are from
}

// Bounded reports whether there is an interval.
func (e Estimate) Bounded() bool { return e.N > 0 && e.Lo > 0 && !math.IsInf(e.Hi, 1) }

// HalfWidth is half the width of the interval of the logarithm, so it is a share.
func (e Estimate) HalfWidth() float64 {
	if !e.Bounded() {
		return math.Inf(1)
	}
	return math.Log(e.Hi/e.Lo) / 2
}

// Within is the distance from 1 to the farther end of the interval, as a share: the two
// sides are alike within it.
func (e Estimate) Within() float64 { return max(math.Abs(e.Hi-1), math.Abs(1-e.Lo)) }

// Excludes reports whether the whole interval lies on one side of ratio.
func (e Estimate) Excludes(ratio float64) bool {
	return e.Bounded() && (e.Lo > ratio || e.Hi < ratio)
}

// Effect compares a pool with the base, over all points of an op or of one level.
type Effect struct {
	Op         bench.Op
	Pool, Base string
	// Axis and Level select the points, such as "clients" and "50". Both are empty for a
	// whole op.
	Axis, Level string
	Points      int
	// Estimate is the pool's throughput ÷ the base's. Intervals of whole ops hold jointly,
	// for all ops and pools: a difference is claimed if the interval excludes 1. That of a
	// level holds by itself.
	Estimate
	// StandsOut is set if a level differs from the other levels of its axis, after
	// correction. It is never set for a whole op.
	StandsOut bool

	p      float64  // of not standing out
	others Estimate // of the other levels of the axis
}

// Whole reports whether the effect is of a whole op.
func (e Effect) Whole() bool { return e.Axis == "" }

// Point compares a pool with the base at one point.
type Point struct {
	Cell bench.Cell // with the pool
	Base string
	// Estimate is of this point alone, with the spread of its op's ratios.
	Estimate
	// StandsOut is set if the point differs from the effect of its op, after correction
	// for all points. P is the corrected p-value of that difference.
	StandsOut bool
	P         float64
}

// Workers says how many workers are enough for an op and a number of clients.
type Workers struct {
	Op      bench.Op
	Clients int
	// Enough is the smallest number of workers whose estimated throughput is within the
	// run's precision of the best. It is 0 if no two numbers of workers could be compared.
	// Certain is set if the intervals leave no other answer.
	Enough  int
	Certain bool
	Levels  []Level // ascending
}

// Level is one number of workers.
type Level struct {
	Workers int
	// Estimate is its throughput ÷ that of the best number, pooled over volumes and pools.
	// For the best it is exactly 1.
	Estimate
	Best bool
	// Wait is the median time that a client waited for a worker, in nanoseconds; 0 if no op
	// succeeded.
	Wait float64
}

// At returns the level of Enough; the zero Level if there is none.
func (w Workers) At() Level {
	for _, l := range w.Levels {
		if l.Workers == w.Enough {
			return l
		}
	}
	return Level{}
}

// Settled reports whether the answer is precise enough: it is certain, or the interval of
// every level that is not certainly worse is narrow. Levels without ratios do not count.
func (w Workers) Settled(precision float64) bool {
	if w.Certain {
		return true
	}
	for _, l := range w.Levels {
		if !l.Best && l.N > 0 && l.Hi >= 1-precision && l.HalfWidth() > precision {
			return false
		}
	}
	return true
}

// Summary is what a run shows about one cell.
type Summary struct {
	journal.Total
	Makespan stats.Summary      // of the whole rounds, in nanoseconds; N is 0 if there are none
	Values   map[string]float64 // metrics by unit
	Warned   []bench.Warning
	Limit    Limit // zero if unknown
}

// Summaries returns the summaries of Totals, in their order. They are computed on the first
// call, so calls must not be concurrent.
func (a *Analysis) Summaries() []Summary {
	if a.summaries == nil {
		a.summaries = make([]Summary, len(a.Totals))
		for i, t := range a.Totals {
			s := Summary{Total: t, Values: map[string]float64{}, Warned: t.Warnings(a.Head.Machine())}
			s.Limit, _ = LimitOf(t.Result, a.Head.Machine())
			s.Makespan, _ = stats.Summarize(t.Makespans()) // none if no round was whole
			for _, m := range t.Metrics() {
				s.Values[m.Unit] = m.Value
			}
			a.summaries[i] = s
		}
	}
	return a.summaries
}

// Remarks returns the notes of the visits, and a warning if the storage was the limit.
func (s Summary) Remarks() []string {
	if share, ok := s.StorageShare(); ok && share > most {
		return append(s.Notes, fmt.Sprintf("the storage took %.0f %% of the transfer time: read this as the disk's speed rather than the pool's", 100*share))
	}
	return s.Notes
}
