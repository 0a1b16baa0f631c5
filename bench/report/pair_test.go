package report_test

import (
	"bytes"
	"errors"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"poolbench/bench"
	"poolbench/bench/journal"
	"poolbench/bench/report"
	"poolbench/fixtures"
)

// pair is one of which the base took 100 ms in each of the rounds, and the pool
// these milliseconds.
func pair(clients int, pool string, makespans ...int) bench.Pair {
	cell := bench.Cell{Op: bench.Upload, Volume: 10 * fixtures.MiB, Clients: clients, Workers: 5, Pool: pool}
	p := bench.Pair{Cell: cell, Base: "thread"}
	for _, m := range makespans {
		p.BaseSide.Rounds = append(p.BaseSide.Rounds, rounds(clients, 100*time.Millisecond)...)
		p.PoolSide.Rounds = append(p.PoolSide.Rounds, rounds(clients, time.Duration(m)*time.Millisecond)...)
	}
	p.BaseSide.Cell, p.PoolSide.Cell = p.BaseCell(), cell
	return p
}

// pairSample is a run with a pair of each verdict, and one that was skipped. Ten
// rounds of one sign have a P of 2/2¹⁰, which of five comparisons is 0.0098. The
// base is within 4 % of itself at one client and within 1 % at five; at fifty it had
// too few rounds.
func pairSample() journal.Run {
	partial := pair(50, "process", 80, 81, 82, 83, 84, 85, 86, 87)
	partial.PoolSide.Rounds[2].Samples[7].Failure = bench.Failure{Reason: bench.Reset, Detail: "before an answer"}
	partial.BaseSide.Notes = []string{"the base's note"}
	unready := pair(9, "goroutine")
	unready.PoolSide = bench.FailedStart(unready.Cell, bench.NotReady, errors.New("no room on the disk"))
	all := []bench.Pair{
		pair(1, "thread", 100, 95, 105, 100, 96, 104, 99, 101),
		pair(5, "thread", 100, 101, 99, 100, 100, 100, 101, 99),
		pair(50, "thread", 100, 101, 99),
		pair(1, "process", 50, 51, 52, 53, 54, 55, 56, 57, 58, 59),
		pair(5, "process", 150, 151, 152, 153, 154, 155, 156, 157, 158, 159),
		pair(1, "goroutine", 98, 97, 96, 98, 97, 98, 97, 96, 98, 97),
		pair(5, "goroutine", 100, 108, 93, 101, 99, 103, 95, 104),
		partial, unready,
	}
	var planned []bench.Cell
	for _, p := range all {
		planned = append(planned, p.Cell)
	}
	skipped := all[0].Cell
	skipped.Clients, skipped.Pool = 100, "process"
	plan := journal.NewPlan(nil, 1, false, nil).With(append(planned, skipped), "thread")
	return journal.Run{Head: journal.Head{Plan: plan}, Pairs: all, Ended: true, Why: "interrupted"}
}

func TestFormatsOfPairs(t *testing.T) {
	for _, format := range report.Formats() {
		t.Run(format.Name, func(t *testing.T) {
			var got bytes.Buffer
			require.NoError(t, format.Write(&got, pairSample()))
			golden(t, "testdata/pairs/"+format.Name+".golden", got.Bytes())
			assert.ErrorIs(t, format.Write(broken{}, pairSample()), os.ErrClosed)
		})
	}
}

// Cells and pairs have a table each, and one last line.
func TestTextOfCellsAndPairs(t *testing.T) {
	both := sample()
	both.Pairs = pairSample().Pairs
	both.Head.Plan = both.Head.Plan.With(pairSample().Head.Plan.PlannedPairs(), "thread")
	var got, markdown bytes.Buffer
	require.NoError(t, report.Comment(&got, both))
	assert.Regexp(t, `(?s)MB/s.*failed  warn\n.*# +op .*base makespan.*# 7 cells, 10 pairs, \d+ ops, 16 failed, 2 cells skipped, 1 pairs skipped\n$`, got.String())
	require.NoError(t, report.Markdown(&markdown, both))
	assert.Regexp(t, `(?s)\| failed \| warn \|\n.*\n\n\| op .*\| verdict \|\n`, markdown.String())
}

func TestTextOfPairsOfClientPools(t *testing.T) {
	p := pair(1, "thread", 100, 100, 100, 100, 100, 100)
	p.Cell.ClientPool = bench.ProcessClients
	run := journal.Run{Head: journal.Head{Plan: journal.NewPlan(nil, 1, false, nil).With([]bench.Cell{p.Cell}, "thread")}, Pairs: []bench.Pair{p}, Ended: true}
	var got bytes.Buffer
	require.NoError(t, report.Text(&got, run))
	assert.Regexp(t, `workers +client pool +pool +rounds`, got.String())
	assert.Regexp(t, `\n +upload +10MiB +1 +5 +process +thread +6 +100 ms +100 ms +1.000 +1.000 … 1.000 +- +1.000 +- +noise floor`, got.String())
	assert.Contains(t, got.String(), "\n1 pairs, 12 ops, 0 failed\n")
}

// Who waits is told of each pair.
func TestPairLine(t *testing.T) {
	partial := pair(2, "process", 50, 50, 50, 50, 50, 50, 50)
	partial.PoolSide.Rounds[0].Samples[0].Failure = bench.Failure{Reason: bench.Reset}
	none := pair(2, "process", 50)
	none.PoolSide.Rounds[0].Samples[0].Failure = bench.Failure{Reason: bench.Reset}
	const name = "op=upload/volume=10MiB/clients=2/workers=5/pool="
	for _, row := range []struct {
		pair bench.Pair
		want string
	}{
		{pair(2, "thread", 80, 80, 80, 80, 80, 80), name + "thread against thread: 6 rounds, ratio 1.250 (1.250 … 1.250)"},
		{pair(2, "process", 50, 50), name + "process against thread: 2 rounds, ratio 2.000"},
		{partial, name + "process against thread: 7 rounds, 6 of them without a failure, ratio 2.000 (2.000 … 2.000)"},
		{none, name + "process against thread: 1 rounds, 0 of them without a failure"},
	} {
		assert.Equal(t, row.want, report.PairLine(row.pair))
	}
}
