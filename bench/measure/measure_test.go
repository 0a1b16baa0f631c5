package measure_test

import (
	"cmp"
	"errors"
	"net"
	"os"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"poolbench/bench"
	"poolbench/bench/internal/proc"
	"poolbench/bench/measure"
	"poolbench/fixtures"
	"poolbench/protocol"
	"poolbench/server"
	"poolbench/server/servertest"
)

func TestRun(t *testing.T) {
	file := fixture(t, 300*fixtures.KiB)
	addr, storage := start(t, server.Config{Workers: 2}, file)
	c := config(t, bench.Upload, addr, 4, file)
	c.Target.HasStats = true
	c.Target.Processes = proc.Tree{Root: os.Getpid()}
	resets := 0
	c.Reset = func() error {
		resets++
		entries, err := os.ReadDir(storage)
		assert.LessOrEqual(t, len(entries), 5, "the fixture and a file for each client")
		return err
	}
	run := measure.Start(t.Context(), c)
	run.WarmUp(2)
	for range 3 {
		run.Round(nil)
	}
	result := run.End()

	assert.Equal(t, 5, resets, "after each round and each of the warm-up's")
	assert.Len(t, result.Rounds, 3)
	assert.Empty(t, result.Notes)
	ok, failed := result.Ops()
	assert.Equal(t, []int{12, 0}, []int{ok, failed})
	require.NotNil(t, result.Told)
	assert.Positive(t, result.Told.Storage)
	units := map[string]float64{}
	for _, m := range result.Metrics() {
		units[m.Unit] = m.Value
	}
	for _, unit := range []string{"ns/op", "MB/s", "p50-ns", "p90-ns", "p99-ns", "max-ns", "wait-p50-ns", "client-MB/s", "fairness",
		"server-cpu-ns/op", "server-peak-B", "load-cpu-ns/op", "load-peak-B", "storage-ns/op"} {
		assert.Positive(t, units[unit], unit)
	}
	assert.Contains(t, units, "fail/op")
	assert.Zero(t, units["fail/op"])
	assert.Len(t, units, 15)
}

// The sender of a payload knows what held it back: the client in its sample, the server in
// what it tells.
func TestTCP(t *testing.T) {
	file := fixture(t, 10*fixtures.MiB)
	addr, _ := start(t, server.Config{}, file)
	for _, row := range []struct {
		op     bench.Op
		sender func(bench.Result) protocol.TCP
	}{
		{bench.Upload, func(r bench.Result) protocol.TCP { return r.Rounds[0].Samples[0].TCP }},
		{bench.Download, func(r bench.Result) protocol.TCP { return r.Told.TCP }},
	} {
		eachWay(t, string(row.op), []bench.Op{row.op}, func(t *testing.T, clients bench.ClientPool, op bench.Op) {
			c := config(t, op, addr, 2, file)
			c.ClientPool, c.Target.HasStats = clients, true
			result := measured(t, c, 1)
			require.Zero(t, result.Rounds[0].Failed(), result.Reasons())
			for _, s := range result.Rounds[0].Samples {
				assert.Positive(t, s.TCP.MinRTT, "either side knows the round trip")
			}
			assert.Positive(t, row.sender(result).Busy)
			if op == bench.Upload {
				assert.Zero(t, result.Told.TCP)
			}
		})
	}
}

// No client connects, or begins to, before all wait for the start. Nobody accepts until
// then, so that an early connection would stay in the queue and be seen.
func TestNoConnectionBeforeStart(t *testing.T) {
	file := fixture(t, fixtures.KiB)
	eachWay(t, "", bench.Ops(), func(t *testing.T, clients bench.ClientPool, op bench.Op) {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		require.NoError(t, err)
		defer listener.Close()
		queue, err := listener.(*net.TCPListener).File()
		require.NoError(t, err)
		defer queue.Close()
		c := config(t, op, listener.Addr().String(), 10, file)
		c.ClientPool = clients
		run := measure.Start(t.Context(), c)
		accepted := make(chan int)
		run.Round(&moments{prepared: func() {
			n, err := unix.Poll([]unix.PollFd{{Fd: int32(queue.Fd()), Events: unix.POLLIN}}, 0)
			assert.NoError(t, err)
			assert.Zero(t, n, "somebody has connected")
			go func() {
				conns := 0
				for ; conns < 10; conns++ {
					conn, err := listener.Accept()
					if err != nil {
						break
					}
					_ = conn.Close()
				}
				accepted <- conns
			}()
		}})
		assert.Equal(t, 10, <-accepted)
		run.End()
	})
}

// A client's wait is the time until the server turns to it: behind others that are served
// one after the other, at least as long as those are.
func TestWaitIsQueueing(t *testing.T) {
	const clients, turn = 5, 20 * time.Millisecond
	file := fixture(t, fixtures.KiB)
	var worker sync.Mutex
	addr := servertest.Peer(t, func(c *servertest.Caller) {
		worker.Lock()
		defer worker.Unlock()
		c.Ready(file.TextSize())
		time.Sleep(turn) // is what the next one waits for
		c.Say("OK Upload complete\r\n\r\n")
	})
	result := measured(t, config(t, bench.Upload, addr, clients, file), 1)
	_, failed := result.Ops()
	require.Zero(t, failed)
	samples := result.Rounds[0].Samples
	slices.SortFunc(samples, func(a, b bench.Sample) int { return cmp.Compare(a.FirstByte, b.FirstByte) })
	for before, s := range samples {
		assert.GreaterOrEqual(t, s.FirstByte, time.Duration(before)*turn)
		assert.Equal(t, s.FirstByte-s.Sent, s.Wait())
		assert.GreaterOrEqual(t, s.Latency(), s.Wait()+turn)
	}
}

