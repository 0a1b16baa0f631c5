package journal_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"poolbench/bench"
	"poolbench/bench/journal"
)

// pairs are one that is whole, of the base and itself; one of which the last round
// has but one side; and one of which a side could not begin.
func pairs() []bench.Pair {
	other := upload
	other.Pool = "process"
	unready := other
	unready.Clients = 1
	whole, failed := results()[2], results()[0]
	third := whole
	third.Rounds = append(third.Rounds, third.Rounds[0], third.Rounds[0])
	third.Cell = other
	return []bench.Pair{
		{Cell: upload, Base: "thread", BaseSide: failed, PoolSide: failed},
		{Cell: other, Base: "thread", BaseSide: failed, PoolSide: third},
		{Cell: unready, Base: "thread", BaseSide: bench.Result{Cell: bench.Pair{Cell: unready, Base: "thread"}.BaseCell()},
			PoolSide: bench.FailedStart(unready, bench.NotReady, os.ErrClosed)},
	}
}

// withPairs makes a plan of pairs alone or, as head has it, of cells too.
func withPairs(cells ...bench.Cell) func(h *journal.Head) {
	return func(h *journal.Head) {
		var planned []bench.Cell
		for _, p := range pairs() {
			planned = append(planned, p.Cell)
		}
		h.Plan = journal.NewPlan(cells, 1, false, h.Plan.Flags).With(planned, "thread")
	}
}

func planned(edit func(h *journal.Head)) journal.Head {
	h := head()
	edit(&h)
	return h
}

func TestPairsThereAndBack(t *testing.T) {
	dir := t.TempDir()
	h := planned(withPairs(download))
	j := open(t, dir, h, false)
	require.NoError(t, j.Add(results()[1]))
	for i, p := range pairs() {
		require.NoError(t, j.AddPair(p))
		run, err := journal.Read(dir)
		require.NoError(t, err)
		assert.Equal(t, pairs()[:i+1], run.Pairs, "while the run goes on")
	}
	require.NoError(t, j.Close(""))
	run, err := journal.Read(dir)
	require.NoError(t, err)
	assert.Equal(t, pairs(), run.Pairs)
	assert.Equal(t, results()[1:2], run.Results, "cells and pairs are told apart")
	assert.Equal(t, h.Plan, run.Head.Plan)
	assert.Equal(t, []bench.Cell{download}, run.Head.Plan.Planned())
	assert.Len(t, run.Head.Plan.PlannedPairs(), 3)
	assert.Equal(t, pairs()[2].Cell, run.Head.Plan.PlannedPairs()[2])
	assertValid(t, dir)
}

// A round's lines stand in the order in which the rounds were.
func TestPairsAreInTheirOrder(t *testing.T) {
	dir := t.TempDir()
	j := open(t, dir, planned(withPairs()), false)
	require.NoError(t, j.AddPair(pairs()[0]))
	require.NoError(t, j.Close(""))
	var order []string
	for line := range strings.Lines(text(t, dir)) {
		if strings.HasPrefix(line, `{"kind":"round"`) {
			_, rest, _ := strings.Cut(line, `"side":"`)
			side, _, _ := strings.Cut(rest, `"`)
			order = append(order, side)
		}
	}
	assert.Equal(t, []string{"base", "pool", "pool", "base"}, order)
	assert.Contains(t, text(t, dir), `"plan":{"cells":[],`)
	assertValid(t, dir)
}

// A pair that was being written when its run was killed is measured again, whole.
func TestResumePairs(t *testing.T) {
	h := planned(withPairs())
	whole := t.TempDir()
	j := open(t, whole, h, false)
	require.NoError(t, j.AddPair(pairs()[0]))
	begin := len(text(t, whole))
	require.NoError(t, j.AddPair(pairs()[1]))
	lines := text(t, whole)
	require.NoError(t, j.Close(""))
	for at := begin; at < len(lines); at += 101 {
		dir := t.TempDir()
		require.NoError(t, os.WriteFile(filepath.Join(dir, journal.FileName), []byte(lines[:at]), 0o644))
		j := open(t, dir, h, true)
		assert.True(t, j.PairDone(pairs()[0].Cell))
		assert.False(t, j.PairDone(pairs()[1].Cell))
		assert.Zero(t, j.Done(pairs()[0].Cell), "it is no cell")
		require.NoError(t, j.AddPair(pairs()[1]))
		require.NoError(t, j.Close(""))
		run, err := journal.Read(dir)
		require.NoError(t, err)
		require.Equal(t, pairs()[:2], run.Pairs)
		assertValid(t, dir)
	}
}

// Other pairs are another run; none are none.
func TestPlanWithPairs(t *testing.T) {
	plain := head()
	assert.Equal(t, plain.Plan, plain.Plan.With(nil, "thread"), "a run without pairs has the plan that it had")
	dir := t.TempDir()
	require.NoError(t, open(t, dir, planned(withPairs(upload)), false).Close(""))
	less := planned(withPairs(upload))
	less.Plan = less.Plan.With([]bench.Cell{upload}, "thread")
	_, err := journal.Open(dir, less, true)
	assert.ErrorContains(t, err, "the run to resume was another: 1 cells and 3 pairs were planned, and are 1 and 1 others")
}

// A run of pairs alone is, as cells, the base by itself and the other pool.
func TestAsCells(t *testing.T) {
	alone := journal.Run{Pairs: pairs()[:2]}
	alone.Pairs[0].BaseSide.LoadPeak = 1 // tells the sides of the base against itself apart
	cells := alone.AsCells()
	assert.Equal(t, []bench.Result{alone.Pairs[0].BaseSide, alone.Pairs[1].PoolSide}, cells.Results)
	assert.Empty(t, alone.Results, "it has a copy")
	both := journal.Run{Pairs: pairs(), Results: results()}
	assert.Equal(t, both, both.AsCells())
}
