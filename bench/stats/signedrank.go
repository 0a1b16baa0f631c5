package stats

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/stat/distuv"
)

// exactBelow is the number of ranks at which the normal approximation takes over from the
// exact distribution, as in R's wilcox.test.
const exactBelow = 50

// SignedRank returns the two-sided p-value of Wilcoxon's signed-rank test that the
// differences x[i] - y[i] are symmetric about 0: the test of [Paired] for values that may
// be zero or negative. Differences of zero are left out; it is 1 if there are no others.
func SignedRank(x, y []float64) (p float64, err error) {
	if len(x) != len(y) {
		return 0, fmt.Errorf("stats: %d values and %d: pairs need equal numbers on both sides", len(x), len(y))
	}
	differences := slices.Clone(x)
	for i := range y {
		differences[i] -= y[i]
	}
	if err := check(differences); err != nil {
		return 0, err
	}
	return signedRankTest(differences), nil
}

// signedRankTest returns the two-sided p-value of Wilcoxon's signed-rank test that values
// are symmetric about 0. Zeros are left out. Values of equal size share the mean of their
// ranks, and the distribution is that of such ranks (M. Hollander, D. Wolfe, Nonparametric
// Statistical Methods, section 3.1).
func signedRankTest(values []float64) float64 {
	bySize := slices.DeleteFunc(slices.Clone(values), func(v float64) bool { return v == 0 })
	slices.SortFunc(bySize, func(a, b float64) int { return cmp.Compare(math.Abs(a), math.Abs(b)) })
	var (
		ranks       []float64
		plus, minus float64
	)
	for from := 0; from < len(bySize); from = len(ranks) {
		to := from + 1
		for to < len(bySize) && math.Abs(bySize[to]) == math.Abs(bySize[from]) {
			to++
		}
		rank := float64(from+1+to) / 2
		for _, v := range bySize[from:to] {
			ranks = append(ranks, rank)
			if v > 0 {
				plus += rank
			} else {
				minus += rank
			}
		}
	}
	return min(1, 2*signedRank(ranks)(min(plus, minus)))
}

// signedRank returns the distribution function, P(T ≤ t) for t ≥ 0, of the sum T of ranks
// each drawn with probability ½. It is exact for fewer than fifty ranks. For more, T is
// taken as normal, with a continuity correction; its variance, Σrank²/4, is n(n+1)(2n+1)/24
// less the correction for ties.
func signedRank(ranks []float64) func(t float64) float64 {
	if len(ranks) >= exactBelow {
		normal := distuv.Normal{Mu: floats.Sum(ranks) / 2, Sigma: floats.Norm(ranks, 2) / 2}
		return func(t float64) float64 { return normal.CDF(t + 0.5) }
	}
	// chances[s] is P(2T = s): ranks are whole or half numbers.
	chances := []float64{1}
	for _, rank := range ranks {
		step := int(2 * rank)
		with := make([]float64, len(chances)+step)
		for s, chance := range chances {
			with[s] += chance / 2
			with[s+step] += chance / 2
		}
		chances = with
	}
	floats.CumSum(chances, chances)
	return func(t float64) float64 { return chances[min(int(2*t), len(chances)-1)] }
}