func TestVisitGivesUp(t *testing.T) {
	file := fixture(t, fixtures.KiB)
	run := measure.Start(t.Context(), config(t, bench.Download, servertest.Nobody(t), 5, file))
	run.WarmUp(1)
	rounds := 0
	for ; !run.Over(); rounds++ {
		run.Round(nil)
	}
	run.Round(nil)
	result := run.End()
	assert.Equal(t, 3, rounds)
	assert.Len(t, result.Rounds, 3, "none after it was over")
	ok, failed := result.Ops()
	assert.Equal(t, []int{0, 15}, []int{ok, failed})
	assert.Equal(t, []string{"15 × refused"}, result.Reasons())
	assert.Equal(t, 5, result.WarmUpFailed)
	assert.Equal(t, []string{"warm-up: 5 × refused", "given up after 3 rounds in a row without an op that succeeded"}, result.Notes)
}

// A visit goes on as long as some op succeeds.
func TestVisitContinuesAfterPartialFailures(t *testing.T) {
	file := fixture(t, fixtures.KiB)
	var calls atomic.Int64
	text, err := os.ReadFile(file.Path)
	require.NoError(t, err)
	addr := servertest.Peer(t, func(c *servertest.Caller) {
		if calls.Add(1)%2 == 0 {
			c.Say("ERROR Busy\r\n\r\n")
		} else {
			c.Send(len(text), text)
		}
	})
	result := measured(t, config(t, bench.Download, addr, 2, file), 10)
	assert.Len(t, result.Rounds, 10)
	assert.Equal(t, []string{`10 × server said no: "Busy"`}, result.Reasons())
	assert.Empty(t, result.Makespans(), "no round was whole")
	assert.Empty(t, result.Notes)
}

// No round begins after the cell's time. One under way ends normally: a slow server has not
// failed.
func TestCellTimeout(t *testing.T) {
	file := fixture(t, fixtures.KiB)
	text, err := os.ReadFile(file.Path)
	require.NoError(t, err)
	var c measure.Config
	addr := servertest.Peer(t, func(caller *servertest.Caller) {
		<-time.After(2 * c.CellTimeout)
		caller.Send(len(text), text)
	})
	c = config(t, bench.Download, addr, 2, file)
	c.CellTimeout = 50 * time.Millisecond
	run := measure.Start(t.Context(), c)
	assert.False(t, run.Over())
	for range 3 {
		run.Round(nil)
	}
	assert.True(t, run.Over())
	result := run.End()
	ok, failed := result.Ops()
	assert.Equal(t, []int{2, 0}, []int{ok, failed})
	assert.Equal(t, []string{"the cell's time was up; rounds done: 1"}, result.Notes)
}

// If the warm-up used up the time, its ops are the result.
func TestCellTimeoutInWarmUp(t *testing.T) {
	c := config(t, bench.Upload, servertest.Peer(t, (*servertest.Caller).Wait), 2, fixture(t, fixtures.KiB))
	c.CellTimeout, c.OpTimeout = 500*time.Millisecond, 600*time.Millisecond
	run := measure.Start(t.Context(), c)
	run.WarmUp(2)
	run.Round(nil)
	result := run.End()
	assert.Equal(t, []string{"2 × timeout (wait): the op's time was up"}, result.Reasons())
	assert.Contains(t, result.Notes, "no round could be measured; these are the ops of the warm-up")
	assert.Zero(t, result.WarmUpFailed, "they are not counted twice")
}

// A cell without time for a round keeps its row.
func TestCellTimeoutBeforeFirstRound(t *testing.T) {
	c := config(t, bench.Upload, servertest.Nobody(t), 2, fixture(t, fixtures.KiB))
	c.CellTimeout = 0
	result := measured(t, c, 3)
	assert.Equal(t, []string{"2 × client error: the cell's time was up before its first round"}, result.Reasons())
	assert.Len(t, result.Rounds, 1)
}

// The first ops of a server may fail in a way of their own. They are not lost.
func TestWarmUpFailures(t *testing.T) {
	file := fixture(t, fixtures.KiB)
	text, err := os.ReadFile(file.Path)
	require.NoError(t, err)
	var calls atomic.Int64
	addr := servertest.Peer(t, func(c *servertest.Caller) {
		if calls.Add(1) == 1 {
			c.Say("ERROR Busy\r\n\r\n")
		} else {
			c.Send(len(text), text)
		}
	})
	run := measure.Start(t.Context(), config(t, bench.Download, addr, 2, file))
	run.WarmUp(1)
	run.Round(nil)
	result := run.End()
	assert.Equal(t, 1, result.WarmUpFailed)
	assert.Equal(t, []string{`warm-up: 1 × server said no: "Busy"`}, result.Notes)
	_, failed := result.Ops()
	assert.Zero(t, failed)
}

func TestVisitNotesOtherFaults(t *testing.T) {
	file := fixture(t, fixtures.KiB)
	addr, _ := start(t, server.Config{}, file)
	c := config(t, bench.Upload, addr, 1, file)
	c.Reset = func() error { return errors.New("no permission") }
	assert.Equal(t, []string{"the server's storage could not be emptied: no permission"}, measured(t, c, 3).Notes)

	c = config(t, bench.Upload, servertest.Nobody(t), 1, file)
	c.Target.HasStats = true
	result := measured(t, c, 1)
	assert.Nil(t, result.Told)
	assert.Equal(t, []string{"no counters from the server: refused the connection: nothing listens there"}, result.Notes)
}
