package analysis

import (
	"math/rand/v2"
	"slices"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"golang.org/x/sync/errgroup"

	"poolbench/bench"
	"poolbench/fixtures"
)

func equal(bench.Cell) float64 { return 1 }

func everywhere(effect float64) func(bench.Cell) float64 {
	return func(bench.Cell) float64 { return effect }
}

// tally sums up many runs.
type tally struct {
	claims, found, foundPoint atomic.Int64 // runs
	covered, intervals        atomic.Int64 // of effects of ops, at the end
	coveredLevel, levels      atomic.Int64
	coveredPoint, pointsAtAll atomic.Int64
}

// claims reports whether any difference is claimed.
func (a *Analysis) claims() bool {
	return slices.ContainsFunc(a.Effects, func(e Effect) bool { return e.Whole() && e.Excludes(1) || e.StandsOut }) ||
		slices.ContainsFunc(a.Points, func(p Point) bool { return p.StandsOut })
}

// simulateMany simulates runs, each with its own seed.
func simulateMany(rec recording, runs int, of source, effect func(bench.Cell) float64, special bench.Cell) *tally {
	var (
		t     tally
		tasks errgroup.Group
	)
	tasks.SetLimit(4)
	for i := range runs {
		tasks.Go(func() error {
			looks := rec.simulate(rand.New(rand.NewPCG(1, uint64(i))), of, effect)
			t.count(looks, effect, special)
			return nil
		})
	}
	_ = tasks.Wait()
	return &t
}

func (t *tally) count(looks []*Analysis, effect func(bench.Cell) float64, special bench.Cell) {
	if slices.ContainsFunc(looks, (*Analysis).claims) {
		t.claims.Add(1)
	}
	last := looks[len(looks)-1]
	found := false
	cover := func(e Estimate, truth float64, covered, all *atomic.Int64) {
		all.Add(1)
		if e.Lo <= truth && truth <= e.Hi {
			covered.Add(1)
		}
	}
	for _, e := range last.Effects {
		if e.Whole() {
			found = found || e.Lo > 1
			cover(e.Estimate, effect(bench.Cell{}), &t.covered, &t.intervals)
		} else {
			cover(e.Estimate, effect(bench.Cell{}), &t.coveredLevel, &t.levels)
		}
	}
	for _, p := range last.Points {
		point := p.Cell
		point.Pool = ""
		cover(p.Estimate, effect(point), &t.coveredPoint, &t.pointsAtAll)
		if point == special && p.StandsOut && p.Lo > 1 {
			t.foundPoint.Add(1)
		}
	}
	if found {
		t.found.Add(1)
	}
}

func share(n, of int64) float64 { return float64(n) / float64(of) }

// With equal pools, a difference of any kind, at any look, is claimed in at most 5 % of
// runs, and intervals cover the truth. The recording is of equal pools on a machine with
// other work; see drawn for the simulated rounds.
func TestErrorRates(t *testing.T) {
	rec := record(t)
	if testing.Short() {
		t.Skip("makes up a thousand runs")
	}
	const runs = 500
	for name, of := range map[string]source{"recorded rounds": rec.recorded(), "drift, outliers and bursts": rec.drawn()} {
		t.Run(name, func(t *testing.T) {
			got := simulateMany(rec, runs, of, equal, bench.Cell{})
			claims := share(got.claims.Load(), runs)
			t.Logf("claims in %.1f %% of runs; effects within their intervals: %.1f %%, of levels %.1f %%, of points %.1f %%", 100*claims,
				100*share(got.covered.Load(), got.intervals.Load()), 100*share(got.coveredLevel.Load(), got.levels.Load()), 100*share(got.coveredPoint.Load(), got.pointsAtAll.Load()))
			assert.LessOrEqual(t, claims, 0.05)
			assert.GreaterOrEqual(t, share(got.covered.Load(), got.intervals.Load()), 0.93)
			assert.GreaterOrEqual(t, share(got.coveredLevel.Load(), got.levels.Load()), 0.93)
			assert.GreaterOrEqual(t, share(got.coveredPoint.Load(), got.pointsAtAll.Load()), 0.93)
		})
	}
}

// Runs of six minutes, made of recorded rounds, find real effects.
func TestPower(t *testing.T) {
	rec := record(t)
	if testing.Short() {
		t.Skip("makes up six hundred runs")
	}
	const runs = 200
	for _, row := range []struct {
		name   string
		effect float64
		found  float64
	}{{"a pool of 5 % more", 1.05, 0.8}, {"a pool of 10 % more", 1.1, 0.95}} {
		t.Run(row.name, func(t *testing.T) {
			got := simulateMany(rec, runs, rec.recorded(), everywhere(row.effect), bench.Cell{})
			t.Logf("found in %.1f %% of runs; within the interval: %.1f %%", 100*share(got.found.Load(), runs), 100*share(got.covered.Load(), got.intervals.Load()))
			assert.GreaterOrEqual(t, share(got.found.Load(), runs), row.found)
			assert.GreaterOrEqual(t, share(got.covered.Load(), got.intervals.Load()), 0.93)
		})
	}
	// Power depends on the point. Here a ratio spreads by 0.1, and the point is in every
	// pass. A single client moving 10 MiB spreads by 0.5, and points of 50 clients and 100
	// MiB are in too few passes.
	t.Run("a point of 30 % more", func(t *testing.T) {
		special := bench.Cell{Op: bench.Upload, Volume: 10 * fixtures.MiB, Clients: 50, Workers: 50}
		got := simulateMany(rec, runs, rec.recorded(), func(point bench.Cell) float64 {
			if point == special {
				return 1.3
			}
			return 1
		}, special)
		t.Logf("found in %.1f %% of runs", 100*share(got.foundPoint.Load(), runs))
		assert.GreaterOrEqual(t, share(got.foundPoint.Load(), runs), 0.5)
	})
}
