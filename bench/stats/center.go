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

// walsh returns the k-th smallest, from 1, of the Walsh averages of values that
// are sorted: the n(n+1)/2 averages of every two, each with itself too (J. Walsh,
// Some Significance Tests for the Median, Annals of Mathematical Statistics 20,
// 1949). It does not make them, as 10⁵ rounds have 5·10⁹.
func walsh(sorted []float64, k int) float64 {
	return bisect(sorted[0], sorted[len(sorted)-1], func(limit float64) bool { return walshUpTo(sorted, limit) >= k })
}

// bisect returns the least number in [low, high] that is reached, if each above it
// is too, as high has to be. It halves the range until there is no number between
// its ends.
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

// walshUpTo counts the Walsh averages that are at most limit.
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
