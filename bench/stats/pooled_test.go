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

// ratiosOf makes ratios of rounds of one second, each in its own group.
func ratiosOf(logs ...float64) []stats.Ratio {
	ratios := make([]stats.Ratio, len(logs))
	for i, log := range logs {
		ratios[i] = stats.Ratio{Log: log, Took: 1, Group: i}
	}
	return ratios
}

// normal draws n ratios around an effect, in groups of this size, each with its own luck.
func normal(rng *rand.Rand, n, inGroup int, effect, sd, luck float64) []stats.Ratio {
	ratios := make([]stats.Ratio, n)
	shared := 0.0
	for i := range ratios {
		if i%inGroup == 0 {
			shared = luck * rng.NormFloat64()
		}
		ratios[i] = stats.Ratio{Log: effect + shared + sd*rng.NormFloat64(), Took: 1, Group: i / inGroup}
	}
	return ratios
}

func TestPoolIsSymmetric(t *testing.T) {
	logs := []float64{0.03, -0.01, 0.05, 0.02, 0.11, -0.04, 0.02, 0.07}
	there, err := stats.Pool(ratiosOf(logs...))
	require.NoError(t, err)
	for i := range logs {
		logs[i] = -logs[i]
	}
	back, err := stats.Pool(ratiosOf(logs...))
	require.NoError(t, err)
	assert.InDelta(t, there.Log, -back.Log, 1e-9, "a/b and b/a")
	assert.InDelta(t, there.SE, back.SE, 1e-9)
	assert.Positive(t, there.SE)
	lo, hi := there.Interval(0.05)
	assert.Less(t, lo, there.Log)
	assert.Greater(t, hi, there.Log)
	wider, _ := there.Interval(0.01)
	assert.Less(t, wider, lo)
}

// For normal ratios without groups the estimate is near their mean, and its standard error
// near sd/√n times the prior design of √1.2.
func TestPoolOfNormalRatios(t *testing.T) {
	const n, sd = 4000, 0.1
	p, err := stats.Pool(normal(rand.New(rand.NewPCG(1, 1)), n, 1, 0.05, sd, 0))
	require.NoError(t, err)
	assert.InDelta(t, 0.05, p.Log, 4*sd/math.Sqrt(n))
	assert.InEpsilon(t, sd/math.Sqrt(n), p.SE, 0.1, "thousands of groups outweigh what is known before")
	assert.InEpsilon(t, sd, p.Spread.At(1), 0.1)
	assert.Equal(t, n, p.N)
}

func TestPoolResistsOutliers(t *testing.T) {
	rng := rand.New(rand.NewPCG(2, 2))
	ratios := normal(rng, 100, 1, 0, 0.05, 0)
	clean, err := stats.Pool(ratios)
	require.NoError(t, err)
	for i := range 10 {
		ratios[i*10].Log = 3
	}
	p, err := stats.Pool(ratios)
	require.NoError(t, err)
	assert.InDelta(t, clean.Log, p.Log, 0.02, "ten of a hundred, each 60 standard deviations away")
	assert.Less(t, p.SE, 3*clean.SE)
}

// What the ratios of a group have in common widens the interval.
func TestPoolGroups(t *testing.T) {
	lucky := normal(rand.New(rand.NewPCG(3, 3)), 400, 20, 0, 0.05, 0.1)
	together, err := stats.Pool(lucky)
	require.NoError(t, err)
	for i := range lucky {
		lucky[i].Group = i
	}
	alone, err := stats.Pool(lucky)
	require.NoError(t, err)
	assert.InDelta(t, alone.Log, together.Log, 1e-12)
	assert.Greater(t, together.SE, 2*alone.SE)
	assert.Less(t, together.DF, alone.DF)
}

// Short rounds with a large spread count less than long ones with a small spread.
func TestPoolWeightsByDuration(t *testing.T) {
	rng := rand.New(rand.NewPCG(4, 4))
	var ratios []stats.Ratio
	for i := range 200 {
		took, effect := 0.01, 0.5
		if i%2 == 0 {
			took, effect = 4, 0
		}
		ratios = append(ratios, stats.Ratio{Log: effect + 0.1*math.Pow(took, -0.4)*rng.NormFloat64(), Took: took, Group: i})
	}
	p, err := stats.Pool(ratios)
	require.NoError(t, err)
	assert.Less(t, p.Log, 0.1, "the mean is 0.25")
	assert.Greater(t, p.Spread.At(0.01), 3*p.Spread.At(4))
}

// The interval covers the truth as often as it should, even with few groups, with luck
// shared by groups, and with tails heavier than normal.
func TestPoolCovers(t *testing.T) {
	for _, row := range []struct {
		name       string
		n, inGroup int
		luck       float64
		tails      bool
	}{
		{"one pass", 27, 9, 0.02, false},
		{"four passes", 108, 9, 0.02, false},
		{"heavy tails", 108, 9, 0.02, true},
		{"groups of one", 40, 1, 0, false},
	} {
		t.Run(row.name, func(t *testing.T) {
			const runs, truth = 1000, 0.05
			rng := rand.New(rand.NewPCG(5, 5))
			covered := 0
			for range runs {
				ratios := normal(rng, row.n, row.inGroup, truth, 0.1, row.luck)
				for i := range ratios {
					if row.tails && rng.Float64() < 0.05 {
						ratios[i].Log += rng.NormFloat64()
					}
				}
				p, err := stats.Pool(ratios)
				require.NoError(t, err)
				if lo, hi := p.Interval(0.05); lo <= truth && truth <= hi {
					covered++
				}
			}
			assert.GreaterOrEqual(t, covered, 930, "of 1,000")
			assert.LessOrEqual(t, covered, 990, "of 1,000: nor far too wide")
		})
	}
}

