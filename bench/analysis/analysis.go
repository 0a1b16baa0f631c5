package analysis

import (
	"math"

	"poolbench/bench"
	"poolbench/bench/journal"
)

// Analysis is a run, finished or not, with what it shows.
type Analysis struct {
	journal.Run
	Axes   []bench.Axis    // the table of axes, of which a writer shows what the cells have
	Totals []journal.Total // of each planned cell, in the order of the plan
	// Passes is how many passes are whole, and Looked the last of them that the
	// intervals take into account: see looks.
	Passes, Looked int
	Effects        []Effect
	Points         []Point
	Workers        []Workers
	// Verdict is the answer in five sentences at most.
	Verdict []string

	summaries []Summary // nil if they were not asked for yet
}

// Estimate is a ratio with its interval.
type Estimate struct {
	// Ratio is a throughput ÷ another: 1.08 is 8 % more in the same time.
	Ratio float64
	// Lo and Hi bound it; they are 0 and +Inf if there are too few values.
	Lo, Hi float64
	N      int // log ratios: one for each point and pass
	Passes int // that they are of
}

// Bounded reports whether there is an interval.
func (e Estimate) Bounded() bool { return e.N > 0 && e.Lo > 0 && !math.IsInf(e.Hi, 1) }

// HalfWidth is half the width of the interval, as a share: that of its logarithm.
func (e Estimate) HalfWidth() float64 {
	if !e.Bounded() {
		return math.Inf(1)
	}
	return math.Log(e.Hi/e.Lo) / 2
}

// Within is the farther end of the interval from 1, as a share: both sides are alike
// within it.
func (e Estimate) Within() float64 { return max(math.Abs(e.Hi-1), math.Abs(1-e.Lo)) }

// Excludes reports whether the interval lies on one side of a ratio.
func (e Estimate) Excludes(ratio float64) bool {
	return e.Bounded() && (e.Lo > ratio || e.Hi < ratio)
}

// Effect is a pool against the base, over all points of an op or of one level.
type Effect struct {
	Op         bench.Op
	Pool, Base string
	// Axis and Level say of which points it is: "clients" and "50"; both are empty
	// for all of the op.
	Axis, Level string
	Points      int
	// Estimate is of the pool's throughput ÷ the base's. Of an op, it holds together
	// with those of all ops and pools: a difference is claimed if it excludes 1. Of a
	// level it is by itself.
	Estimate
	// StandsOut reports whether the level differs from the other levels of its axis,
	// after correction. Never of an op.
	StandsOut bool

	p      float64  // of not standing out
	others Estimate // of the other levels of the axis
}

// Whole reports whether the effect is of all of an op.
func (e Effect) Whole() bool { return e.Axis == "" }

// Point is a pool against the base at one point of the matrix.
type Point struct {
	Cell bench.Cell // with the pool
	Base string
	// Estimate is of the point by itself, with the spread that its op's ratios have.
	Estimate
	// StandsOut reports whether the point differs from the effect of its op, after
	// correction for all points; P is the p-value of that, corrected.
	StandsOut bool
	P         float64
}

// Workers is how many workers are enough for an op and a number of clients.
type Workers struct {
	Op      bench.Op
	Clients int
	// Enough is the smallest number of workers whose throughput is within the run's
	// precision of the best, as estimated. Certain says that the intervals leave no
	// other answer. It is 0 if no two numbers of workers could be compared.
	Enough  int
	Certain bool
	Levels  []Level // ascending
}

// Level is one number of workers.
type Level struct {
	Workers int
	// Estimate is of its throughput ÷ the best number's, pooled over volumes and
	// pools; it is exactly 1 of the best.
	Estimate
	Best bool
	// Wait is the median time that a client waited for a worker, in nanoseconds; 0 if
	// nothing succeeded.
	Wait float64
}

// At returns the level of the number of workers that is enough; the zero Level if
// there is none.
func (w Workers) At() Level {
	for _, l := range w.Levels {
		if l.Workers == w.Enough {
			return l
		}
	}
	return Level{}
}

// Settled reports whether the answer is as precise as asked for: certain, or each number
// of workers that is not certainly worse is bounded closely. One that nothing can be
// compared with is left out.
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
