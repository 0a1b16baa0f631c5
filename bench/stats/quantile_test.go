package stats_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

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
func TestQuantile(t *testing.T) {
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
		_, err := stats.Quantile(upTo(row.needs-1), row.p)
		assert.ErrorIs(t, err, stats.ErrTooFew, "%v", row.p)
		got, err := stats.Quantile(upTo(row.needs), row.p)
		require.NoError(t, err)
		assert.Equal(t, row.first, got)
		got, err = stats.Quantile(upTo(1000), row.p)
		require.NoError(t, err)
		assert.Equal(t, row.next, got)
	}
	_, err := stats.Quantile(upTo(100), 0.99)
	assert.EqualError(t, err, "stats: too few values: the 0.99 quantile needs 299, and there are 100")
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
