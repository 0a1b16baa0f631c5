package stats

import (
	"math"
	"slices"

	moremath "github.com/aclements/go-moremath/stats"
	"gonum.org/v1/gonum/stat/distuv"
)

// tiedExactBelow replaces exactBelow if values tie: with 24 and 24 the exact distribution
// takes milliseconds, which grow with the fourth power.
const tiedExactBelow = 25

// RankSum returns the two-sided p-value of the Mann–Whitney test of two independent
// samples: the probability that their ranks differ at least as much, if both are from one
// distribution. It is 1 if all values are the same.
//
// Equal values share the mean of their ranks, and the distribution is that of such ranks.
// With fewer than 50² pairs of an x and a y, or 25² with ties, it is exact; beyond, it is
// taken as normal, with a continuity correction and the variance corrected for ties (M.
// Hollander, D. Wolfe, Nonparametric Statistical Methods, section 4.1).
func RankSum(x, y []float64) (p float64, err error) {
	for _, values := range [][]float64{x, y} {
		if err := check(values); err != nil {
			return 0, err
		}
	}
	var (
		n, m  = len(x), len(y)
		pairs = float64(n * m)
		u     = greater(x, y)
		ties  = tieSizes(slices.Concat(x, y))
		tied  = len(ties) < n+m
	)
	switch {
	case len(ties) == 1:
		return 1, nil
	case n*m >= exactBelow*exactBelow || tied && n*m >= tiedExactBelow*tiedExactBelow:
		return min(1, 2*rankSumNormal(n, m, ties).CDF(min(u, pairs-u)+0.5)), nil
	}
	// Do not use moremath's own test. With ties the distribution need not be symmetric, but
	// moremath looks up the smaller of the two statistics as if it were always that of x.
	// For 2 against 1, 1, 1 it returns a p-value of 1.5.
	low := moremath.UDist{N1: n, N2: m, T: ties}.CDF(u)
	high := moremath.UDist{N1: m, N2: n, T: ties}.CDF(pairs - u)
	return min(1, 2*min(low, high)), nil
}

// greater returns the Mann–Whitney statistic: the number of pairs in which x is greater
// than y, with equal ones counting one half.
func greater(x, y []float64) float64 {
	sorted := slices.Sorted(slices.Values(y))
	doubled := 0
	for _, v := range x {
		below, _ := slices.BinarySearch(sorted, v)
		upTo, _ := slices.BinarySearch(sorted, math.Nextafter(v, math.Inf(1)))
		doubled += below + upTo
	}
	return float64(doubled) / 2
}

// tieSizes returns how often each value occurs, in ascending order of the values.
func tieSizes(values []float64) []int {
	slices.Sort(values)
	var sizes []int
	for i, v := range values {
		if i == 0 || v != values[i-1] {
			sizes = append(sizes, 0)
		}
		sizes[len(sizes)-1]++
	}
	return sizes
}

// rankSumNormal returns the normal approximation of the statistic.
func rankSumNormal(n, m int, ties []int) distuv.Normal {
	pairs, all, correction := float64(n*m), float64(n+m), 0.0
	for _, size := range ties {
		t := float64(size)
		correction += t*t*t - t
	}
	return distuv.Normal{Mu: pairs / 2, Sigma: math.Sqrt(pairs / 12 * (all + 1 - correction/(all*(all-1))))}
}

// rankSum returns the distribution function, P(U ≤ u) for whole u ≥ 0, of the Mann–Whitney
// statistic of samples without ties.
func rankSum(n, m int) func(u int) float64 {
	if n*m >= exactBelow*exactBelow {
		normal := rankSumNormal(n, m, nil)
		return func(u int) float64 { return normal.CDF(float64(u) + 0.5) }
	}
	exact := moremath.UDist{N1: n, N2: m}
	return func(u int) float64 { return exact.CDF(float64(u)) }
}
