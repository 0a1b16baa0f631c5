package stats

import (
	"math"
	"slices"

	"golang.org/x/perf/benchmath"
)

// Center is a median with its interval.
type Center struct {
	Median float64
	// Lo and Hi bound the median of what the values were drawn from, at
	// [Confidence] or more, whatever its distribution: they are two of the
	// values, chosen by the binomial distribution of how many lie below the
	// median, which from 31 values on is approximated. One of them may be a value
	// nearer to the median than the other, if that is enough. One of them at least
	// is infinite if there are fewer than six.
	Lo, Hi float64
	N      int // values
}

// Bounded reports whether there were values enough for an interval.
func (c Center) Bounded() bool { return !math.IsInf(c.Lo, 0) && !math.IsInf(c.Hi, 0) }

// IntervalNeeds returns how many values the interval of a median needs: the
// smallest n with 1 - 2/2^n of at least [Confidence], where 2/2^n is the
// probability that all n values are on one side of the median. It is 6.
func IntervalNeeds() int { return int(math.Ceil(1 - math.Log2(1-Confidence))) }

// Median returns the median of values, which is the mean of the middle two if
// their number is even, and its interval.
func Median(values []float64) (Center, error) {
	center, _, err := median(values)
	return center, err
}

// median returns the warnings too, of which there is one if Center is not bounded.
func median(values []float64) (Center, []error, error) {
	if err := check(values); err != nil {
		return Center{}, nil, err
	}
	sample := benchmath.NewSample(slices.Clone(values), &benchmath.DefaultThresholds)
	summary := benchmath.AssumeNothing.Summary(sample, Confidence)
	return Center{Median: summary.Center, Lo: summary.Lo, Hi: summary.Hi, N: len(values)}, summary.Warnings, nil
}
