package measure_test

import (
	"context"
	"fmt"
	"io"
	"os"
	"testing"
	"time"

	"github.com/prometheus/procfs"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"poolbench/bench"
	"poolbench/bench/measure"
	"poolbench/fixtures"
	"poolbench/server"
	"poolbench/server/servertest"
)

// eachWay runs a test of ops with each kind of client.
func eachWay(t *testing.T, name string, ops []bench.Op, test func(t *testing.T, clients bench.ClientPool, op bench.Op)) {
	t.Helper()
	for _, clients := range bench.ClientPools() {
		for _, op := range ops {
			t.Run(fmt.Sprintf("%s/%s/%s", clients, op, name), func(t *testing.T) { test(t, clients, op) })
		}
	}
}

// children returns the child processes of this one, including zombies.
func children(t *testing.T) []int {
	t.Helper()
	all, err := procfs.AllProcs()
	require.NoError(t, err)
	pids := []int{}
	for _, proc := range all {
		if stat, err := proc.Stat(); err == nil && stat.PPID == os.Getpid() {
			pids = append(pids, proc.PID)
		}
	}
	return pids
}

// halfway is a server that holds uploads halfway until it lets them go.
type halfway struct {
	arrived chan struct{} // one value per upload
	letGo   chan struct{} // closed to let them go, now and later
}

func (h *halfway) serve(size int64) func(c *servertest.Caller) {
	h.arrived, h.letGo = make(chan struct{}, 100), make(chan struct{})
	return func(c *servertest.Caller) {
		c.Ready(1000)
		h.arrived <- struct{}{}
		<-h.letGo
		if n, _ := io.CopyN(io.Discard, c, size-1000); n == size-1000 {
			c.Say("OK Upload complete\r\n\r\n")
		}
	}
}

// processes returns uploads by this many client processes, and a server that holds them
// halfway.
func processes(t *testing.T, clients int) (*halfway, measure.Config) {
	t.Helper()
	var h halfway
	file := fixture(t, 12*fixtures.MiB) // more than sockets hold
	c := config(t, bench.Upload, servertest.Peer(t, h.serve(file.TextSize())), clients, file)
	c.ClientPool = bench.ProcessClients
	return &h, c
}

// round does a round, and calls during when this many clients are halfway.
func (h *halfway) round(run *measure.Visit, clients int, during func()) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		run.Round(nil)
	}()
	for range clients {
		<-h.arrived
	}
	during()
	<-done
}

// A client killed during its op is one failure, and the next round is whole again.
func TestClientKilled(t *testing.T) {
	for _, row := range []struct {
		name   string
		signal unix.Signal
		want   string
	}{
		{"by a signal", unix.SIGKILL, "1 × client killed: signal: killed, not by the kernel's memory killer"},
		{"by a signal that Go catches", unix.SIGABRT, "1 × client killed: SIGABRT: abort"},
	} {
		t.Run(row.name, func(t *testing.T) {
			h, c := processes(t, 3)
			run := measure.Start(t.Context(), c)
			h.round(run, 3, func() {
				assert.NoError(t, unix.Kill(children(t)[1], row.signal))
				close(h.letGo)
			})
			run.Round(nil)
			assert.Len(t, children(t), 3)
			result := run.End()
			assert.Equal(t, []string{row.want}, result.Reasons())
			require.Len(t, result.Rounds, 2)
			killed := result.Rounds[0]
			assert.Equal(t, 1, killed.Failed())
			assert.Positive(t, killed.LoadCPU)
			for i, s := range killed.Samples {
				assert.Equal(t, i, s.Client)
				assert.Positive(t, s.Done, "a failure has a time too")
			}
			assert.Zero(t, result.Rounds[1].Failed())
			assert.Empty(t, result.Notes)
			assert.Empty(t, children(t))
		})
	}
}

// A client killed between rounds is replaced and noted.
func TestClientKilledBetweenRounds(t *testing.T) {
	file := fixture(t, fixtures.KiB)
	addr, _ := start(t, server.Config{Workers: 2}, file)
	c := config(t, bench.Download, addr, 2, file)
	c.ClientPool = bench.ProcessClients
	run := measure.Start(t.Context(), c)
	run.WarmUp(1)
	before := children(t)
	require.NoError(t, unix.Kill(before[0], unix.SIGKILL))
	run.Round(&moments{prepared: func() {
		after := children(t)
		assert.Len(t, after, 2)
		assert.NotContains(t, after, before[0])
		assert.Contains(t, after, before[1], "is used again")
	}})
	result := run.End()
	ok, failed := result.Ops()
	assert.Equal(t, []int{2, 0}, []int{ok, failed})
	assert.Equal(t, []string{"a client was lost between two rounds: client killed: signal: killed, not by the kernel's memory killer"}, result.Notes)
	assert.Positive(t, result.LoadPeak)
}

// A client killed while it waits for the start loses its op.
func TestClientKilledBeforeStart(t *testing.T) {
	file := fixture(t, fixtures.KiB)
	addr, _ := start(t, server.Config{Workers: 2}, file)
	c := config(t, bench.Download, addr, 2, file)
	c.ClientPool = bench.ProcessClients
	run := measure.Start(t.Context(), c)
	run.Round(&moments{prepared: func() { require.NoError(t, unix.Kill(children(t)[0], unix.SIGKILL)) }})
	assert.Equal(t, []string{"1 × client killed: signal: killed, not by the kernel's memory killer"}, run.End().Reasons())
}

