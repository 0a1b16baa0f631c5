package stats

import (
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/stat"
)

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

// Quantile returns one quantile as [Quantiles] does, or [ErrTooFew] if there are fewer
// values than [QuantileNeeds].
func Quantile(values []float64, p float64) (float64, error) {
	if needs := QuantileNeeds(p); len(values) > 0 && len(values) < needs {
		return 0, fmt.Errorf("%w: the %v quantile needs %d, and there are %d", ErrTooFew, p, needs, len(values))
	}
	quantiles, err := Quantiles(values, p)
	if err != nil {
		return 0, err
	}
	return quantiles[0], nil
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
	return int(math.Ceil(math.Log(1-Confidence) / math.Log(max(p, 1-p))))
}
