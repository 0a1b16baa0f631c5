package stats

import (
	"math"
	"slices"

	"golang.org/x/perf/benchmath"
)

// Center is a median with its interval.
type Center struct {
	Median float64
	// Lo and Hi bound the median of the distribution that the values are from, whatever it
	// is, at [Confidence] or more. They are two of the values, chosen by the binomial
	// distribution of the number of values below the median, which is approximated from 31
	// values on. If it suffices, one of them may be nearer to the median than the other.
	// With fewer than six values at least one is infinite.
	Lo, Hi float64
	N      int // number of values
}

// Bounded reports whether there were enough values for an interval.
func (c Center) Bounded() bool { return !math.IsInf(c.Lo, 0) && !math.IsInf(c.Hi, 0) }

// IntervalNeeds returns how many values the interval of a median needs: the smallest n with
// 1 - 2/2^n of at least [Confidence], where 2/2^n is the probability that all n values are
// on one side of the median. It is 6.
func IntervalNeeds() int { return int(math.Ceil(1 - math.Log2(1-Confidence))) }

// Median returns the median of values, with its interval. If their number is even, the
// median is the mean of the middle two.
func Median(values []float64) (Center, error) {
	center, _, err := median(values)
	return center, err
}

// median is Median with warnings: one if the Center is not bounded.
func median(values []float64) (Center, []error, error) {
	if err := check(values); err != nil {
		return Center{}, nil, err
	}
	sample := benchmath.NewSample(slices.Clone(values), &benchmath.DefaultThresholds)
	summary := benchmath.AssumeNothing.Summary(sample, Confidence)
	return Center{Median: summary.Center, Lo: summary.Lo, Hi: summary.Hi, N: len(values)}, summary.Warnings, nil
}

// walsh returns the k-th smallest, from 1, of the Walsh averages of sorted values: the
// n(n+1)/2 averages of every two, including each with itself (J. Walsh, Some Significance
// Tests for the Median, Annals of Mathematical Statistics 20, 1949). It does not compute
// them all: 10⁵ rounds have 5·10⁹.
func walsh(sorted []float64, k int) float64 {
	return bisect(sorted[0], sorted[len(sorted)-1], func(limit float64) bool { return walshUpTo(sorted, limit) >= k })
}

// bisect returns the smallest number in [low, high] for which reached is true. reached must
// be true for high, and for every number above one for which it is true. The range is
// halved until no number lies between its ends.
func bisect(low, high float64, reached func(limit float64) bool) float64 {
	if reached(low) {
		return low
	}
	for {
		mid := low + (high-low)/2
		if mid <= low || mid >= high {
			return high
		}
		if reached(mid) {
			high = mid
		} else {
			low = mid
		}
	}
}

// walshUpTo counts the Walsh averages up to limit.
func walshUpTo(sorted []float64, limit float64) int {
	count, j := 0, len(sorted)-1
	for i, v := range sorted {
		for j >= i && (v+sorted[j])/2 > limit {
			j--
		}
		if j < i {
			break
		}
		count += j - i + 1
	}
	return count
}
