package stats_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/stat/distuv"

	"poolbench/bench/stats"
)

// For 1 … 100 the p-th percentile is p. For few values each quantile is one of them: the
// 99th percentile of five is the largest.
func TestQuantiles(t *testing.T) {
	for _, row := range []struct {
		name   string
		values []float64
		want   []float64 // at 0, 0.5, 0.9, 0.99, 1
	}{
		{"one to a hundred", upTo(100), []float64{1, 50, 90, 99, 100}},
		{"five", []float64{50, 10, 40, 20, 30}, []float64{10, 30, 50, 50, 50}},
		{"one", []float64{7}, []float64{7, 7, 7, 7, 7}},
	} {
		t.Run(row.name, func(t *testing.T) {
			got, err := stats.Quantiles(row.values, 0, 0.5, 0.9, 0.99, 1)
			require.NoError(t, err)
			assert.Equal(t, row.want, got)
		})
	}
}

// The p quantile of 1 … n is the smallest whole number of at least p·n.
func TestQuantileNeeds(t *testing.T) {
	for _, row := range []struct {
		p           float64
		needs       int
		first, next float64 // of as many values as it needs, and of 1000
	}{
		{0.5, 5, 3, 500},
		{0.9, 29, 27, 900},
		{0.1, 29, 3, 100},
		{0.95, 59, 57, 950},
		{0.99, 299, 297, 990},
	} {
		assert.Equal(t, row.needs, stats.QuantileNeeds(row.p), "%v", row.p)
		for n, want := range map[int]float64{row.needs: row.first, 1000: row.next} {
			got, err := stats.Quantiles(upTo(n), row.p)
			require.NoError(t, err)
			assert.Equal(t, []float64{want}, got)
		}
	}
}

// The largest of n values is above the p quantile with a probability of 1 - p^n.
func TestQuantileNeedsIsMinimal(t *testing.T) {
	for p := 0.5; p < 1; p += 0.001 {
		needs := stats.QuantileNeeds(p)
		assert.GreaterOrEqual(t, 1-math.Pow(p, float64(needs)), 0.95, "%v", p)
		assert.Less(t, 1-math.Pow(p, float64(needs-1)), 0.95, "%v", p)
	}
	for _, p := range []float64{0, 1, -1, 2, math.NaN()} {
		assert.Panics(t, func() { stats.QuantileNeeds(p) }, "%v", p)
	}
}

// With the r-th smallest and the r-th largest value as bounds the level is 1 - 2·P(Bin(n,
// ½) < r). For n = 6, r = 1: 1 - 2/64 = 0.969. For n = 10, r = 2: 1 - 22/1024 = 0.979. For
// n = 20, r = 6: 1 - 2·21700/2²⁰ = 0.959. Each r is the largest that keeps the level at
// 0.95. Five values bound one side only. For eight the first and the seventh are enough: 1
// - (1 + 9)/256 = 0.961.
func TestMedian(t *testing.T) {
	for _, row := range []struct {
		name           string
		values         []float64
		median, lo, hi float64
	}{
		{"one", []float64{7}, 7, math.Inf(-1), math.Inf(1)},
		{"five are too few", upTo(5), 3, math.Inf(-1), 5},
		{"six", upTo(6), 3.5, 1, 6},
		{"eight", upTo(8), 4.5, 1, 7},
		{"ten", upTo(10), 5.5, 2, 9},
		{"twenty", upTo(20), 10.5, 6, 15},
		{"all the same", []float64{2, 2, 2, 2, 2, 2}, 2, 2, 2},
	} {
		t.Run(row.name, func(t *testing.T) {
			got, err := stats.Median(row.values)
			require.NoError(t, err)
			assert.Equal(t, stats.Center{Median: row.median, Lo: row.lo, Hi: row.hi, N: len(row.values)}, got)
			assert.Equal(t, !math.IsInf(row.lo, 0), got.Bounded())
		})
	}
}

// The bounds of 1 … n are their own indices. The number of values below the true median is
// binomial, so the level of each interval is known, even where an approximation chose the
// bounds.
func TestMedianIntervalLevel(t *testing.T) {
	for n := 6; n <= 500; n++ {
		got, err := stats.Median(upTo(n))
		require.NoError(t, err)
		below := distuv.Binomial{N: float64(n), P: 0.5}
		level := below.CDF(got.Hi-1) - below.CDF(got.Lo-1)
		assert.GreaterOrEqual(t, level, stats.Confidence, "%d values, %v … %v", n, got.Lo, got.Hi)
		assert.Less(t, got.Lo, got.Median)
		assert.Greater(t, got.Hi, got.Median)
	}
}
