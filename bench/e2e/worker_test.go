package e2e_test

import (
	"bufio"
	"bytes"
	"io"
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

// A worker that is killed in the middle of an upload takes that with it, which the
// row says, and the exit status.
func TestWorkerIsKilled(t *testing.T) {
	storage, results := t.TempDir(), t.TempDir()
	cmd := command(t.Context(), "-op=upload", "-volume=20MiB", "-clients=1", "-workers=1", "-pool=process", "-warmup=0",
		"-test.benchtime=20x", "-storage="+storage, "-results="+results)
	var stdout, stderr bytes.Buffer
	cmd.Stderr = &stderr
	pipe, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	// The plan's own uploads come before the cell's.
	lines := bufio.NewReader(pipe)
	for !strings.Contains(stdout.String(), "# plan: ") {
		line, err := lines.ReadString('\n')
		require.NoError(t, err, &stderr)
		stdout.WriteString(line)
	}
	halfway := func() bool {
		// Stopped, so that the upload gets no further than its bytes have already.
		require.NoError(t, cmd.Process.Signal(unix.SIGSTOP))
		uploads, err := filepath.Glob(filepath.Join(storage, "*", ".*"))
		require.NoError(t, err)
		if len(uploads) == 1 {
			if info, err := os.Stat(uploads[0]); err == nil && info.Size() < 5<<20 {
				return true
			}
		}
		require.NoError(t, cmd.Process.Signal(unix.SIGCONT))
		return false
	}
	caught := false
	for began := time.Now(); !caught && time.Since(began) < 20*time.Second; {
		caught = halfway()
	}
	require.True(t, caught, "no upload was ever seen")
	workers := find(t, binary, "POOLBENCH_WORKER=")
	require.Len(t, workers, 1)
	require.NoError(t, unix.Kill(workers[0], unix.SIGKILL))
	require.NoError(t, cmd.Process.Signal(unix.SIGCONT))
	_, err = io.Copy(&stdout, lines)
	require.NoError(t, err)
	_ = cmd.Wait() // "exit status 1"
	got := outcome{stdout.String(), stderr.String(), cmd.ProcessState.ExitCode()}
	assert.Equal(t, 1, got.status, got.stderr)
	rows := got.rows(t)
	require.Len(t, rows, 1)
	assert.InDelta(t, 0.05, value(rows[0], "fail/op"), 1e-9)
	assert.Regexp(t, `\n# failed: op=upload/.*: 1 × worker died: (reset|cut short): `, got.stdout)
	assert.Contains(t, got.stdout, "\n# 1 cells, 20 ops, 1 failed\n")
	run := samples(t, results)
	require.Len(t, run.Results, 1)
	for failure := range run.Results[0].Failures() {
		assert.Equal(t, bench.WorkerDied, failure.Reason)
	}
	assert.EqualValues(t, 1, run.Results[0].ServerFailed)
}
