package stats_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"poolbench/bench/stats"
)

// upTo returns 1, 2, … n in an order of its own.
func upTo(n int) []float64 {
	values := make([]float64, n)
	for i := range values {
		values[i] = float64(i + 1)
	}
	rand.New(rand.NewPCG(1, uint64(n))).Shuffle(n, func(i, j int) { values[i], values[j] = values[j], values[i] })
	return values
}

// With the r-th smallest and the r-th largest value as bounds the level is
// 1 - 2·P(Bin(n, ½) < r). For n = 6, r = 1: 1 - 2/64 = 0.969. For n = 10, r = 2:
// 1 - 22/1024 = 0.979. For n = 20, r = 6: 1 - 2·21700/2²⁰ = 0.959. Each r is the
// largest that keeps the level at 0.95. Five values bound one side only.
func TestMedian(t *testing.T) {
	for _, row := range []struct {
		name           string
		values         []float64
		median, lo, hi float64
	}{
		{"one", []float64{7}, 7, math.Inf(-1), math.Inf(1)},
		{"five are too few", upTo(5), 3, math.Inf(-1), 5},
		{"six", upTo(6), 3.5, 1, 6},
		{"ten", upTo(10), 5.5, 2, 9},
		{"twenty", upTo(20), 10.5, 6, 15},
		{"all the same", []float64{2, 2, 2, 2, 2, 2}, 2, 2, 2},
	} {
		t.Run(row.name, func(t *testing.T) {
			before := slices.Clone(row.values)
			got, err := stats.Median(row.values)
			require.NoError(t, err)
			assert.Equal(t, stats.Center{Median: row.median, Lo: row.lo, Hi: row.hi, N: len(row.values)}, got)
			assert.Equal(t, !math.IsInf(row.lo, 0), got.Bounded())
			assert.Equal(t, before, row.values)
		})
	}
}

// Of 1 … 100, the p-th percentile is p. Of few values, each quantile is one of
// them: the 99th percentile of five is the largest.
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
			before := slices.Clone(row.values)
			got, err := stats.Quantiles(row.values, 0, 0.5, 0.9, 0.99, 1)
			require.NoError(t, err)
			assert.Equal(t, row.want, got)
			assert.Equal(t, before, row.values)
		})
	}
}

// k of n with the same share and the others with nothing: k/n. And for 1, 2, … n,
// of which the sum is n(n+1)/2 and the sum of squares n(n+1)(2n+1)/6:
// 3(n+1) / (2(2n+1)).
func TestFairness(t *testing.T) {
	for _, row := range []struct {
		name   string
		values []float64
		want   float64
	}{
		{"all equal", []float64{3, 3, 3, 3}, 1},
		{"one has everything", []float64{0, 5, 0, 0}, 0.25},
		{"half have it", []float64{2, 2, 0, 0}, 0.5},
		{"one to ten", upTo(10), 3 * 11.0 / (2 * 21)},
		{"nobody has anything", []float64{0, 0}, 1},
	} {
		t.Run(row.name, func(t *testing.T) {
			got, err := stats.Fairness(row.values)
			require.NoError(t, err)
			assert.InDelta(t, row.want, got, 1e-12)
		})
	}
}

func TestMean(t *testing.T) {
	mean, err := stats.Mean(upTo(9))
	require.NoError(t, err)
	assert.InDelta(t, 5, mean, 1e-12)
}

func TestNoValues(t *testing.T) {
	_, err := stats.Median(nil)
	assert.ErrorIs(t, err, stats.ErrEmpty)
	_, err = stats.Quantiles(nil, 0.5)
	assert.ErrorIs(t, err, stats.ErrEmpty)
	_, err = stats.Fairness(nil)
	assert.ErrorIs(t, err, stats.ErrEmpty)
	_, err = stats.Mean(nil)
	assert.ErrorIs(t, err, stats.ErrEmpty)
}
