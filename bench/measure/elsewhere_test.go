package measure_test

import (
	"context"
	"encoding/gob"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"poolbench/bench"
	"poolbench/bench/client"
	"poolbench/bench/measure"
	"poolbench/fixtures"
	"poolbench/server"
	"poolbench/server/servertest"
)

// job is the environment variable with the config that a test binary started with
// instead=measure measures.
const job = "BENCH_TEST_JOB"

// measureInstead waits for the end of its input, measures one round of the job and writes
// the result.
func measureInstead() {
	c := measure.Config{OpTimeout: 20 * time.Second, CellTimeout: time.Minute, Budget: client.NewBudget(0)}
	err := json.Unmarshal([]byte(os.Getenv(job)), &c)
	_, late := io.Copy(io.Discard, os.Stdin)
	c.Heartbeat = measure.StartHeartbeat()
	run := measure.Start(context.Background(), c)
	run.Round(nil)
	if err = errors.Join(err, late, gob.NewEncoder(os.Stdout).Encode(run.End())); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// elsewhere starts program, a copy of this one, to measure c. It returns its PID, and a
// function that releases it and returns the result.
func elsewhere(t *testing.T, program string, c measure.Config) (pid int, letGo func() bench.Result) {
	t.Helper()
	text, err := json.Marshal(map[string]any{"Cell": c.Cell, "ClientPool": c.ClientPool, "Target": c.Target, "Fixture": c.Fixture})
	require.NoError(t, err)
	cmd := exec.CommandContext(t.Context(), program)
	cmd.Env = append(os.Environ(), instead+"=measure", job+"="+string(text))
	cmd.Stderr = os.Stderr
	stdin, err := cmd.StdinPipe()
	require.NoError(t, err)
	stdout, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	return cmd.Process.Pid, func() (result bench.Result) {
		require.NoError(t, stdin.Close())
		assert.NoError(t, gob.NewDecoder(stdout).Decode(&result))
		assert.NoError(t, cmd.Wait())
		return result
	}
}

// Client processes start from this executable, even if its path has been replaced.
func TestProgramIsReplaced(t *testing.T) {
	self, err := os.Executable()
	require.NoError(t, err)
	file := fixture(t, fixtures.KiB)
	addr, _ := start(t, server.Config{Workers: 2}, file)
	for _, row := range []struct {
		name    string
		replace func(path string) error
	}{
		{"removed", os.Remove},
		{"rebuilt", func(path string) error {
			return errors.Join(os.Remove(path), os.WriteFile(path, []byte("#!/bin/sh\nexit 7\n"), 0o755))
		}},
	} {
		t.Run(row.name, func(t *testing.T) {
			program := filepath.Join(t.TempDir(), "program")
			require.NoError(t, exec.CommandContext(t.Context(), "cp", self, program).Run())
			c := config(t, bench.Download, addr, 2, file)
			c.ClientPool = bench.ProcessClients
			_, letGo := elsewhere(t, program, c)
			require.NoError(t, row.replace(program))
			result := letGo()
			ok, _ := result.Ops()
			assert.Equal(t, 2, ok, "%v", result.Reasons())
		})
	}
}

// If the benchmark itself was stopped, it notices the stall and repeats the round.
func TestBenchmarkIsStopped(t *testing.T) {
	self, err := os.Executable()
	require.NoError(t, err)
	file := fixture(t, fixtures.KiB)
	text, err := os.ReadFile(file.Path)
	require.NoError(t, err)
	const held = 1500 * time.Millisecond
	started := make(chan int, 1)
	stop := sync.OnceFunc(func() {
		pid := <-started
		assert.NoError(t, unix.Kill(pid, unix.SIGSTOP))
		var status unix.WaitStatus // reports the stop without reaping
		_, err := unix.Wait4(pid, &status, unix.WUNTRACED, nil)
		assert.NoError(t, err)
		<-time.After(held)
		assert.NoError(t, unix.Kill(pid, unix.SIGCONT))
	})
	addr := servertest.Peer(t, func(c *servertest.Caller) {
		stop()
		c.Send(len(text), text)
	})
	pid, letGo := elsewhere(t, self, config(t, bench.Download, addr, 1, file))
	started <- pid
	began := time.Now()
	result := letGo()
	require.Len(t, result.Rounds, 2)
	stalled := result.Rounds[0]
	assert.Zero(t, stalled.Failed())
	assert.GreaterOrEqual(t, stalled.Stalled, held)
	assert.Less(t, stalled.Stalled, time.Since(began))
	assert.True(t, result.Rounds[1].Whole())
}
