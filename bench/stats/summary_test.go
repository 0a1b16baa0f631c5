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

// upTo returns 1, 2, … n in shuffled order.
func upTo(n int) []float64 {
	values := make([]float64, n)
	for i := range values {
		values[i] = float64(i + 1)
	}
	rand.New(rand.NewPCG(1, uint64(n))).Shuffle(n, func(i, j int) { values[i], values[j] = values[j], values[i] })
	return values
}

// functions holds all functions of one sample, without their results.
var functions = map[string]func(values []float64) error{
	"Median":    func(v []float64) error { _, err := stats.Median(v); return err },
	"Mean":      func(v []float64) error { _, err := stats.Mean(v); return err },
	"Summarize": func(v []float64) error { _, err := stats.Summarize(v); return err },
	"Quantiles": func(v []float64) error { _, err := stats.Quantiles(v, 0.1, 0.9); return err },
	"Fairness":  func(v []float64) error { _, err := stats.Fairness(v); return err },
}

func TestNoValues(t *testing.T) {
	for name, of := range functions {
		assert.ErrorIs(t, of(nil), stats.ErrEmpty, name)
	}
}

func TestNotANumber(t *testing.T) {
	for name, of := range functions {
		for _, bad := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
			assert.ErrorContains(t, of([]float64{1, 2, bad, 4, 5}), "values[2]", "%s of %v", name, bad)
		}
	}
}

func TestArgumentsAreNotChanged(t *testing.T) {
	for name, of := range functions {
		values := upTo(20)
		before := slices.Clone(values)
		require.NoError(t, of(values), name)
		assert.Equal(t, before, values, name)
	}
}

// The variance of 1 … n, over n-1, is n(n+1)/12.
func TestSummarize(t *testing.T) {
	got, err := stats.Summarize(upTo(9))
	require.NoError(t, err)
	center, err := stats.Median(upTo(9))
	require.NoError(t, err)
	assert.Equal(t, center, got.Center)
	assert.InDelta(t, 5, got.Mean, 1e-12)
	assert.InDelta(t, math.Sqrt(9*10/12.), got.StdDev, 1e-12)
	assert.Empty(t, got.Outliers)
}

func TestSummarizeOne(t *testing.T) {
	got, err := stats.Summarize([]float64{7})
	require.NoError(t, err)
	assert.Equal(t, 7.0, got.Mean)
	assert.Zero(t, got.StdDev)
	assert.False(t, got.Bounded())
}

// The hinges of 1 … 8 are the medians of 1 … 4 and 5 … 8, 2.5 and 6.5, so the fences are at
// 2.5 - 6 and 6.5 + 6. With nine values the fifth is in both halves: the hinges of 1 … 9
// are 3 and 7, the fences -3 and 13.
func TestOutliers(t *testing.T) {
	for _, row := range []struct {
		name   string
		values []float64
		want   []int
	}{
		{"on the upper fence", []float64{1, 2, 3, 4, 5, 6, 7, 12.5}, nil},
		{"beyond it", []float64{12.6, 1, 2, 3, 4, 5, 6, 7}, []int{0}},
		{"on the lower fence", []float64{-3.5, 2, 3, 4, 5, 6, 7, 8}, nil},
		{"beyond that", []float64{2, 3, 4, 5, 6, 7, 8, -3.6}, []int{7}},
		{"odd, on both fences", []float64{13, 2, 3, 4, 5, 6, 7, 8, -3}, nil},
		{"odd, beyond both", []float64{13.1, 2, 3, 4, 5, 6, 7, 8, -3.1}, []int{0, 8}},
		{"not like the others", []float64{2, 2, 2, 2, 2.001}, []int{4}},
		{"all the same", []float64{2, 2, 2, 2}, nil},
		{"two", []float64{1, 1e9}, nil},
		{"one", []float64{1}, nil},
	} {
		t.Run(row.name, func(t *testing.T) {
			got, err := stats.Summarize(row.values)
			require.NoError(t, err)
			assert.Equal(t, row.want, got.Outliers)
			mean, err := stats.Mean(row.values)
			require.NoError(t, err)
			assert.Equal(t, len(row.values), got.N, "flagged, not dropped")
			assert.InDelta(t, mean, got.Mean, 1e-9*math.Abs(mean), "flagged, not dropped")
		})
	}
}

// If k of n have the same share and the others nothing, it is k/n. For 1, 2, … n the sum is
// n(n+1)/2 and the sum of squares n(n+1)(2n+1)/6, so it is 3(n+1) / (2(2n+1)).
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
	_, err := stats.Fairness([]float64{3, -1})
	assert.EqualError(t, err, "stats: fairness of -1: a share can't be negative")
}
