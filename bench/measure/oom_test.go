package measure_test

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"poolbench/bench"
	"poolbench/bench/internal/machine"
	"poolbench/bench/measure"
	"poolbench/fixtures"
	"poolbench/server/servertest"
)

// smallGroup makes a control group without any memory, and returns the file that moves
// processes into it.
func smallGroup(t *testing.T) (members string) {
	t.Helper()
	for _, at := range []struct{ root, kind, limit, smallest string }{
		{"/sys/fs/cgroup", "cgroup2", "memory.max", "0"},
		{"/sys/fs/cgroup/memory", "cgroup", "memory.limit_in_bytes", "4096"},
	} {
		if machine.Filesystem(at.root) != at.kind {
			continue
		}
		group, err := os.MkdirTemp(at.root, "poolbench-test-")
		if err != nil {
			continue
		}
		t.Cleanup(func() { assert.NoError(t, os.Remove(group)) })
		if os.WriteFile(filepath.Join(group, at.limit), []byte(at.smallest), 0) == nil {
			return filepath.Join(group, "cgroup.procs")
		}
	}
	t.Skip("cannot make a control group with little memory here")
	return ""
}

// The reason tells a client killed by the kernel for lack of memory from one killed by
// somebody else in the same round, where the kernel's log can be read.
func TestClientKilledForMemory(t *testing.T) {
	members := smallGroup(t)
	file := fixture(t, fixtures.MiB)
	text, err := os.ReadFile(file.Path)
	require.NoError(t, err)
	asked, answer := make(chan struct{}, 3), make(chan struct{})
	addr := servertest.Peer(t, func(c *servertest.Caller) {
		asked <- struct{}{}
		<-answer
		c.Send(len(text), text)
	})
	c := config(t, bench.Download, addr, 3, file)
	c.ClientPool = bench.ProcessClients
	run := measure.Start(t.Context(), c)
	h := halfway{arrived: asked}
	h.round(run, 3, func() {
		pids := children(t)
		require.NoError(t, unix.Kill(pids[0], unix.SIGKILL))
		// Its buffer is the first memory that it needs inside the group.
		require.NoError(t, os.WriteFile(members, []byte(strconv.Itoa(pids[1])), 0))
		close(answer)
	})
	run.Round(nil)
	result := run.End()
	reasons := strings.Join(result.Reasons(), "\n")
	log, err := os.Open("/dev/kmsg")
	if err == nil {
		require.NoError(t, log.Close())
	}
	// In a container the log has other PIDs than these processes.
	if space, _ := os.Readlink("/proc/self/ns/pid"); err == nil && space == "pid:[4026531836]" {
		assert.Equal(t, "1 × client killed: signal: killed by the kernel's memory killer\n"+
			"1 × client killed: signal: killed, not by the kernel's memory killer", reasons)
	} else {
		assert.Contains(t, reasons, "× client killed: signal: killed, while the kernel's memory killer was at work")
	}
	assert.Zero(t, result.Rounds[1].Failed())
	assert.Empty(t, result.Notes)
}
