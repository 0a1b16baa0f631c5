package analysis_test

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"poolbench/bench"
	"poolbench/bench/analysis"
	"poolbench/bench/journal"
	"poolbench/fixtures"
	"poolbench/protocol"
)

var pools = []string{protocol.PoolThread, protocol.PoolProcess}

// A run whose first pass is not whole compares nothing, because the points visited so far
// do not stand for the others.
func TestPassThatIsNotWhole(t *testing.T) {
	run := quiet{[]int{1, 5}, []int{1, 5}, pools, 1, one, journal.Plan{Budget: time.Hour}, false}.run()
	run.Results = run.Results[:len(run.Results)-1]
	a := analysis.New(run)
	assert.Zero(t, a.Looked)
	assert.Empty(t, a.Effects)
	assert.Contains(t, a.Verdict[0], "the first pass is not whole")
}

// Only an axis with several levels has effects of its levels.
func TestAxisOfOneLevel(t *testing.T) {
	a := analysis.New(quiet{[]int{1}, []int{1, 5}, pools, 4, one, journal.Plan{Passes: 4}, true}.run())
	axes := map[string]int{}
	for _, e := range a.Effects {
		axes[e.Axis]++
	}
	assert.Equal(t, map[string]int{"": 2, "workers": 4, "volume": 4}, axes)
}

// A point stands out if its corrected p-value is within the share of alpha for points. A
// p-value between that and alpha itself is not enough.
func TestPointAtTheLimit(t *testing.T) {
	special := func(c bench.Cell) bool {
		return c.Op == bench.Upload && c.Clients == 5 && c.Workers == 5 && c.Volume == 50*fixtures.MiB
	}
	// Half of 5 % is for points, and the look at half of the run has spent a quarter of it.
	const limit = 0.05 * 0.5 * 0.75
	claimed, between := map[float64]bool{}, 0
	for factor := 1.0; factor < 1.2; factor += 0.002 {
		a := analysis.New(quiet{[]int{1, 5}, []int{1, 5, 50}, pools, 8, processIs(factor, special), journal.Plan{Passes: 8}, true}.run())
		for _, p := range a.Points {
			if special(p.Cell) {
				claimed[factor] = p.StandsOut
				assert.Equal(t, p.StandsOut, p.P <= limit, "%v: corrected p %v", factor, p.P)
				if p.P > limit && p.P <= 0.05 {
					between++
				}
			}
		}
	}
	assert.Positive(t, between)
	assert.False(t, claimed[1])
	assert.Len(t, claimed, 100)
}

// A point is wanted until the effects of its op, clients and workers are precise. The
// effect of its volume need not be.
func TestWantedLevels(t *testing.T) {
	noisy := func(c bench.Cell) float64 { return map[bool]float64{true: 1.4, false: 1}[c.Volume == 50*fixtures.MiB] }
	q := quiet{[]int{1}, []int{1}, pools, 8, one, journal.Plan{Budget: time.Hour}, false}
	run := q.run()
	for i := range run.Results { // one volume spreads, both pools by turns
		if r := &run.Results[i]; r.Cell.Volume == 50*fixtures.MiB && r.Pass%2 == 0 && r.Cell.Pool == protocol.PoolProcess {
			r.Rounds[0].Makespan = time.Duration(float64(r.Rounds[0].Makespan) / noisy(r.Cell))
		}
	}
	a := analysis.New(journal.Run{Head: run.Head, Results: run.Results, Ended: true})
	whole, volume := effect(t, a, bench.Upload, "", ""), effect(t, a, bench.Upload, "volume", "50MiB")
	require.Greater(t, volume.HalfWidth(), whole.HalfWidth())
	run.Head.Plan.Precision = (volume.HalfWidth() + whole.HalfWidth()) / 2
	assert.False(t, analysis.Wanted(run)(bench.Cell{Op: bench.Upload, Clients: 1, Workers: 1, Volume: 50 * fixtures.MiB}))

	same := quiet{[]int{1, 5}, []int{1}, pools, 3, one, journal.Plan{Budget: time.Hour, Precision: 0.9}, false}
	assert.True(t, analysis.Wanted(same.run())(bench.Cell{Op: bench.Upload, Clients: 1, Workers: 1, Volume: 10 * fixtures.MiB}),
		"fewer than four passes may be narrow by chance")
}

// Rounds of one pair of servers share their luck. When a remote server was started is
// unknown, so all rounds of a pass may share theirs.
func TestLuckOfAPass(t *testing.T) {
	q := quiet{[]int{1, 5}, []int{1, 5, 50}, pools, 12, one, journal.Plan{Passes: 12}, true}
	lucky := func(server int) *analysis.Analysis {
		run := q.run()
		for i := range run.Results {
			r := &run.Results[i]
			r.Server *= server
			if r.Cell.Pool == protocol.PoolProcess {
				r.Rounds[0].Makespan = time.Duration(float64(r.Rounds[0].Makespan) * math.Exp(0.1*math.Sin(float64(r.Pass*r.Pass))))
			}
		}
		return analysis.New(run)
	}
	unknown, known := effect(t, lucky(0), bench.Upload, "", ""), effect(t, lucky(1), bench.Upload, "", "")
	assert.Greater(t, unknown.HalfWidth(), 1.2*known.HalfWidth(), "all of a pass is one group, or each ratio is")
}

// An interval that reaches farther than a factor of ten says nothing.
func TestIntervalThatSaysNothing(t *testing.T) {
	run := quiet{[]int{1}, []int{1}, pools, 2, one, journal.Plan{Passes: 2}, true}.run()
	for i := range run.Results {
		if r := &run.Results[i]; r.Cell.Pool == protocol.PoolProcess && r.Pass == 2 {
			r.Rounds[0].Makespan *= 1000
		}
	}
	a := analysis.New(run)
	assert.False(t, effect(t, a, bench.Upload, "", "").Bounded())
	assert.Contains(t, a.Verdict[0], "were measured side by side too rarely to compare")
}

// Pools with a wide interval are not called alike, and a number of workers that is not
// certain is called probable.
func TestVerdictThatIsNotSure(t *testing.T) {
	run := quiet{[]int{1}, []int{1, 5}, pools, 4, one, journal.Plan{Passes: 4}, true}.run()
	for i := range run.Results {
		r := &run.Results[i]
		swing := math.Exp(math.Sin(float64(i * i)))
		r.Rounds[0].Makespan = time.Duration(float64(r.Rounds[0].Makespan) * swing)
	}
	verdict := strings.Join(analysis.New(run).Verdict, "\n")
	assert.Contains(t, verdict, "processes and threads cannot be told apart yet")
	assert.Regexp(t, `probably \d for 1 client`, verdict)
}

// Of the points that stand out, three are named and the others counted.
func TestVerdictNamesThreePoints(t *testing.T) {
	diagonal := func(c bench.Cell) bool { // four of 32 uploads, and no level of any axis
		return c.Op == bench.Upload && c.Clients == c.Workers && (c.Volume == 50*fixtures.MiB) == (c.Clients < 5)
	}
	numbers := []int{1, 2, 5, 50}
	a := analysis.New(quiet{numbers, numbers, pools, 12, processIs(1.5, diagonal), journal.Plan{Passes: 12}, true}.run())
	out := 0
	for _, p := range a.Points {
		if p.StandsOut {
			out++
		}
	}
	require.Equal(t, 4, out)
	verdict := strings.Join(a.Verdict, "\n")
	assert.Contains(t, verdict, "; 1 more.\n")
	assert.Equal(t, 3, strings.Count(verdict, "upload of "))
}
