package server

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"golang.org/x/sys/unix"

	"poolbench/protocol"
	"poolbench/server/internal/prefork"
)

// A worker's death counts the request that it was serving, if any.
func TestCountDeath(t *testing.T) {
	for _, row := range []struct {
		name string
		do   func(c *workerCounters)
		want map[protocol.Op]int64 // "worker died" by op
	}{
		{"had nothing to do", func(*workerCounters) {}, nil},
		{"had a client that had said nothing", func(c *workerCounters) { c.accept() }, map[protocol.Op]int64{"request": 1}},
		{"in an upload", func(c *workerCounters) { c.accept(); c.setOp(protocol.OpUpload) }, map[protocol.Op]int64{"upload": 1}},
		{"after an upload", func(c *workerCounters) { c.accept(); c.setOp(protocol.OpUpload); c.count(protocol.ReasonOK, 0) }, nil},
		{"in its second request", func(c *workerCounters) {
			c.accept()
			c.setOp(protocol.OpUpload)
			c.count(protocol.ReasonCutShort, 0)
			c.accept()
			c.setOp(protocol.OpDownload)
		}, map[protocol.Op]int64{"download": 1}},
	} {
		t.Run(row.name, func(t *testing.T) {
			var c workerCounters
			row.do(&c)
			c.countDeath()
			assert.False(t, c.busy())
			for _, op := range ops {
				assert.Equal(t, row.want[op], c.stats(0).Ops[op].Failed["worker died"], op)
			}
		})
	}
}

// Everyone who maps shared counters sees what is counted.
func TestSharedCounters(t *testing.T) {
	ours, fd, err := newSharedCounters(2, 3)
	assert.NoError(t, err)
	defer unix.Close(fd)
	theirs, err := mapSharedCounters(fd)
	assert.NoError(t, err)
	ours.stateChanged(prefork.Status{Slot: maxProcesses - 1, PID: 7, State: prefork.Starting})
	ours.workers[maxProcesses-1].setOp(protocol.OpUpload)
	ours.workers[maxProcesses-1].count(protocol.ReasonOK, time.Second)
	ours.workers[0].accept()
	assert.EqualValues(t, 1, theirs.workers[maxProcesses-1].stats(0).Ops[protocol.OpUpload].OK)
	stats := theirs.stats(Process)
	assert.Equal(t, 2, stats.Workers)
	assert.Equal(t, 3, stats.GOMAXPROCS)
	assert.EqualValues(t, 1, stats.PerWorker[0].Accepted)
	assert.Equal(t, ours.durations(), theirs.durations())
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
			p := newPoolCounters(1)
			p.workers[0].state.Store(int64(prefork.Gone))
			for _, state := range row.states {
				p.stateChanged(prefork.Status{State: state})
			}
			assert.EqualValues(t, row.want, p.stats(Process).Restarts)
		})
	}
}

func TestDurations(t *testing.T) {
	p := newPoolCounters(2)
	for i := range p.workers {
		p.workers[i].setOp(protocol.OpUpload)
	}
	for _, d := range []time.Duration{time.Microsecond, time.Millisecond, 2 * time.Millisecond, 3 * time.Second, time.Hour} {
		p.workers[0].count(protocol.ReasonOK, d)
	}
	p.workers[1].count(protocol.ReasonCutShort, 2*time.Millisecond)
	upload := p.durations()["upload"]
	assert.EqualValues(t, 6, upload.Count)
	assert.Equal(t, time.Hour+3*time.Second+5*time.Millisecond+time.Microsecond, upload.Sum)
	// Two took 1 ms at most, one of them exactly that.
	for bound, want := range map[time.Duration]int64{time.Millisecond: 2, 2500 * time.Microsecond: 4, time.Second: 4, 5 * time.Second: 5, 500 * time.Second: 5} {
		assert.Equal(t, want, upload.Buckets[bound], bound)
	}
	assert.Zero(t, p.durations()["download"].Count)
}
