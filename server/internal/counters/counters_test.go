package counters_test

import (
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"poolbench/protocol"
	"poolbench/server/internal/counters"
	"poolbench/server/internal/prefork"
)

// A worker's death counts the request that it was serving, if any.
func TestCountDeath(t *testing.T) {
	for _, row := range []struct {
		name string
		do   func(w *counters.Worker)
		want map[protocol.Op]int64 // "worker died" by op
	}{
		{"had nothing to do", func(*counters.Worker) {}, nil},
		{"had a client that had said nothing", func(w *counters.Worker) { w.Accept() }, map[protocol.Op]int64{"request": 1}},
		{"in an upload", func(w *counters.Worker) { w.Accept(); w.SetOp(protocol.OpUpload) }, map[protocol.Op]int64{"upload": 1}},
		{"after an upload", func(w *counters.Worker) { w.Accept(); w.SetOp(protocol.OpUpload); w.End(protocol.ReasonOK, 0) }, nil},
		{"in its second request", func(w *counters.Worker) {
			w.Accept()
			w.SetOp(protocol.OpUpload)
			w.End(protocol.ReasonCutShort, 0)
			w.Accept()
			w.SetOp(protocol.OpDownload)
		}, map[protocol.Op]int64{"download": 1}},
	} {
		t.Run(row.name, func(t *testing.T) {
			p := counters.New(1)
			row.do(p.Worker(0))
			assert.Len(t, row.want, p.Stats().Busy())
			p.Worker(0).CountDeath()
			assert.Zero(t, p.Stats().Busy())
			for _, op := range []protocol.Op{protocol.OpUnknown, protocol.OpUpload, protocol.OpDownload, protocol.OpStats} {
				assert.Equal(t, row.want[op], p.Stats().PerWorker[0].Ops[op].Failed["worker died"], op)
			}
		})
	}
}

// shared returns shared counters, and those of a process that maps them too.
func shared(t *testing.T, workers, gomaxprocs int) (ours, theirs *counters.Pool) {
	ours, fd, err := counters.NewShared(workers, gomaxprocs)
	require.NoError(t, err)
	defer unix.Close(fd)
	theirs, err = counters.Map(fd)
	require.NoError(t, err)
	return ours, theirs
}

// Everyone who maps shared counters sees what is counted.
func TestShared(t *testing.T) {
	ours, theirs := shared(t, 2, 3)
	const last = counters.MaxShared - 1
	ours.SetStatus(prefork.Status{Slot: last, PID: 7, State: prefork.Starting})
	ours.Worker(last).SetOp(protocol.OpUpload)
	ours.Worker(last).End(protocol.ReasonOK, time.Second)
	ours.Worker(0).Accept()
	stats := theirs.Stats()
	assert.Equal(t, 2, stats.Workers)
	assert.Equal(t, 3, stats.GOMAXPROCS)
	assert.Equal(t, []int{os.Getpid(), 7}, stats.PIDs)
	assert.EqualValues(t, 1, stats.PerWorker[0].Accepted)
	assert.EqualValues(t, 1, stats.PerWorker[last].Ops[protocol.OpUpload].OK)
	assert.Equal(t, ours.Durations(), theirs.Durations())
	ours.SetWorkers(5)
	assert.Equal(t, 5, theirs.Stats().Workers)
}

// Workers that are threads or goroutines serve from the start, in one process.
func TestNew(t *testing.T) {
	stats := counters.New(2).Stats()
	assert.Equal(t, []int{os.Getpid()}, stats.PIDs)
	assert.Equal(t, 2, stats.Workers)
	for _, w := range stats.PerWorker {
		assert.Equal(t, protocol.WorkerStats{Worker: w.Worker, PID: os.Getpid(), State: "idle", Ops: w.Ops}, w)
	}
	assert.Len(t, stats.PerWorker, 2)
}

// A restart is a worker that had a process and rests now.
func TestRestarts(t *testing.T) {
	for _, row := range []struct {
		name   string
		states []prefork.State
		want   int
	}{
		{"serves", []prefork.State{prefork.Starting, prefork.Serving}, 0},
		{"died", []prefork.State{prefork.Starting, prefork.Serving, prefork.Resting, prefork.Starting}, 1},
		{"died before it was ready", []prefork.State{prefork.Starting, prefork.Resting, prefork.Starting}, 1},
		{"could not be launched", []prefork.State{prefork.Resting, prefork.Resting, prefork.Starting}, 0},
		{"ended", []prefork.State{prefork.Starting, prefork.Serving, prefork.Stopping, prefork.Gone}, 0},
	} {
		t.Run(row.name, func(t *testing.T) {
			p, _ := shared(t, 1, 1)
			for _, state := range row.states {
				p.SetStatus(prefork.Status{State: state})
			}
			assert.EqualValues(t, row.want, p.Stats().Restarts)
		})
	}
}

// STATS words a worker's state as the supervisor sees it; one that serves is idle or busy.
func TestState(t *testing.T) {
	for _, row := range []struct {
		state      prefork.State
		idle, busy protocol.State
	}{
		{prefork.Gone, "gone", "gone"},
		{prefork.Starting, "starting", "starting"},
		{prefork.Serving, "idle", "busy"},
		{prefork.Resting, "resting", "resting"},
		{prefork.Stopping, "stopping", "stopping"},
	} {
		t.Run(string(row.idle), func(t *testing.T) {
			p, _ := shared(t, 1, 1)
			p.SetStatus(prefork.Status{State: row.state})
			assert.Equal(t, row.idle, p.Stats().PerWorker[0].State)
			p.Worker(0).Accept()
			assert.Equal(t, row.busy, p.Stats().PerWorker[0].State)
		})
	}
}

func TestResets(t *testing.T) {
	p := counters.New(1)
	for _, op := range []protocol.Op{protocol.OpUpload, protocol.OpDownload} {
		for _, reason := range []protocol.Reason{protocol.ReasonReset, protocol.ReasonOK, protocol.ReasonCutShort} {
			p.Worker(0).Accept()
			p.Worker(0).SetOp(op)
			p.Worker(0).End(reason, 0)
		}
	}
	assert.EqualValues(t, 2, p.Stats().PerWorker[0].Resets)
}

func TestDurations(t *testing.T) {
	p := counters.New(2)
	p.Worker(0).SetOp(protocol.OpUpload)
	p.Worker(1).SetOp(protocol.OpUpload)
	for _, d := range []time.Duration{time.Microsecond, time.Millisecond, 2 * time.Millisecond, 3 * time.Second, time.Hour} {
		p.Worker(0).End(protocol.ReasonOK, d)
	}
	p.Worker(1).End(protocol.ReasonCutShort, 2*time.Millisecond)
	upload := p.Durations()["upload"]
	assert.EqualValues(t, 6, upload.Count)
	assert.Equal(t, time.Hour+3*time.Second+5*time.Millisecond+time.Microsecond, upload.Sum)
	// Two took 1 ms at most, one of them exactly that.
	for bound, want := range map[time.Duration]int64{time.Millisecond: 2, 2500 * time.Microsecond: 4, time.Second: 4, 5 * time.Second: 5, 500 * time.Second: 5} {
		assert.Equal(t, want, upload.Buckets[bound], bound)
	}
	assert.Zero(t, p.Durations()["download"].Count)
}
