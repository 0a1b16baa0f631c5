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

// exp2 returns two to the power of each value.
func exp2(logs ...float64) []float64 {
	values := make([]float64, len(logs))
	for i, l := range logs {
		values[i] = math.Exp2(l)
	}
	return values
}

// All of n above all of m is one of (n+m)!/n!m! rankings, and has a mirror image. For 2 and
// 4 against 1 and 3 the differences are -1, 1, 1 and 3, and 2 of 6 rankings have at least
// three pairs with a greater x. For 2 against 1, 1 and 1, one of four rankings is as
// extreme, and none on the other side.
func TestUnpaired(t *testing.T) {
	for _, row := range []struct {
		name   string
		x, y   []float64 // logs, to base 2
		log    float64   // of the ratio
		lo, hi float64   // of the interval; 0 and 0 if there is none
		p      float64
	}{
		{"one each", []float64{3}, []float64{1}, 2, 0, 0, 1},
		{"the same", []float64{1, 2, 3, 4}, []float64{1, 2, 3, 4}, 0, -3, 3, 1},
		{"nothing but one value", []float64{2, 2, 2, 2}, []float64{2, 2, 2, 2}, 0, 0, 0, 1},
		{"two and two", []float64{2, 4}, []float64{1, 3}, 1, 0, 0, 4. / 6},
		{"three above four", []float64{8, 9, 10}, []float64{1, 2, 3, 4}, 6.5, 0, 0, 2. / 35},
		{"four above four", []float64{8, 9, 10, 11}, []float64{1, 2, 3, 4}, 7, 4, 10, 2. / 70},
		{"four below four", []float64{1, 2, 3, 4}, []float64{8, 9, 10, 11}, -7, -10, -4, 2. / 70},
		{"one above three that tie", []float64{2}, []float64{1, 1, 1}, 1, 0, 0, 2. / 4},
		{"three that tie below one", []float64{1, 1, 1}, []float64{2}, -1, 0, 0, 2. / 4},
	} {
		t.Run(row.name, func(t *testing.T) {
			got, err := stats.Unpaired(exp2(row.x...), exp2(row.y...))
			require.NoError(t, err)
			assert.Equal(t, []int{len(row.x), len(row.y)}, []int{got.N, got.M})
			assert.InEpsilon(t, math.Exp2(row.log), got.Ratio, 1e-12)
			assert.InDelta(t, row.p, got.P, 1e-12)
			if stats.MinUnpairedP(len(row.x), len(row.y)) > stats.Alpha {
				assert.False(t, got.Bounded())
				assert.Equal(t, []float64{0, math.Inf(1)}, []float64{got.Lo, got.Hi})
				return
			}
			assert.True(t, got.Bounded())
			assert.InEpsilon(t, math.Exp2(row.lo), got.Lo, 1e-12)
			assert.InEpsilon(t, math.Exp2(row.hi), got.Hi, 1e-12)
			assert.InDelta(t, 1-2./70, got.Level, 1e-12)
		})
	}
}

func TestUnpairedErrors(t *testing.T) {
	for _, row := range []struct {
		name string
		x, y []float64
		want string
	}{
		{"nothing", nil, []float64{1}, "stats: no values"},
		{"nothing to compare with", []float64{1}, nil, "stats: no values"},
		{"zero", []float64{1, 0}, []float64{1}, "stats: x[1] is 0: a ratio needs positive, finite numbers"},
		{"negative", []float64{1}, []float64{-2}, "stats: y[0] is -2: a ratio needs positive, finite numbers"},
		{"NaN", []float64{math.NaN()}, []float64{1}, "stats: x[0] is NaN: a ratio needs positive, finite numbers"},
		{"infinite", []float64{1}, []float64{math.Inf(1)}, "stats: y[0] is +Inf: a ratio needs positive, finite numbers"},
		{"a ratio that is", []float64{1e300}, []float64{1e-300, 1}, "stats: x is from 1e+300 to 1e+300 and y from 1e-300 to 1: a ratio of two of them overflows"},
	} {
		t.Run(row.name, func(t *testing.T) {
			_, err := stats.Unpaired(row.x, row.y)
			assert.EqualError(t, err, row.want)
		})
	}
}

// The tests also take values without ratios: 0, 0, 1 against 2, 3, 4 is like any values
// below the others.
func TestRanksOfAnySign(t *testing.T) {
	p, err := stats.RankSum([]float64{0, -1, 1}, []float64{2, 3, 4})
	require.NoError(t, err)
	assert.InDelta(t, 2./20, p, 1e-12)
	p, err = stats.SignedRank([]float64{0, -1, 1, 0}, []float64{2, 3, 4, 0})
	require.NoError(t, err)
	assert.InDelta(t, 2./8, p, 1e-12, "a difference of zero takes no part")
	_, err = stats.RankSum([]float64{1}, []float64{math.NaN()})
	assert.ErrorContains(t, err, "values[0] is NaN")
	_, err = stats.SignedRank([]float64{1}, []float64{math.NaN()})
	assert.ErrorContains(t, err, "values[0] is NaN")
	_, err = stats.SignedRank([]float64{1}, nil)
	assert.ErrorContains(t, err, "1 values and 0")
}

