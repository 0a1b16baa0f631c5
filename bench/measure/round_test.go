package measure_test

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"poolbench/bench"
	"poolbench/bench/client"
	"poolbench/bench/internal/proc"
	"poolbench/bench/measure"
	"poolbench/fixtures"
	"poolbench/server"
	"poolbench/server/child"
	"poolbench/server/servertest"
)

// moments is a Timer that calls prepared just before the start of a round and ended just
// after its last op.
type moments struct {
	prepared, ended func() // may be nil

	calls int // four per round
}

func (m *moments) StartTimer() {
	if m.calls++; m.calls%4 == 2 && m.prepared != nil {
		m.prepared()
	}
}

func (m *moments) StopTimer() {
	if m.calls++; m.calls%4 == 3 && m.ended != nil {
		m.ended()
	}
}

// log is a timer that records events in their order.
type log struct {
	mu    sync.Mutex
	lines []string
}

func (l *log) add(line string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.lines = append(l.lines, line)
}

func (l *log) StartTimer() { l.add("start") }
func (l *log) StopTimer()  { l.add("stop") }

// Only ops are timed, and the timer runs before and after, as testing.B.Loop wants it.
func TestRoundTiming(t *testing.T) {
	file := fixture(t, fixtures.KiB)
	text, err := os.ReadFile(file.Path)
	require.NoError(t, err)
	var l log
	c := config(t, bench.Download, servertest.Peer(t, func(c *servertest.Caller) {
		l.add("op")
		c.Send(len(text), text)
	}), 2, file)
	c.Reset = func() error { l.add("reset"); return nil }
	run := measure.Start(t.Context(), c)
	run.Round(&l)
	assert.Equal(t, []string{"stop", "start", "op", "op", "stop", "reset", "start"}, l.lines)
	result := run.End()
	assert.True(t, result.Rounds[0].Whole())

	c.CellTimeout, l.lines = 0, nil
	run = measure.Start(t.Context(), c)
	run.Round(&l)
	assert.Empty(t, l.lines, "it was over")
	run.End()
}

// CPU time after a round, even the last, is not part of it.
func TestCPUTimeAfterRound(t *testing.T) {
	const spun = 300 * time.Millisecond
	self := proc.Processes{os.Getpid()}
	spin := func() {
		before, err := self.CPU()
		require.NoError(t, err)
		for after := before; after < before+spun; {
			after, err = self.CPU()
			require.NoError(t, err)
		}
	}
	c := config(t, bench.Download, servertest.Nobody(t), 1, fixture(t, fixtures.KiB))
	c.Target.Processes = proc.Tree{Root: os.Getpid()}
	c.Reset = func() error { spin(); return nil }
	run := measure.Start(t.Context(), c)
	for range 2 {
		run.Round(nil)
		spin()
	}
	for _, round := range run.End().Rounds {
		assert.Positive(t, round.LoadCPU)
		assert.Less(t, round.LoadCPU, spun)
		assert.Less(t, round.ServerCPU, spun)
	}
}

// grow raises this process's peak memory by 64 MiB.
func grow() {
	block := make([]byte, 64<<20)
	for i := range block {
		block[i] = 1
	}
	runtime.KeepAlive(block)
}

// Peaks are of this visit, not of an earlier one.
func TestPeaksOfVisit(t *testing.T) {
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), instead+"=grow")
	stdin, err := cmd.StdinPipe()
	require.NoError(t, err)
	stdout, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	_, err = fmt.Fscanln(stdout, new(string))
	require.NoError(t, err)

	c := config(t, bench.Download, servertest.Nobody(t), 1, fixture(t, fixtures.KiB))
	c.Target.Processes = proc.Tree{Root: cmd.Process.Pid}
	grown, err := c.Target.Processes.Peak()
	require.NoError(t, err)
	visit := func(during func()) bench.Result {
		run := measure.Start(t.Context(), c)
		run.Round(&moments{prepared: during})
		proc.FreeMemory()
		return run.End()
	}
	high, low := visit(grow), visit(nil)
	require.NoError(t, stdin.Close())
	require.NoError(t, cmd.Wait())
	if len(low.Notes) > 0 {
		t.Skip("this kernel does not let a peak be reset:", low.Notes)
	}
	assert.Less(t, low.LoadPeak, high.LoadPeak-32<<20)
	assert.Less(t, low.ServerPeak, grown-32<<20)
	assert.Positive(t, low.ServerPeak)
}

// A round in which the server was stopped is stalled.
func TestServerIsStopped(t *testing.T) {
	file := fixture(t, fixtures.KiB)
	for _, row := range []struct {
		pool server.Pool
		some func(pids []int) []int
	}{
		{server.Thread, func(pids []int) []int { return pids }},
		{server.Process, func(pids []int) []int { return pids[1:] }},
	} {
		t.Run(string(row.pool), func(t *testing.T) {
			p, err := child.Start(t.Context(), child.Config{
				Server: server.Config{Addr: "127.0.0.1:0", Pool: row.pool, Workers: 2}, StorageIn: t.TempDir(),
			})
			require.NoError(t, err)
			defer func() { assert.NoError(t, p.Stop()) }()
			require.NoError(t, p.Storage().Put(file.Path))
			c := config(t, bench.Download, p.Addr(), 2, file)
			c.Target.Processes = proc.Tree{Root: p.PID()}
			stats, err := client.Stats(t.Context(), c.Target.Addr)
			require.NoError(t, err)
			signal := func(signal unix.Signal) {
				for _, pid := range row.some(stats.PIDs) {
					assert.NoError(t, unix.Kill(pid, signal))
				}
			}
			run := measure.Start(t.Context(), c)
			run.Round(&moments{prepared: sync.OnceFunc(func() {
				signal(unix.SIGSTOP)
				stopped := proc.Processes(row.some(stats.PIDs))
				for bytes.ContainsFunc(stopped.States(), func(state rune) bool { return state != 'T' }) {
					time.Sleep(time.Millisecond) // a signal takes a moment to arrive
				}
				time.AfterFunc(2*time.Second, func() { signal(unix.SIGCONT) })
			})})
			result := run.End()
			require.Len(t, result.Rounds, 2)
			stalled := result.Rounds[0]
			assert.Zero(t, stalled.Failed())
			assert.Positive(t, stalled.Stalled)
			assert.Less(t, stalled.Stalled, stalled.Makespan)
			assert.True(t, result.Rounds[1].Whole(), "it was done again")
			assert.Equal(t, 1, result.Stalled())
		})
	}
}
