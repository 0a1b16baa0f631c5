package stats_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"poolbench/bench/stats"
)

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
	assert.Empty(t, got.Warnings)
}

func TestSummarizeTooFew(t *testing.T) {
	for _, row := range []struct {
		name     string
		values   []float64
		warnings []string
	}{
		{"one", []float64{7}, []string{"need >= 6 samples", "need >= 2 samples"}},
		{"five", upTo(5), []string{"need >= 6 samples"}},
		{"six", upTo(6), nil},
	} {
		t.Run(row.name, func(t *testing.T) {
			got, err := stats.Summarize(row.values)
			require.NoError(t, err)
			require.Len(t, got.Warnings, len(row.warnings))
			for i, want := range row.warnings {
				assert.ErrorContains(t, got.Warnings[i], want)
			}
			mean, err := stats.Mean(row.values)
			require.NoError(t, err)
			assert.Equal(t, mean, got.Mean)
			assert.False(t, math.IsNaN(got.StdDev))
		})
	}
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
