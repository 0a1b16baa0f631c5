package analysis_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"poolbench/bench"
	"poolbench/bench/analysis"
	"poolbench/bench/journal"
	"poolbench/protocol"
)

// quick returns a run of six passes in which processes move a tenth more.
func quick(workers []int, pools ...string) journal.Run {
	everywhere := func(bench.Cell) bool { return true }
	run := quiet{[]int{1, 5}, workers, pools, 6, processIs(1.1, everywhere), journal.Plan{Passes: 6}, true}.run()
	run.Head.Plan.Base = bench.Matrix{Pools: pools}.Base()
	return run
}

func join(t *testing.T, runs ...journal.Run) *analysis.Analysis {
	t.Helper()
	var parts []journal.Part
	for i, run := range runs {
		parts = append(parts, journal.Part{Dir: string(rune('a' + i)), Run: run})
	}
	run, err := journal.Join(parts...)
	require.NoError(t, err)
	return analysis.New(run)
}

// A server was started again by hand for each number of workers: its pools are compared
// within each run, and numbers of workers are not.
func TestJoinedWorkers(t *testing.T) {
	a := join(t, quick([]int{1}, pools...), quick([]int{5}, pools...))
	assert.Equal(t, 12, a.Passes)
	assert.Equal(t, []int{6, 6}, a.Wholes)
	whole := effect(t, a, bench.Upload, "", "")
	assert.InDelta(t, 1.1, whole.Ratio, 0.02)
	assert.True(t, whole.Excludes(1))
	assert.Equal(t, 8, whole.Points)
	assert.Equal(t, 12, whole.Passes)
	assert.Equal(t, 6, effect(t, a, bench.Upload, "workers", "5").Passes)
	assert.Len(t, a.Points, 16)
	assert.Empty(t, a.Workers)
	require.Len(t, a.Verdict, 5)
	assert.Equal(t, "Cells of different runs are not compared, as they were not measured next to each other: workers 1 / 5.", a.Verdict[3])
}

// Each pool has a run of its own: nothing is compared but its numbers of workers.
func TestJoinedPools(t *testing.T) {
	a := join(t, quick([]int{1, 5}, protocol.PoolThread), quick([]int{1, 5}, protocol.PoolProcess))
	assert.Empty(t, a.Effects)
	assert.Empty(t, a.Points)
	require.Len(t, a.Workers, 4)
	assert.Equal(t, 24, a.Workers[0].Levels[0].N+a.Workers[0].Levels[1].N, "of one client and two volumes, in six passes of each pool")
	assert.Contains(t, a.Verdict, "Cells of different runs are not compared, as they were not measured next to each other: pool thread / process.")
}

// A number of workers that no other number met is in no answer.
func TestJoinedNumberAlone(t *testing.T) {
	a := join(t, quick([]int{1, 5}, pools...), quick([]int{50}, pools...))
	require.Len(t, a.Workers, 4)
	for _, w := range a.Workers {
		require.Len(t, w.Levels, 2)
		assert.Equal(t, 5, w.Levels[1].Workers)
	}
}

// Every pool is compared with the base of its own run, and at the points where both were
// planned.
func TestJoinedBases(t *testing.T) {
	a := join(t, quick([]int{1}, pools...), quick([]int{1}, "py-thread", "py-process"), quick([]int{5}, protocol.PoolProcess))
	bases := map[string]string{}
	for _, e := range a.Effects {
		bases[e.Pool] = e.Base
		assert.Positive(t, e.N)
	}
	assert.Equal(t, map[string]string{protocol.PoolProcess: protocol.PoolThread, "py-process": "py-thread"}, bases)
	for _, p := range a.Points {
		assert.Positive(t, p.N, "%v", p.Cell)
	}
	assert.Len(t, a.Points, 16)
}

// What is claimed of all runs may be wrong as often as what is claimed of the one that has
// the least left to spend.
func TestJoinedInterim(t *testing.T) {
	going := quick([]int{5}, pools...)
	going.Ended = false
	alone := analysis.New(going)
	a := join(t, quick([]int{1}, pools...), going)
	assert.Equal(t, 6+alone.Passes, a.Passes)
	assert.Equal(t, 6+alone.Effects[0].Passes, a.Effects[0].Passes)

	done := going
	done.Ended, done.Results = true, slices.DeleteFunc(slices.Clone(going.Results), func(r bench.Result) bool { return r.Pass > alone.Looked })
	ended := join(t, quick([]int{1}, pools...), done)
	assert.Equal(t, a.Effects[0].N, ended.Effects[0].N)
	assert.Greater(t, a.Effects[0].HalfWidth(), ended.Effects[0].HalfWidth(), "of the same visits")

	begun := going
	begun.Results = begun.Results[:3]
	a = join(t, quick([]int{1}, pools...), begun)
	assert.Equal(t, 6, a.Passes)
	assert.Equal(t, 6, a.Effects[0].Passes)
	assert.Len(t, join(t, begun, begun).Verdict, 2, "nothing is compared yet")
}

func TestJoinedFirstImpressions(t *testing.T) {
	first := func(workers int) journal.Run {
		run := quick([]int{workers}, pools...)
		run.Results = slices.DeleteFunc(run.Results, func(r bench.Result) bool { return r.Pass > 1 })
		return run
	}
	assert.Contains(t, join(t, first(1), first(5)).Verdict[0], "First impressions, of one pass: ")
	assert.NotContains(t, join(t, first(1), quick([]int{5}, pools...)).Verdict[0], "First impressions")
}

// The same cells in two runs have more passes, and the same effect.
func TestJoinedAgain(t *testing.T) {
	once := analysis.New(quick([]int{1}, pools...))
	a := join(t, quick([]int{1}, pools...), quick([]int{1}, pools...))
	assert.Len(t, a.Totals, len(once.Totals))
	assert.Equal(t, 2*once.Effects[0].N, a.Effects[0].N)
	assert.Less(t, a.Effects[0].HalfWidth(), once.Effects[0].HalfWidth())
	assert.NotContains(t, a.Verdict[3], "different runs")
}
