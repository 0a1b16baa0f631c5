package analysis_test

import (
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

// Five workers move a quarter more than one, and fifty no more than five.
func TestWorkers(t *testing.T) {
	factor := func(c bench.Cell) float64 {
		if c.Workers > 1 && c.Clients > 1 {
			return 1.25
		}
		return 1
	}
	a := analysis.New(quiet{[]int{1, 5}, []int{1, 5, 50}, pools, 8, factor, journal.Plan{Passes: 8}, true}.run())
	require.Len(t, a.Workers, 4, "two ops, two numbers of clients")
	for _, w := range a.Workers {
		want := map[int]int{1: 1, 5: 5}[w.Clients]
		assert.Equal(t, want, w.Enough, "%s by %d clients", w.Op, w.Clients)
		assert.True(t, w.Certain)
		assert.True(t, w.Settled(0.05))
		require.Len(t, w.Levels, 3)
		if w.Clients == 5 {
			assert.InEpsilon(t, 0.8, w.Levels[0].Ratio, 0.03)
			assert.Less(t, w.Levels[0].Hi, 0.95)
			assert.InDelta(t, 50e6, w.Levels[0].Wait, 1e6)
			assert.InDelta(t, 1e6, w.Levels[2].Wait, 1e5)
		}
	}
	assert.Regexp(t, `5 for 5 clients \(1 move 2\d % less than the best, −2\d … −1\d %.*; with 50 the wait is 1\.00 ms, not 10\.0 ms\)`, strings.Join(a.Verdict, "\n"))
}

// There is an answer about workers as soon as two numbers of them can be compared. It is
// certain once every other answer is ruled out.
func TestUncertainWorkers(t *testing.T) {
	q := quiet{[]int{5}, []int{1, 5, 50}, []string{protocol.PoolThread}, 1, one, journal.Plan{Budget: time.Hour}, false}
	single := q.run()
	var few []bench.Result
	for _, r := range single.Results {
		if r.Cell.Volume == 10*fixtures.MiB && r.Cell.Op == bench.Upload {
			few = append(few, r)
		}
	}
	single.Results, single.Head.Plan = few, single.Head.Plan.Of([]bench.Cell{few[0].Cell, few[1].Cell, few[2].Cell})
	assert.True(t, analysis.Wanted(single)(bench.Cell{Op: bench.Upload, Clients: 5, Workers: 1, Volume: 10 * fixtures.MiB}), "one ratio is no answer")

	q.passes, q.ended, q.plan = 6, true, journal.Plan{Passes: 6}
	lost := q.run()
	for i := range lost.Results {
		if r := &lost.Results[i]; r.Cell.Workers == 1 {
			r.Rounds[0].Samples[0].Failure = bench.Failure{Reason: bench.TimeoutWait}
		}
	}
	for _, w := range analysis.New(lost).Workers {
		assert.Contains(t, []int{5, 50}, w.Enough, "the others can be compared")
		assert.False(t, w.Certain, "of one worker nothing is known")
	}
}
