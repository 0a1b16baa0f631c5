package stats

import (
	"fmt"
	"math"
	"slices"
	"sort"
)

// minPairs is how many pairs the interval needs: with fewer, even when all
// differences have one sign, 2·2⁻ⁿ is more than 0.05.
const minPairs = 6

// Comparison is by what factor one side differs from the other: see [Paired] and
// [Unpaired] for what the numbers are and assume.
type Comparison struct {
	N     int     // pairs or, of independent samples, values of x
	M     int     // values of y; 0 of pairs
	Ratio float64 // x ÷ y, the Hodges–Lehmann estimate
	// Lo and Hi bound what the estimate is of. They are 0 and +Inf if there are too
	// few values.
	Lo, Hi float64
	// Level is what the interval achieves, which is [Confidence] or more: the
	// statistic that it goes by is a whole number.
	Level float64
	// P is the two-sided p-value of there being no difference, not yet corrected:
	// see [Holm].
	P float64
	// Warnings are what a reader should know of the numbers before trusting them.
	Warnings []error
}

// Bounded reports whether there were values enough for an interval.
func (c Comparison) Bounded() bool { return c.Lo > 0 && !math.IsInf(c.Hi, 1) }

// Paired returns the ratio x ÷ y of values of which x[i] and y[i] are of the same
// round, so that what slows a round down falls on both. All must be positive.
//
// The ratio is exp of the pseudomedian of the log ratios, which is the median of the
// averages of every two of them, each with itself too. The interval is two of those
// averages, exp of them, chosen by the distribution of Wilcoxon's signed-rank
// statistic (M. Hollander, D. Wolfe, Nonparametric Statistical Methods, section
// 3.3), which from 50 pairs on is approximated; it takes six. P is that of
// Wilcoxon's signed-rank test that the log ratios are symmetric about 0.
//
// The interval assumes that the log ratios of the rounds are independent and
// symmetric about one value. Rounds in which both sides are equal stay in the
// estimate and the interval; the test leaves them out (F. Wilcoxon, Individual
// Comparisons by Ranking Methods, Biometrics Bulletin 1, 1945), and is 1 if there
// are no others.
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
	if n < minPairs {
		c.Warnings = append(c.Warnings, fmt.Errorf("need >= %d rounds for confidence interval at level %v", minPairs, Confidence))
		return c, nil
	}
	untied := make([]float64, n)
	for i := range untied {
		untied[i] = float64(i + 1)
	}
	atMost := signedRank(untied)
	// The k-th smallest average is above the true value if and only if fewer than k
	// averages are below it, whose number is distributed as the statistic is.
	k := sort.Search(pairs, func(k int) bool { return 2*atMost(float64(k)) > 1-Confidence })
	c.Lo, c.Hi = math.Exp(walsh(ratios, k)), math.Exp(walsh(ratios, pairs+1-k))
	c.Level = 1 - 2*atMost(float64(k-1))
	return c, nil
}

// logRatios returns the logarithms of x[i] ÷ y[i].
func logRatios(x, y []float64) ([]float64, error) {
	if len(x) != len(y) {
		return nil, fmt.Errorf("stats: %d values and %d: pairs need as many on either side", len(x), len(y))
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
		// With the larger above, so that a/b and b/a are the same but for the sign,
		// and tie.
		ratios[i] = math.Copysign(math.Log(high/low), x[i]-y[i])
	}
	return ratios, nil
}
