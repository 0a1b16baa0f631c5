package stats_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"poolbench/bench/stats"
)

// Without costs 10 workers do 10 times as much as one. With σ = 1 they do no more than one.
// With σ = 0 and κ = 1/90 the cost of 10 is 1: they do half of 10 times as much.
func TestUSLAt(t *testing.T) {
	for _, row := range []struct {
		name     string
		law      stats.USL
		at, peak float64
	}{
		{"linear", stats.USL{Lambda: 3}, 30, math.Inf(1)},
		{"one at a time", stats.USL{Lambda: 3, Sigma: 1}, 3, 1},
		{"each with each", stats.USL{Lambda: 3, Kappa: 1. / 90}, 15, math.Sqrt(90)},
		{"never worth it", stats.USL{Lambda: 3, Sigma: 0.5, Kappa: 1}, 30 / (1 + 4.5 + 90), 1},
	} {
		t.Run(row.name, func(t *testing.T) {
			assert.Equal(t, row.law.Lambda, row.law.At(1))
			assert.InEpsilon(t, row.at, row.law.At(10), 1e-12)
			assert.Equal(t, row.peak, row.law.Peak())
		})
	}
}

var levels = []float64{1, 2, 5, 10, 20, 50}

// roundsOf returns rounds of a law, one per share at each level, off by that share.
func roundsOf(law stats.USL, off ...float64) [][]float64 {
	values := make([][]float64, len(levels))
	for i, n := range levels {
		for _, share := range off {
			values[i] = append(values[i], law.At(n)*(1+share))
		}
	}
	return values
}

func TestFitUSLRecovers(t *testing.T) {
	for _, row := range []struct {
		name string
		law  stats.USL
	}{
		{"linear", stats.USL{Lambda: 120}},
		{"contention", stats.USL{Lambda: 120, Sigma: 0.08}},
		{"coherency", stats.USL{Lambda: 120, Kappa: 0.002}},
		{"both", stats.USL{Lambda: 7e-3, Sigma: 0.03, Kappa: 0.0007}},
		{"one at a time", stats.USL{Lambda: 5e9, Sigma: 1}},
		{"steep", stats.USL{Lambda: 300, Sigma: 0.4, Kappa: 0.05}},
	} {
		t.Run(row.name, func(t *testing.T) {
			fit, err := stats.FitUSL(levels, roundsOf(row.law, -0.01, 0, 0.02))
			require.NoError(t, err)
			assert.InEpsilon(t, row.law.Lambda, fit.Lambda, 1e-3)
			assert.InDelta(t, row.law.Sigma, fit.Sigma, 1e-3)
			assert.InDelta(t, row.law.Kappa, fit.Kappa, 1e-4)
			_, _, ok := fit.Band(5)
			assert.False(t, ok, "three rounds are too few for a band")
		})
	}
}

// Six rounds are enough to resample; without spread the band has no width.
func TestUSLBand(t *testing.T) {
	law := stats.USL{Lambda: 120, Sigma: 0.03, Kappa: 0.0007}
	same, err := stats.FitUSL(levels, roundsOf(law, 0, 0, 0, 0, 0, 0))
	require.NoError(t, err)
	spread, err := stats.FitUSL(levels, roundsOf(law, -0.1, -0.05, -0.01, 0.01, 0.05, 0.1))
	require.NoError(t, err)
	for _, n := range levels {
		lo, hi, ok := same.Band(n)
		require.True(t, ok)
		assert.InEpsilon(t, law.At(n), lo, 1e-3)
		assert.InEpsilon(t, law.At(n), hi, 1e-3)
		lo, hi, ok = spread.Band(n)
		require.True(t, ok)
		assert.Less(t, lo, law.At(n))
		assert.Greater(t, hi, law.At(n))
		assert.Greater(t, lo, 0.85*law.At(n))
		assert.Less(t, hi, 1.15*law.At(n))
	}
	again, err := stats.FitUSL(levels, roundsOf(law, -0.1, -0.05, -0.01, 0.01, 0.05, 0.1))
	require.NoError(t, err)
	assert.Equal(t, spread, again, "another draw")
}

// The band of noisy rounds covers the law about as often as its level says. The bootstrap
// of a median of 15 rounds is not exact; 40 trials tell 95 % from 70 %.
func TestUSLBandCoversLaw(t *testing.T) {
	if testing.Short() {
		t.Skip("8,000 fits")
	}
	law := stats.USL{Lambda: 120, Sigma: 0.03, Kappa: 0.0007}
	random := rand.New(rand.NewPCG(5, 5))
	hits := 0
	for range 40 {
		values := roundsOf(law, make([]float64, 15)...)
		for _, of := range values {
			for j := range of {
				of[j] *= math.Exp(0.1 * random.NormFloat64())
			}
		}
		fit, err := stats.FitUSL(levels, values)
		require.NoError(t, err)
		if lo, hi, _ := fit.Band(10); lo <= law.At(10) && law.At(10) <= hi {
			hits++
		}
	}
	assert.GreaterOrEqual(t, hits, 33)
}

func TestFitUSLErrors(t *testing.T) {
	law := stats.USL{Lambda: 1}
	for _, row := range []struct {
		name   string
		levels []float64
		values [][]float64
		want   string
	}{
		{"four levels", levels[:4], roundsOf(law, 0)[:4], "stats: too few values: a scalability law needs 5 levels, and there are 4"},
		{"a level without values", levels, roundsOf(law), "stats: no values"},
		{"values of fewer", levels, roundsOf(law, 0)[:5], "stats: 6 levels, but values for 5"},
		{"a level twice", []float64{1, 2, 5, 10, 20, 20}, roundsOf(law, 0), "stats: levels[5] is 20: levels must be 1 or more, each once"},
		{"no workers", []float64{0, 2, 5, 10, 20, 50}, roundsOf(law, 0), "stats: levels[0] is 0: levels must be 1 or more, each once"},
		{"NaN", []float64{math.NaN(), 2, 5, 10, 20, 50}, roundsOf(law, 0), "stats: values[0] is NaN, and must be a finite number"},
		{"a throughput of zero", levels, roundsOf(law, 0, -1), "stats: a throughput of 0: a scalability law needs positive ones"},
	} {
		t.Run(row.name, func(t *testing.T) {
			_, err := stats.FitUSL(row.levels, row.values)
			assert.EqualError(t, err, row.want)
		})
	}
}
