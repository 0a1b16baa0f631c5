package stats_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"poolbench/bench/stats"
)

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