func TestSingle(t *testing.T) {
	rng := rand.New(rand.NewPCG(6, 6))
	all := normal(rng, 200, 1, 0, 0.1, 0)
	p, err := stats.Pool(all)
	require.NoError(t, err)

	one := p.Single(all[:1])
	assert.InDelta(t, all[0].Log, one.Log, 1e-9)
	assert.InEpsilon(t, p.Spread.At(1), one.SE, 0.2, "one ratio spreads as all do")
	far := p.Single(ratiosOf(0.5, 0.52, 0.48, 0.5, 0.51, 0.49))
	assert.Less(t, far.Differs(p), 1e-4)
	assert.Greater(t, p.Single(all[:6]).Differs(p), 0.01)
	lone := p.Single(ratiosOf(0.01, 0.02, -0.01, 5))
	assert.Less(t, lone.Log, 0.15, "an outlier has no more to say than two standard deviations")
	assert.Greater(t, lone.Differs(p), 0.01)
}

func TestPoolErrors(t *testing.T) {
	for _, row := range []struct {
		name   string
		ratios []stats.Ratio
		want   string
	}{
		{"none", nil, "needs 2"},
		{"one", ratiosOf(0.1), "needs 2, and there are 1"},
		{"no number", ratiosOf(0.1, math.NaN()), "must be a finite number"},
		{"no time", []stats.Ratio{{Log: 0, Took: 1}, {Log: 0}}, "ratios[1] took 0 s: that must be positive"},
		{"endless", []stats.Ratio{{Log: 0, Took: 1}, {Log: 0, Took: math.Inf(1)}}, "ratios[1] took +Inf s: that must be positive"},
	} {
		t.Run(row.name, func(t *testing.T) {
			_, err := stats.Pool(row.ratios)
			assert.ErrorContains(t, err, row.want)
		})
	}
	same, err := stats.Pool(ratiosOf(0.2, 0.2, 0.2))
	require.NoError(t, err)
	assert.InDelta(t, 0.2, same.Log, 1e-9)
	lo, hi := same.Interval(0.05)
	assert.InDelta(t, lo, hi, 1e-6, "ratios that are all the same leave nothing open")
	two, err := stats.Pool(ratiosOf(-1, 1))
	require.NoError(t, err)
	assert.False(t, math.IsNaN(two.SE))
}

// Even the last digit is reproducible, so that a second report of a run is the same.
func TestPoolIsReproducible(t *testing.T) {
	random := rand.New(rand.NewPCG(7, 7))
	var ratios []stats.Ratio
	for i := range 200 {
		luck := math.Sin(float64(i % 41)) // or the groups would not count
		ratios = append(ratios, stats.Ratio{Log: luck + random.NormFloat64()/7, Took: 0.1 + random.Float64(), Group: i % 41})
	}
	first, err := stats.Pool(ratios)
	require.NoError(t, err)
	for range 50 {
		again, err := stats.Pool(ratios)
		require.NoError(t, err)
		require.Equal(t, first, again)
	}
}

func TestPoolOfFew(t *testing.T) {
	for _, row := range []struct {
		name   string
		groups []int // of the ratios 0.1, 0.2, 0.3, …
		df     float64
	}{
		{"two of one group", []int{1, 1}, 1},
		{"three of one group", []int{1, 1, 1}, 2},
		{"three of three", []int{1, 2, 3}, 2},
		{"thirty of one", make([]int, 30), 20},
		{"thirty of two", append(make([]int, 15), slices.Repeat([]int{1}, 15)...), 21},
	} {
		t.Run(row.name, func(t *testing.T) {
			var ratios []stats.Ratio
			for i, group := range row.groups {
				ratios = append(ratios, stats.Ratio{Log: 0.1 * float64(i+1), Took: 1, Group: group})
			}
			p, err := stats.Pool(ratios)
			require.NoError(t, err)
			assert.Equal(t, row.df, p.DF)
			assert.Positive(t, p.SE)
			assert.False(t, math.IsInf(p.SE, 1) || math.IsNaN(p.SE))
		})
	}
}

// The test of two effects has the fewer degrees of freedom of both. Two standard errors
// apart with 4 degrees of freedom, p is 0.116 by R's 2 * pt(-2, 4).
func TestDiffers(t *testing.T) {
	little, much := stats.Pooled{Log: 0.2, SE: 0.06, DF: 4}, stats.Pooled{Log: 0, SE: 0.08, DF: 400}
	assert.InDelta(t, 0.11612, little.Differs(much), 1e-5)
	assert.Equal(t, little.Differs(much), much.Differs(little))
	assert.Equal(t, 1., little.Differs(stats.Pooled{SE: math.Inf(1), DF: 1}), "of which nothing is known")
	assert.Equal(t, 1., stats.Pooled{DF: 1}.Differs(stats.Pooled{DF: 1}), "without a spread")
}

// There is a limit to how far a single outlier widens the interval of its point.
func TestSingleBearsAnOutlier(t *testing.T) {
	pooled, err := stats.Pool(normal(rand.New(rand.NewPCG(3, 3)), 200, 1, 0, 0.1, 0))
	require.NoError(t, err)
	far, farther := pooled.Single(ratiosOf(0, 0.01, -0.01, 0.02, 1)), pooled.Single(ratiosOf(0, 0.01, -0.01, 0.02, 9))
	assert.InDelta(t, far.SE, farther.SE, 1e-9)
}
