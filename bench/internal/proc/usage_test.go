package proc_test

import (
	"os"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"poolbench/bench/internal/proc"
	"poolbench/server"
	"poolbench/server/child"
)

func TestMain(m *testing.M) {
	child.Main()
	goleak.VerifyTestMain(m)
}

func TestProcesses(t *testing.T) {
	self := proc.Processes{os.Getpid()}
	before, err := self.CPU()
	require.NoError(t, err)
	spin := 0
	for after := before; after-before < 20*time.Millisecond; spin++ {
		after, err = self.CPU()
		require.NoError(t, err)
	}
	assert.Positive(t, spin)

	// A child's use is not its parent's.
	p, err := child.Start(t.Context(), child.Config{
		Server: server.Config{Addr: "127.0.0.1:0"}, StorageIn: t.TempDir(),
	})
	require.NoError(t, err)
	both := proc.Processes{os.Getpid(), p.PID()}
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

// A peak lasts until it is reset, even if the memory was freed.
func TestResetPeak(t *testing.T) {
	for name, side := range map[string]interface {
		Peak() (int64, error)
		ResetPeak() error
	}{"processes": proc.Processes{os.Getpid()}, "listing": &proc.Listing{Tree: proc.Tree{Root: os.Getpid()}}} {
		t.Run(name, func(t *testing.T) {
			block := make([]byte, 64<<20)
			for i := range block {
				block[i] = 1
			}
			high, err := side.Peak()
			require.NoError(t, err)
			runtime.KeepAlive(block)
			proc.FreeMemory()
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
	assert.EqualError(t, new(proc.Listing).ResetPeak(), "no process")
}

func TestStates(t *testing.T) {
	states := proc.Processes{os.Getpid(), 1 << 30}.States()
	assert.Contains(t, []byte("RSD"), states[0])
	assert.Zero(t, states[1], "no such process")
}
