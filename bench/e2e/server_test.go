package e2e_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"poolbench/bench"
)

// largeUploads are flags for uploads of 50 MiB by one client, which can be caught.
var largeUploads = []string{"-volume=50MiB", "-clients=1", "-warmup=0"}

// catch waits until a process of a benchmark, whose role is the beginning of a line of its
// environment, is in the middle of an upload, and stops it there.
func catch(t *testing.T, benchmark int, role, storage string) (pid int) {
	t.Helper()
	half := func() bool {
		uploads, err := filepath.Glob(filepath.Join(storage, "*", ".*"))
		require.NoError(t, err)
		for _, path := range uploads {
			if info, err := os.Stat(path); err == nil && info.Size() > 0 && info.Size() < 40<<20 {
				return true
			}
		}
		return false
	}
	for began := time.Now(); time.Since(began) < 20*time.Second; {
		pids := find(benchmark, role)
		// Looked for less often than uploads, as that takes longer.
		for looked := time.Now(); len(pids) == 1 && time.Since(looked) < 50*time.Millisecond; {
			if !half() {
				continue
			}
			if unix.Kill(pids[0], unix.SIGSTOP) != nil {
				break
			}
			if half() {
				return pids[0]
			}
			require.NoError(t, unix.Kill(pids[0], unix.SIGCONT))
		}
	}
	require.Fail(t, "no upload was ever seen")
	return 0
}

// A server that is killed takes a visit with it, and the next has a fresh one.
func TestServerIsKilled(t *testing.T) {
	t.Parallel()
	storage, results := t.TempDir(), t.TempDir()
	r := start(t, command(t.Context(), append(largeUploads, "-pool=thread", "-workers=2", "-passes=4", "-storage="+storage, "-results="+results)...))
	require.NoError(t, unix.Kill(catch(t, r.cmd.Process.Pid, "POOLBENCH_SERVER=", storage), unix.SIGKILL))
	got := r.end(t)
	assert.Equal(t, 1, got.status)
	assert.Empty(t, got.stderr)
	assert.Len(t, got.rows(t), 2*4)
	assert.Contains(t, got.stdout, "\n# 2 cells, 8 ops, 1 failed\n")
	assert.Regexp(t, `\n# failed: op=upload/.*: 1 × server died: signal: killed; the op: (reset|cut short|refused)`, got.stdout)
	assert.Regexp(t, `\n# note: op=.*: a server before this one: .*signal: killed\n`, got.stdout)
	assert.Contains(t, got.stdout, "\n# exit status 1 because ops failed")
	run := samples(t, results)
	holdRows(t, results, run)
	for i, r := range run.Results {
		if _, failed := r.Ops(); failed == 0 {
			continue
		}
		for failure := range r.Failures() {
			assert.Equal(t, bench.ServerDied, failure.Reason)
		}
		require.Less(t, i+1, len(run.Results))
		next := run.Results[i+1]
		assert.Greater(t, next.Server, r.Server)
		assert.Contains(t, strings.Join(next.Notes, "\n"), "a server before this one: ")
	}
}

// A round in which a server was stopped is marked and kept, and done again.
func TestServerIsStopped(t *testing.T) {
	t.Parallel()
	storage, results := t.TempDir(), t.TempDir()
	r := start(t, command(t.Context(), append(largeUploads, "-op=upload", "-pool=thread", "-workers=2", "-passes=2", "-storage="+storage, "-results="+results)...))
	pid := catch(t, r.cmd.Process.Pid, "POOLBENCH_SERVER=", storage)
	time.Sleep(1600 * time.Millisecond) // is what happens: who is stopped in a round is looked for after a second of it
	require.NoError(t, unix.Kill(pid, unix.SIGCONT))
	got := r.end(t)
	assert.Zero(t, got.status, got.stderr)
	assert.Regexp(t, `\n# warning H: 1 of 1 cells: in a round the benchmark did not run or a server was stopped`, got.stdout)
	run := samples(t, results)
	holdRows(t, results, run)
	stalled := 0
	for _, r := range run.Results {
		if r.Stalled() == 0 {
			assert.Len(t, r.Rounds, 1)
			continue
		}
		stalled++
		require.Greater(t, len(r.Rounds), 1, "it is done again")
		assert.Positive(t, r.Rounds[0].Stalled)
		assert.Less(t, r.Rounds[0].Stalled, r.Rounds[0].Makespan)
		assert.Zero(t, r.Rounds[len(r.Rounds)-1].Stalled)
	}
	assert.Equal(t, 1, stalled)
}

// A worker that is killed in the middle of an upload takes that with it, which the
// row says, and the exit status.
func TestWorkerIsKilled(t *testing.T) {
	t.Parallel()
	storage, results := t.TempDir(), t.TempDir()
	r := start(t, command(t.Context(), append(largeUploads, "-op=upload", "-pool=process", "-workers=1", "-passes=4", "-storage="+storage, "-results="+results)...))
	require.NoError(t, unix.Kill(catch(t, r.cmd.Process.Pid, "POOLBENCH_WORKER=", storage), unix.SIGKILL))
	got := r.end(t)
	assert.Equal(t, 1, got.status, got.stderr)
	assert.Empty(t, got.stderr)
	assert.Regexp(t, `\n# failed: op=upload/.*: 1 × worker died: (reset|cut short): `, got.stdout)
	assert.Contains(t, got.stdout, "\n# 1 cells, 4 ops, 1 failed\n")
	run := samples(t, results)
	require.Len(t, run.Results, 4)
	lost := int64(0)
	for i, row := range got.rows(t) {
		_, failed := run.Results[i].Ops()
		assert.EqualValues(t, failed, value(row, "fail/op"))
		for failure := range run.Results[i].Failures() {
			assert.Equal(t, bench.WorkerDied, failure.Reason)
		}
		lost += run.Results[i].Told.Failed
	}
	assert.EqualValues(t, 1, lost, "the server tells of it")
}
