package stats

import (
	"fmt"
	"math"
	"slices"
	"sort"
)

// Comparison is the factor between two sides. See [Paired] and [Unpaired] for the meaning
// and the assumptions.
type Comparison struct {
	N     int     // number of pairs or, for independent samples, of values of x
	M     int     // number of values of y; 0 for pairs
	Ratio float64 // x ÷ y, the Hodges–Lehmann estimate
	// Lo and Hi bound the true ratio. They are 0 and +Inf if there are too few values.
	Lo, Hi float64
	// Level is the confidence that the interval achieves, [Confidence] or more, because the
	// statistic behind it is a whole number.
	Level float64
	// P is the two-sided p-value for no difference, not corrected: see [Holm].
	P float64
}

// Bounded reports whether there were enough values for an interval.
func (c Comparison) Bounded() bool { return c.Lo > 0 && !math.IsInf(c.Hi, 1) }

// Paired returns the ratio x ÷ y, where x[i] and y[i] are of the same round, so that a slow
// round affects both. All values must be positive.
//
// The ratio is exp of the pseudomedian of the log ratios: the median of the averages of
// every two of them, including each with itself. The interval is exp of two of those
// averages, chosen by the distribution of Wilcoxon's signed-rank statistic (M. Hollander,
// D. Wolfe, Nonparametric Statistical Methods, section 3.3), which is approximated from 50
// pairs on. It needs six pairs. P is that of Wilcoxon's signed-rank test that the log
// ratios are symmetric about 0.
//
// The interval assumes that the log ratios of the rounds are independent and symmetric
// about one value. Rounds in which both sides are equal stay in the estimate and the
// interval; the test leaves them out (F. Wilcoxon, Individual Comparisons by Ranking
// Methods, Biometrics Bulletin 1, 1945), and is 1 if there are no others.
func Paired(x, y []float64) (Comparison, error) {
	ratios, err := logRatios(x, y)
	if err != nil {
		return Comparison{}, err
	}
	slices.Sort(ratios)
	n := len(ratios)
	pairs := n * (n + 1) / 2
	c := Comparison{
		N:     n,
		Ratio: math.Exp((walsh(ratios, (pairs+1)/2) + walsh(ratios, pairs/2+1)) / 2),
		Lo:    0, Hi: math.Inf(1), Level: 1,
		P: signedRankTest(ratios),
	}
	untied := make([]float64, n)
	for i := range untied {
		untied[i] = float64(i + 1)
	}
	atMost := signedRank(untied)
	// The k-th smallest average is above the true value if and only if fewer than k
	// averages are below it. Their number is distributed as the statistic.
	k := sort.Search(pairs, func(k int) bool { return 2*atMost(float64(k)) > Alpha })
	if k == 0 {
		return c, nil
	}
	c.Lo, c.Hi = math.Exp(walsh(ratios, k)), math.Exp(walsh(ratios, pairs+1-k))
	c.Level = 1 - 2*atMost(float64(k-1))
	return c, nil
}

// logRatios returns the logarithms of x[i] ÷ y[i].
func logRatios(x, y []float64) ([]float64, error) {
	if len(x) != len(y) {
		return nil, fmt.Errorf("stats: %d values and %d: pairs need equal numbers on both sides", len(x), len(y))
	}
	if len(x) == 0 {
		return nil, ErrEmpty
	}
	ratios := make([]float64, len(x))
	for i := range x {
		low, high := min(x[i], y[i]), max(x[i], y[i])
		if !(low > 0 && high/low <= math.MaxFloat64) {
			return nil, fmt.Errorf("stats: x[%d] is %v and y[%d] is %v: a ratio needs positive, finite numbers", i, x[i], i, y[i])
		}
		// The larger is divided by the smaller, so that a/b and b/a differ in sign only,
		// and tie.
		ratios[i] = math.Copysign(math.Log(high/low), x[i]-y[i])
	}
	return ratios, nil
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
