package stats

import (
	"fmt"
	"math"
	"slices"

	"golang.org/x/perf/benchmath"
	"gonum.org/v1/gonum/stat"
)

// Center is a median with its interval.
type Center struct {
	Median float64
	// Lo and Hi bound the median of the distribution that the values come from, whatever
	// it is, at [Confidence] or more. They are two of the values, chosen by the binomial
	// distribution of the number of values below the median, which is approximated from 31
	// values on. One may be nearer to the median than the other. With fewer values than
	// [IntervalNeeds] at least one is infinite.
	Lo, Hi float64
	N      int // number of values
}

// Bounded reports whether there were enough values for an interval.
func (c Center) Bounded() bool { return !math.IsInf(c.Lo, 0) && !math.IsInf(c.Hi, 0) }

// IntervalNeeds returns how many values the interval of a median needs: the smallest n with
// 1 - 2/2ⁿ of at least [Confidence], where 2/2ⁿ is the probability that all n values are
// on one side of the median. It is 6.
func IntervalNeeds() int { return int(math.Ceil(1 - math.Log2(Alpha))) }

// Median returns the median of values, with its interval. If their number is even, the
// median is the mean of the middle two.
func Median(values []float64) (Center, error) {
	if err := check(values); err != nil {
		return Center{}, err
	}
	sample := benchmath.NewSample(slices.Clone(values), &benchmath.DefaultThresholds)
	summary := benchmath.AssumeNothing.Summary(sample, Confidence)
	return Center{Median: summary.Center, Lo: summary.Lo, Hi: summary.Hi, N: len(values)}, nil
}

// Quantiles returns the quantiles of values at each p in [0, 1], however few values there
// are. They invert the empirical distribution: the smallest value with a share of at least
// p at or below it, so always a measured value (type 1 of R. Hyndman, Y. Fan, Sample
// Quantiles in Statistical Packages, The American Statistician 50, 1996).
func Quantiles(values []float64, ps ...float64) ([]float64, error) {
	if err := check(values); err != nil {
		return nil, err
	}
	sorted := slices.Sorted(slices.Values(values))
	quantiles := make([]float64, len(ps))
	for i, p := range ps {
		quantiles[i] = stat.Quantile(p, stat.Empirical, sorted, nil)
	}
	return quantiles, nil
}

// QuantileNeeds returns how many values support the p quantile: the smallest n with 1 - p^n
// of at least [Confidence], where p^n is the probability that all n values are below the
// true quantile, so that even the largest says nothing about it. Below one half the same
// goes for the smallest value. The median needs 5, p90 29, p95 59 and p99 299. This is for
// independent values; dependent ones, such as the latencies of a round, need at least as
// many. It panics if p is not between 0 and 1.
func QuantileNeeds(p float64) int {
	if !(p > 0 && p < 1) {
		panic(fmt.Sprintf("stats: the %v quantile: p must be between 0 and 1", p))
	}
	return int(math.Ceil(math.Log(Alpha) / math.Log(max(p, 1-p))))
}
