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
	"Quantile":  func(v []float64) error { _, err := stats.Quantile(v, 0.5); return err },
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
