package stats

import (
	"fmt"
	"math"
	"slices"
	"sort"
)

// Unpaired returns the ratio x ÷ y of two independent samples. All values must be positive.
//
// The ratio is the Hodges–Lehmann estimate: exp of the median of the differences between
// every log x and every log y. The interval is exp of two of those differences, chosen by
// the distribution of the Mann–Whitney statistic (M. Hollander, D. Wolfe, Nonparametric
// Statistical Methods, section 4.3), which is approximated from 50² differences on. P is
// that of [RankSum].
//
// The interval assumes that the two distributions differ only by a factor, and that values
// are independent, within a side and across. On a machine that gets slower they are not. If
// one side was measured after the other, the ratio includes whatever the machine did in
// between, and no interval shows that.
func Unpaired(x, y []float64) (Comparison, error) {
	logX, logY, err := logsOf(x, y)
	if err != nil {
		return Comparison{}, err
	}
	n, m := len(x), len(y)
	pairs := n * m
	c := Comparison{
		N: n, M: m,
		Ratio: math.Exp((difference(logX, logY, (pairs+1)/2) + difference(logX, logY, pairs/2+1)) / 2),
		Lo:    0, Hi: math.Inf(1), Level: 1,
	}
	if c.P, err = RankSum(x, y); err != nil {
		return Comparison{}, err
	}
	atMost := rankSum(n, m)
	// The k-th smallest difference is above the true value if and only if fewer than k are
	// below it. Their number is distributed as the statistic.
	k := sort.Search(pairs, func(k int) bool { return 2*atMost(k) > Alpha })
	if k == 0 {
		return c, nil
	}
	c.Lo, c.Hi = math.Exp(difference(logX, logY, k)), math.Exp(difference(logX, logY, pairs+1-k))
	c.Level = 1 - 2*atMost(k-1)
	return c, nil
}

// logsOf returns the sorted logarithms of each side.
func logsOf(x, y []float64) (logX, logY []float64, err error) {
	if len(x) == 0 || len(y) == 0 {
		return nil, nil, ErrEmpty
	}
	logs := func(name string, values []float64) ([]float64, error) {
		logs := make([]float64, len(values))
		for i, v := range values {
			if !(v > 0 && v <= math.MaxFloat64) {
				return nil, fmt.Errorf("stats: %s[%d] is %v: a ratio needs positive, finite numbers", name, i, v)
			}
			logs[i] = math.Log(v)
		}
		slices.Sort(logs)
		return logs, nil
	}
	if logX, err = logs("x", x); err != nil {
		return nil, nil, err
	}
	if logY, err = logs("y", y); err != nil {
		return nil, nil, err
	}
	for _, farthest := range []float64{slices.Max(x) / slices.Min(y), slices.Max(y) / slices.Min(x)} {
		if math.IsInf(farthest, 1) {
			return nil, nil, fmt.Errorf("stats: x is from %v to %v and y from %v to %v: a ratio of two of them overflows",
				slices.Min(x), slices.Max(x), slices.Min(y), slices.Max(y))
		}
	}
	return logX, logY, nil
}

// difference returns the k-th smallest, from 1, of the differences x[i] - y[j] of sorted
// values. Like walsh, it does not compute them all.
func difference(x, y []float64, k int) float64 {
	return bisect(x[0]-y[len(y)-1], x[len(x)-1]-y[0], func(limit float64) bool { return differencesUpTo(x, y, limit) >= k })
}

// differencesUpTo counts the differences up to limit.
func differencesUpTo(x, y []float64, limit float64) int {
	count, j := 0, 0
	for _, v := range x {
		for j < len(y) && v-y[j] > limit {
			j++
		}
		count += len(y) - j
	}
	return count
}