// A stopped client cannot keep the round from ending. The round says nothing about the
// server and is repeated.
func TestStoppedClient(t *testing.T) {
	h, c := processes(t, 2)
	c.OpTimeout = 200 * time.Millisecond
	run := measure.Start(t.Context(), c)
	h.round(run, 2, func() { assert.NoError(t, unix.Kill(children(t)[0], unix.SIGSTOP)) })
	close(h.letGo)
	result := run.End()
	require.Len(t, result.Rounds, 2)
	assert.Positive(t, result.Rounds[0].Stalled)
	assert.Zero(t, result.Rounds[1].Stalled, "a new process has its place")
	result.Rounds = result.Rounds[:1]
	assert.Equal(t, []string{
		"1 × timeout (client): its process did not answer and was killed",
		"1 × timeout (transfer): the op's time was up",
	}, result.Reasons())
	assert.Empty(t, result.Notes)
}

// A stopped client cannot keep the visit from ending.
func TestClientStoppedAtEnd(t *testing.T) {
	file := fixture(t, fixtures.KiB)
	c := config(t, bench.Download, servertest.Nobody(t), 2, file)
	c.ClientPool = bench.ProcessClients
	run := measure.Start(t.Context(), c)
	run.WarmUp(1)
	require.NoError(t, unix.Kill(children(t)[0], unix.SIGSTOP))
	run.End()
	assert.Empty(t, children(t))
}

// A client's times count from the start, however late it learns of it.
func TestLateClient(t *testing.T) {
	file := fixture(t, fixtures.KiB)
	text, err := os.ReadFile(file.Path)
	require.NoError(t, err)
	arrived := make(chan time.Time, 2)
	addr := servertest.Peer(t, func(c *servertest.Caller) {
		arrived <- time.Now()
		c.Send(len(text), text)
	})
	c := config(t, bench.Download, addr, 2, file)
	c.ClientPool = bench.ProcessClients
	run := measure.Start(t.Context(), c)
	var (
		began      time.Time
		took, held time.Duration
	)
	woken := make(chan struct{})
	run.Round(&moments{
		prepared: func() {
			late := children(t)[0]
			require.NoError(t, unix.Kill(late, unix.SIGSTOP))
			go func() {
				defer close(woken)
				first := <-arrived
				<-time.After(50 * time.Millisecond)
				held = time.Since(first)
				assert.NoError(t, unix.Kill(late, unix.SIGCONT))
			}()
			began = time.Now()
		},
		ended: func() { took = time.Since(began) },
	})
	<-woken
	result := run.End()
	_, failed := result.Ops()
	require.Zero(t, failed)
	round := result.Rounds[0]
	assert.Less(t, round.Makespan, took)
	// It connects when it resumes, but was due all the time.
	assert.Greater(t, max(round.Samples[0].Connected, round.Samples[1].Connected), held)
}

// A signal to the whole job is for the benchmark, which decides about its clients.
func TestClientsSurviveSignalToJob(t *testing.T) {
	h, c := processes(t, 2)
	run := measure.Start(t.Context(), c)
	h.round(run, 2, func() {
		for _, pid := range children(t) {
			for _, signal := range []unix.Signal{unix.SIGINT, unix.SIGQUIT, unix.SIGTERM, unix.SIGHUP, unix.SIGPIPE} {
				assert.NoError(t, unix.Kill(pid, signal))
			}
		}
		close(h.letGo)
	})
	_, failed := run.End().Ops()
	assert.Zero(t, failed)
}

// The end of the run ends all ops under way. They say nothing about the server and are not
// kept.
func TestRunIsInterrupted(t *testing.T) {
	eachWay(t, "", bench.Ops(), func(t *testing.T, clients bench.ClientPool, op bench.Op) {
		ctx, cancel := context.WithCancel(t.Context())
		once := make(chan struct{}, 2)
		addr := servertest.Peer(t, func(c *servertest.Caller) {
			if once <- struct{}{}; len(once) == 2 {
				cancel()
			}
			c.Wait()
		})
		c := config(t, op, addr, 2, fixture(t, fixtures.KiB))
		c.ClientPool = clients
		run := measure.Start(ctx, c)
		run.Round(nil)
		result := run.End()
		assert.Empty(t, result.Rounds)
		assert.Equal(t, []string{"a round was broken off: context canceled"}, result.Notes)
		assert.Equal(t, bench.Skipped, result.Outcome())
	})
}

// A visit releases everything it took.
func TestClientsLeaveNothingBehind(t *testing.T) {
	files := func() int {
		entries, err := os.ReadDir("/proc/self/fd")
		require.NoError(t, err)
		return len(entries)
	}
	h, c := processes(t, 2)
	measureOne := func() {
		run := measure.Start(t.Context(), c)
		h.round(run, 2, func() { assert.NoError(t, unix.Kill(children(t)[0], unix.SIGKILL)) })
		run.End()
	}
	close(h.letGo)
	measureOne()
	before := files()
	for range 3 {
		measureOne()
	}
	// The peer must close its side too.
	assert.Eventually(t, func() bool { return files() <= before }, 10*time.Second, time.Millisecond)
	assert.Empty(t, children(t))
}
