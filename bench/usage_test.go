package bench_test

import (
	"fmt"
	"os"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"poolbench/bench"
	"poolbench/fixtures"
	"poolbench/server"
	"poolbench/server/child"
)

func TestProcesses(t *testing.T) {
	self := bench.Processes{os.Getpid()}
	before, err := self.CPU()
	require.NoError(t, err)
	spin := 0
	for after := before; after-before < 20*time.Millisecond; spin++ {
		after, err = self.CPU()
		require.NoError(t, err)
	}
	assert.Positive(t, spin)

	// What a child has used is not its parent's.
	p, err := child.Start(t.Context(), child.Config{
		Server: server.Config{Addr: "127.0.0.1:0"}, StorageIn: t.TempDir(),
	})
	require.NoError(t, err)
	both := bench.Processes{os.Getpid(), p.PID()}
	cpu, err := both.CPU()
	require.NoError(t, err)
	alone, err := self.CPU()
	require.NoError(t, err)
	assert.Positive(t, cpu)
	assert.Positive(t, alone)
	peak, err := both.Peak()
	require.NoError(t, err)
	mine, err := self.Peak()
	require.NoError(t, err)
	assert.Greater(t, peak, mine)
	require.NoError(t, p.Stop())
	_, err = both.CPU()
	assert.ErrorContains(t, err, "CPU time of process")
	_, err = both.Peak()
	assert.Error(t, err)
}

// A server's tree is all its workers, and what those have used that are no more.
func TestTree(t *testing.T) {
	file := fixture(t, 8*fixtures.MiB)
	p, err := child.Start(t.Context(), child.Config{
		Server: server.Config{Addr: "127.0.0.1:0", Pool: server.Process, Workers: 3}, StorageIn: t.TempDir(),
	})
	require.NoError(t, err)
	tree := bench.Tree(p.PID())
	alone := bench.Processes{p.PID()}
	c := config(t, bench.Upload, p.Addr(), 3, file)
	c.Target.Processes = tree
	result := measure(t, c, 1)
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

	figures, err := bench.Stats(t.Context(), p.Addr())
	require.NoError(t, err)
	require.Len(t, figures.PIDs, 1+3)
	for _, pid := range figures.PIDs[1:] {
		require.NoError(t, unix.Kill(pid, unix.SIGKILL))
	}
	eventually := func() bool {
		now, err := bench.Stats(t.Context(), p.Addr())
		return err == nil && now.Restarts == 3
	}
	require.Eventually(t, eventually, 20*time.Second, 10*time.Millisecond)
	after, err := tree.CPU()
	require.NoError(t, err)
	// What is counted in ticks may be short of one for each.
	assert.Greater(t, after, cpu-3*20*time.Millisecond, "what they used is lost")

	require.NoError(t, p.Stop())
	_, err = tree.CPU()
	assert.ErrorContains(t, err, fmt.Sprintf("process %d has ended", p.PID()))
	_, err = tree.Peak()
	assert.Error(t, err)
	_, err = bench.Tree(0).CPU()
	assert.EqualError(t, err, "no process")
}

// A peak is what it was until it is reset, also if the memory was given back.
func TestResetPeak(t *testing.T) {
	for name, side := range map[string]interface {
		Peak() (int64, error)
		ResetPeak() error
	}{"processes": bench.Processes{os.Getpid()}, "tree": bench.Tree(os.Getpid())} {
		t.Run(name, func(t *testing.T) {
			block := make([]byte, 64<<20)
			for i := range block {
				block[i] = 1
			}
			high, err := side.Peak()
			require.NoError(t, err)
			runtime.KeepAlive(block)
			bench.FreeMemory()
			still, err := side.Peak()
			require.NoError(t, err)
			assert.Greater(t, still, high-32<<20)
			if err := side.ResetPeak(); err != nil {
				t.Skip("this kernel does not let a peak be reset:", err)
			}
			low, err := side.Peak()
			require.NoError(t, err)
			assert.Less(t, low, high-32<<20)
		})
	}
	assert.EqualError(t, bench.Tree(0).ResetPeak(), "no process")
}

func TestStates(t *testing.T) {
	states := bench.Processes{os.Getpid(), 1 << 30}.States()
	assert.Contains(t, []byte("RSD"), states[0])
	assert.Zero(t, states[1], "no such process")
}
