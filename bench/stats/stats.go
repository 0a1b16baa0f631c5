package stats

import (
	"errors"
	"math"
	"slices"

	"golang.org/x/perf/benchmath"
	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/stat"
)

// ErrEmpty is returned for a sample without values.
var ErrEmpty = errors.New("stats: no values")

// Confidence is the level of every interval.
const Confidence = 0.95

// Center is a median with its interval.
type Center struct {
	Median float64
	// Lo and Hi bound the median of what the values were drawn from, at
	// [Confidence] or more, whatever its distribution: they are two of the
	// values, chosen by the binomial distribution of how many lie below the
	// median. One of them at least is infinite if there are fewer than six.
	Lo, Hi float64
	N      int // values
}

// Median returns the median of values, which it does not change, and its
// interval.
func Median(values []float64) (Center, error) {
	if len(values) == 0 {
		return Center{}, ErrEmpty
	}
	sample := benchmath.NewSample(slices.Clone(values), &benchmath.DefaultThresholds)
	summary := benchmath.AssumeNothing.Summary(sample, Confidence)
	return Center{Median: summary.Center, Lo: summary.Lo, Hi: summary.Hi, N: len(values)}, nil
}

// Bounded reports whether there were values enough for an interval.
func (c Center) Bounded() bool { return !math.IsInf(c.Lo, 0) && !math.IsInf(c.Hi, 0) }

// Mean returns the arithmetic mean.
func Mean(values []float64) (float64, error) {
	if len(values) == 0 {
		return 0, ErrEmpty
	}
	return stat.Mean(values, nil), nil
}

// Quantiles returns the quantiles of values, which it does not change, at each p
// in [0, 1]. They are the inverse of the empirical distribution: the smallest
// value with a share of at least p at or below it, so always a value that was
// measured.
func Quantiles(values []float64, ps ...float64) ([]float64, error) {
	if len(values) == 0 {
		return nil, ErrEmpty
	}
	sorted := slices.Sorted(slices.Values(values))
	quantiles := make([]float64, len(ps))
	for i, p := range ps {
		quantiles[i] = stat.Quantile(p, stat.Empirical, sorted, nil)
	}
	return quantiles, nil
}

// Fairness returns Jain's index of values that are not negative, (Σx)² / (n·Σx²):
// 1 if all are equal, 1/n if one has everything (R. Jain, D. Chiu, W. Hawe, A
// Quantitative Measure of Fairness and Discrimination, DEC TR-301, 1984). It is 1
// for values that are all zero.
func Fairness(values []float64) (float64, error) {
	if len(values) == 0 {
		return 0, ErrEmpty
	}
	squares := floats.Dot(values, values)
	if squares == 0 {
		return 1, nil
	}
	sum := floats.Sum(values)
	return sum * sum / (float64(len(values)) * squares), nil
}
