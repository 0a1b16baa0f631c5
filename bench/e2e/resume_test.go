package e2e_test

import (
	"fmt"
	"io"
	"net"
	"slices"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"poolbench/bench"
	"poolbench/bench/journal"
	"poolbench/bench/session"
	"poolbench/fixtures"
)

// A run that was broken off, however, and one that resumes it are one run: each visit
// that was planned is there, and none twice but that to a half of a point.
func TestResume(t *testing.T) {
	t.Parallel()
	const cells, passes, rows = 16, 3, 16 + 5 // in the second pass
	for _, row := range []struct {
		name  string
		end   func(t *testing.T, first *running, results string)
		why   string
		flags []string
	}{
		{"killed between the pools of a point", killHalfway, "", []string{"-passes=3"}},
		{"interrupted", signalled(unix.SIGINT), "interrupt signal received", []string{"-passes=3"}},
		{"terminated", signalled(unix.SIGTERM), "terminated signal received", []string{"-passes=3"}},
		{"terminated, paced by the testing package", signalled(unix.SIGTERM), "terminated signal received", []string{"-test.count=3", "-test.benchtime=1x"}},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			results := t.TempDir()
			flags := slices.Concat(matrix, row.flags, []string{"-results=" + results})
			first := start(t, command(t.Context(), flags...))
			first.until(t, "Benchmark", rows)
			row.end(t, first, results)
			broken := first.end(t)
			run := samples(t, results)
			measured := len(run.Results)
			assert.Less(t, measured, cells*passes)
			paced := run.Head.Plan.Count > 0
			if row.why == "" {
				assert.False(t, run.Ended)
			} else {
				assert.Equal(t, 1, broken.status)
				assert.True(t, run.Ended)
				assert.Equal(t, row.why, run.Why)
				holdRows(t, results, run)
				if paced {
					assert.Regexp(t, `\n# skipped: op=download/.*: `+row.why+`\n`, broken.stdout)
					assert.Regexp(t, `\n# 16 cells, \d+ ops, 0 failed, \d+ cells skipped\n`, broken.stdout)
				} else {
					holdText(t, broken, results)
					assert.Regexp(t, `\n# broken off after [12] of 3 passes: `+row.why+`\n`, broken.stdout)
				}
			}

			second := finish(t, command(t.Context(), append(flags, "-resume")...))
			assert.Zero(t, second.status, second.stderr+second.stdout)
			assert.Contains(t, second.stdout, "\n# 16 cells, ", "the table is of both")
			for _, word := range []string{"skipped", "broken off"} {
				assert.NotContains(t, second.stdout, word)
			}
			run = samples(t, results)
			assert.True(t, run.Ended)
			assert.Empty(t, run.Why)
			holdVisits(t, run, passes, measured)
			holdRows(t, results, run)

			third := finish(t, command(t.Context(), append(flags, "-resume")...))
			assert.Zero(t, third.status, third.stderr)
			assert.Empty(t, third.rows(t), "there is nothing left to measure")
			assert.Contains(t, third.stdout, "\n# 16 cells, ")
			holdRows(t, results, run)
		})
	}
}

// signalled ends a run with a signal.
func signalled(signal unix.Signal) func(*testing.T, *running, string) {
	return func(t *testing.T, first *running, _ string) { require.NoError(t, first.cmd.Process.Signal(signal)) }
}

// killHalfway kills a run that has visited one of a point's two pools.
func killHalfway(t *testing.T, first *running, results string) {
	for {
		require.NoError(t, first.cmd.Process.Signal(unix.SIGSTOP))
		if run, err := journal.Read(results); err == nil && len(run.Results)%2 == 1 {
			require.NoError(t, first.cmd.Process.Kill())
			return
		}
		require.NoError(t, first.cmd.Process.Signal(unix.SIGCONT))
		first.until(t, "Benchmark", 1)
	}
}

// holdVisits holds that each cell has so many visits. Of a run of passes that was
// broken off behind an odd number of visits, a point has its first visit once more:
// those to its pools are to be next to each other.
func holdVisits(t *testing.T, run journal.Run, times, brokenOff int) {
	t.Helper()
	visits := map[string]int{}
	for _, r := range run.Results {
		visits[fmt.Sprintf("%s in pass %d", r.Cell, r.Pass)]++
	}
	planned := run.Head.Plan.Cells
	if run.Head.Plan.Count > 0 {
		assert.Len(t, run.Results, times*len(planned))
		for _, cell := range planned {
			assert.Equal(t, times, visits[cell.String()+" in pass 0"], "%s", cell)
		}
		return
	}
	again := brokenOff % 2
	assert.Len(t, run.Results, times*len(planned)+again)
	assert.Len(t, visits, times*len(planned), "each cell in each pass")
	if again > 0 {
		half := run.Results[brokenOff-1]
		assert.Equal(t, 2, visits[fmt.Sprintf("%s in pass %d", half.Cell, half.Pass)])
		assert.Equal(t, half.Cell, run.Results[brokenOff].Cell, "its pools are next to each other")
	}
}

