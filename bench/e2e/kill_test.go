package e2e_test

import (
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"poolbench/bench/internal/proc"
	"poolbench/server/servertest"
)

// Neither a server nor its workers nor its files outlive a benchmark that is
// killed.
func TestKilledBenchmarkLeavesNothing(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		pool      string
		processes int // of a server
	}{{"thread", 1}, {"process", 1 + 3}} {
		t.Run(row.pool, func(t *testing.T) {
			temporary := t.TempDir()
			cmd := command(t.Context(), "-passes=100000", "-pool="+row.pool, "-workers=3", "-sink=file")
			cmd.Env = append(os.Environ(), "TMPDIR="+temporary)
			require.NoError(t, cmd.Start())
			var servers []int
			seen := func() bool {
				// Stopped, so that what is found is what there is when it is killed.
				require.NoError(t, cmd.Process.Signal(unix.SIGSTOP))
				if servers = find(cmd.Process.Pid, "POOLBENCH_SERVER="); len(servers) == row.processes {
					return true
				}
				require.NoError(t, cmd.Process.Signal(unix.SIGCONT))
				return false
			}
			for began := time.Now(); !seen() && time.Since(began) < 20*time.Second; {
			}
			require.Len(t, servers, row.processes, "no server was ever seen")
			kill(t, cmd, servers)
			left, err := os.ReadDir(temporary)
			require.NoError(t, err)
			assert.Empty(t, left, "neither storage nor log nor downloads")
		})
	}
}

// Nor do its clients, though they are in the middle of an op.
func TestKilledBenchmarkLeavesNoClients(t *testing.T) {
	t.Parallel()
	temporary := t.TempDir()
	asked := make(chan struct{})
	addr := listen(t, func(conn *net.TCPConn) {
		asked <- struct{}{}
		_, _ = io.Copy(io.Discard, conn)
	})
	cmd := command(t.Context(), "-target="+addr, "-op=upload", "-client-pool=process", "-warmup=0")
	cmd.Env = append(os.Environ(), "TMPDIR="+temporary)
	require.NoError(t, cmd.Start())
	for range 2 {
		<-asked
	}
	clients := find(cmd.Process.Pid, "POOLBENCH_CLIENT=")
	assert.Len(t, clients, 2)
	kill(t, cmd, clients)
	left, err := os.ReadDir(temporary)
	require.NoError(t, err)
	assert.Empty(t, left, "downloads")
}

// kill kills the benchmark, and holds that its processes end.
func kill(t *testing.T, cmd *exec.Cmd, pids []int) {
	t.Helper()
	var handles []int
	for _, pid := range pids {
		fd, err := unix.PidfdOpen(pid, 0)
		require.NoError(t, err)
		defer unix.Close(fd)
		handles = append(handles, fd)
	}
	require.NoError(t, cmd.Process.Kill())
	_ = cmd.Wait() // "signal: killed"
	for _, handle := range handles {
		assert.True(t, servertest.Ended(t, handle, 10*time.Second), "a process is still alive")
	}
}

// find returns the processes that a benchmark has started, and those have, whose
// environment has a line that begins so. Other tests have benchmarks of their own.
func find(benchmark int, beginning string) []int {
	started, _ := proc.Tree{Root: benchmark}.Processes() // none of one that has ended
	return slices.DeleteFunc(started, func(pid int) bool {
		environ, _ := os.ReadFile(fmt.Sprintf("/proc/%d/environ", pid))
		return !strings.Contains("\x00"+string(environ), "\x00"+beginning)
	})
}
