package measure_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"poolbench/bench"
	"poolbench/bench/client"
	"poolbench/bench/internal/proc"
	"poolbench/fixtures"
	"poolbench/server"
	"poolbench/server/child"
)

// A server's tree includes all workers, and the CPU time of those that have ended.
func TestTree(t *testing.T) {
	file := fixture(t, 8*fixtures.MiB)
	p, err := child.Start(t.Context(), child.Config{
		Server: server.Config{Addr: "127.0.0.1:0", Pool: server.Process, Workers: 3}, StorageIn: t.TempDir(),
	})
	require.NoError(t, err)
	tree := proc.Tree{Root: p.PID()}
	alone := proc.Processes{p.PID()}
	c := config(t, bench.Upload, p.Addr(), 3, file)
	c.Target.Processes = tree
	result := measured(t, c, 1)
	require.Zero(t, result.Rounds[0].Failed(), result.Reasons())
	cpu, err := tree.CPU()
	require.NoError(t, err)
	supervisor, err := alone.CPU()
	require.NoError(t, err)
	assert.Greater(t, cpu, supervisor+result.Rounds[0].ServerCPU/2, "the workers are the ones that work")
	peak, err := tree.Peak()
	require.NoError(t, err)
	mine, err := alone.Peak()
	require.NoError(t, err)
	assert.Greater(t, peak, mine)

	figures, err := client.Stats(t.Context(), p.Addr())
	require.NoError(t, err)
	require.Len(t, figures.PIDs, 1+3)
	for _, pid := range figures.PIDs[1:] {
		require.NoError(t, unix.Kill(pid, unix.SIGKILL))
	}
	eventually := func() bool {
		now, err := client.Stats(t.Context(), p.Addr())
		return err == nil && now.Restarts == 3
	}
	require.Eventually(t, eventually, 20*time.Second, 10*time.Millisecond)
	after, err := tree.CPU()
	require.NoError(t, err)
	// A count in ticks may be one tick short per process.
	assert.Greater(t, after, cpu-3*20*time.Millisecond, "what they used is lost")

	require.NoError(t, p.Stop())
	_, err = tree.CPU()
	assert.ErrorContains(t, err, fmt.Sprintf("process %d has ended", p.PID()))
	_, err = tree.Peak()
	assert.Error(t, err)
	_, err = proc.Tree{Root: 0}.CPU()
	assert.EqualError(t, err, "no process")
}