// The smallest p-value is that of values that could not be farther apart, where the
// distribution is exact.
func TestMinP(t *testing.T) {
	assert.Equal(t, 1.0, stats.MinPairedP(0))
	assert.Equal(t, 1.0, stats.MinUnpairedP(0, 7))
	assert.Equal(t, 0.05, stats.MinUnpairedP(1, 39), "2 in 40, and not a little more")
	assert.Zero(t, stats.MinUnpairedP(5000, 5000))
	for n := 1; n < 25; n++ {
		for _, m := range []int{1, 3, n} {
			x := upTo(n)
			for i := range x {
				x[i] += 1000
			}
			got, err := stats.Unpaired(x, upTo(m))
			require.NoError(t, err)
			assert.InEpsilon(t, stats.MinUnpairedP(n, m), got.P, 1e-9, "%d and %d", n, m)
			assert.Equal(t, stats.MinUnpairedP(n, m) <= stats.Alpha, got.Bounded(), "%d and %d", n, m)
		}
		got, err := stats.Paired(slices.Repeat([]float64{1000}, n), upTo(n))
		require.NoError(t, err)
		assert.InEpsilon(t, stats.MinPairedP(n), got.P, 1e-12)
	}
}

// Like that of Paired, the interval covers the true ratio as often as its level says, if
// the two distributions differ only by the factor.
func TestUnpairedLevel(t *testing.T) {
	const trials, truth = 1000, 1.1
	for _, size := range [][2]int{{4, 4}, {8, 12}, {50, 60}} {
		random := rand.New(rand.NewPCG(5, uint64(size[0])))
		hits, quiet, level := 0, 0, 0.0
		for range trials {
			x, y, slower := make([]float64, size[0]), make([]float64, size[1]), make([]float64, size[0])
			for i := range x {
				x[i] = 1e7 * math.Exp(0.1*random.NormFloat64())
				slower[i] = truth * x[i]
			}
			for i := range y {
				y[i] = 1e7 * math.Exp(0.1*random.NormFloat64())
			}
			c, err := stats.Unpaired(slower, y)
			require.NoError(t, err)
			if c.Lo <= truth && truth <= c.Hi {
				hits++
			}
			p, err := stats.RankSum(x, y)
			require.NoError(t, err)
			if p > 1-c.Level+1e-9 {
				quiet++
			}
			level = c.Level
		}
		margin := 4 * math.Sqrt(trials*level*(1-level))
		assert.InDelta(t, trials*level, hits, margin, "%v values", size)
		assert.InDelta(t, trials*level, quiet, margin, "%v values", size)
	}
}

// FuzzUnpaired reads each byte as a whole number from 1 to 256, the first of them for x.
func FuzzUnpaired(f *testing.F) {
	f.Add([]byte{1, 2}, 1)
	f.Add([]byte("as many as are needed for an interval"), 9)
	f.Add(slices.Repeat([]byte{3, 1, 1, 3, 7, 7, 200, 9}, 20), 80)
	f.Fuzz(func(t *testing.T, bytes []byte, first int) {
		bytes = bytes[:min(len(bytes), 120)]
		if first < 1 || first >= len(bytes) {
			return
		}
		values := make([]float64, len(bytes))
		for i, b := range bytes {
			values[i] = float64(b) + 1
		}
		x, y := values[:first], values[first:]
		before := slices.Clone(values)
		got, err := stats.Unpaired(x, y)
		require.NoError(t, err)
		assert.Equal(t, before, values)
		var differences []float64
		for _, a := range x {
			for _, b := range y {
				differences = append(differences, math.Log(a)-math.Log(b))
			}
		}
		slices.Sort(differences)
		n := len(differences)
		assert.InEpsilon(t, math.Exp((differences[(n-1)/2]+differences[n/2])/2), got.Ratio, 1e-9)
		assert.LessOrEqual(t, got.Lo, got.Ratio)
		assert.GreaterOrEqual(t, got.Hi, got.Ratio)
		assert.Greater(t, got.P, 0.0)
		assert.LessOrEqual(t, got.P, 1.0)
		assert.GreaterOrEqual(t, got.Level, stats.Confidence)

		swapped, err := stats.Unpaired(y, x)
		require.NoError(t, err)
		assert.InEpsilon(t, got.P, swapped.P, 1e-9, "the sides of a test")
		assert.InEpsilon(t, 1/got.Ratio, swapped.Ratio, 1e-9)
		if got.Bounded() {
			assert.InEpsilon(t, 1/got.Hi, swapped.Lo, 1e-9)
			assert.InEpsilon(t, 1/got.Lo, swapped.Hi, 1e-9)
		}
	})
}