func TestResumeOfAnotherRun(t *testing.T) {
	t.Parallel()
	results := t.TempDir()
	assert.Zero(t, run(t, "-results="+results).status)
	for _, row := range []struct {
		flags []string
		want  string
	}{
		{[]string{"-storage=discard"}, `-storage was "" and is "discard"`},
		{[]string{"-volume=2KiB"}, `-volume was "1KiB" and is "2KiB"`},
		{[]string{"-passes=2"}, `-passes was "1" and is "2"`},
		{[]string{"-passes=1", "-seed=2"}, `-seed was "1" and is "2"`},
		{[]string{"-test.cpu=1"}, `-cpu was "" and is "1"`},
		{[]string{"-test.count=2"}, `-passes was "1" and is "0"`},
		{[]string{"-test.skip=BenchmarkTransfer/op=upload"}, "other cells were planned: 2, and now 1"},
	} {
		got := run(t, append(row.flags, "-results="+results, "-resume")...)
		holdMistake(t, got, row.want)
		assert.Contains(t, got.stderr, "poolbench: -results: journal: ")
	}
}

// Cells for which there was no time are in the table, and in the exit status.
func TestDeadline(t *testing.T) {
	t.Parallel()
	results := t.TempDir()
	got := run(t, "-results="+results, "-deadline=1ns")
	assert.Equal(t, 1, got.status)
	assert.Empty(t, got.rows(t))
	for _, op := range bench.Ops() {
		assert.Contains(t, got.stdout, "\n# skipped: op="+string(op)+"/volume=1KiB/clients=2/workers=1/pool=thread: the deadline of 1ns had passed\n")
	}
	assert.Contains(t, got.stdout, "\n# 2 cells, 0 ops, 0 failed, 2 cells skipped\n")
	assert.Contains(t, got.stdout, "\n# verdict: Nothing was measured; 2 of 2 cells not measured: the deadline of 1ns had passed")
	assert.Equal(t, "the deadline of 1ns had passed", samples(t, results).Why)

	assert.Zero(t, run(t, "-results="+results, "-resume", "-deadline=1h").status)
	assert.Len(t, samples(t, results).Results, 2)

	run(t, "-results="+results, "-deadline=1ns")
	again := run(t, "-results="+results)
	assert.Zero(t, again.status)
	assert.Contains(t, again.stdout, "\n# the previous run in "+results+" was not finished; it is kept, and -resume would have continued it\n")
	assert.Len(t, rowsOf(t, kept(t, results, session.TextName)), 2, "it has the last run")
}

// Ops under way end with the deadline, and are measured when the run is resumed.
func TestDeadlineEndsOps(t *testing.T) {
	t.Parallel()
	for _, pool := range bench.ClientPools() {
		t.Run(string(pool), func(t *testing.T) {
			results := t.TempDir()
			var deaf, asked atomic.Bool
			deaf.Store(true)
			addr := listen(t, func(conn *net.TCPConn) {
				if deaf.Load() {
					asked.Store(true)
					_, _ = io.Copy(io.Discard, conn)
					return
				}
				fmt.Fprint(conn, "OK Ready to receive\r\n\r\n")
				_, _ = io.CopyN(io.Discard, conn, fixtures.Spec{Size: fixtures.KiB}.TextSize())
				fmt.Fprint(conn, "OK Upload complete\r\n\r\n")
			})
			flags := []string{"-results=" + results, "-op=upload", "-client-pool=" + string(pool), "-op-timeout=20s"}
			got := remote(t, addr, append(flags, "-deadline=2s")...)
			assert.Equal(t, 1, got.status)
			assert.Empty(t, got.rows(t))
			assert.Contains(t, got.stdout, "\n# skipped: op=upload/volume=1KiB/clients=2/workers=unknown/pool=remote: the deadline of 2s had passed\n")

			assert.True(t, asked.Load(), "an op was under way")

			deaf.Store(false)
			got = remote(t, addr, append(flags, "-resume")...)
			assert.Zero(t, got.status, got.stdout)
			assert.Len(t, got.rows(t), 1)
		})
	}
}

// What failed before a run was broken off has failed in the run that resumes it.
func TestResumeOfAFailedRun(t *testing.T) {
	t.Parallel()
	results := t.TempDir()
	first := run(t, "-results="+results, "-op=upload", "-op-timeout=1ns")
	assert.Equal(t, 1, first.status)
	second := run(t, "-results="+results, "-op=upload", "-op-timeout=1ns", "-resume")
	assert.Equal(t, 1, second.status)
	assert.Empty(t, second.rows(t), "it is not repeated")
	assert.Contains(t, second.stdout, "# exit status 1 because ops failed")
}
