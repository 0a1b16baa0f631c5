package server

import (
	"poolbench/server/internal/prefork"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"golang.org/x/sys/unix"
)

// A worker's death counts the request that it served, if it served one.
func TestDied(t *testing.T) {
	for _, row := range []struct {
		name string
		do   func(c *counters)
		want map[string]int64 // "worker died" by op
	}{
		{"had nothing to do", func(*counters) {}, nil},
		{"had a client that had said nothing", func(c *counters) { c.accept() }, map[string]int64{"request": 1}},
		{"in an upload", func(c *counters) { c.accept(); c.turn(opUpload) }, map[string]int64{"upload": 1}},
		{"after an upload", func(c *counters) { c.accept(); c.turn(opUpload); c.count(opUpload, succeeded, 0) }, nil},
		{"in its second request", func(c *counters) {
			c.accept()
			c.turn(opUpload)
			c.count(opUpload, cutShort, 0)
			c.accept()
			c.turn(opDownload)
		}, map[string]int64{"download": 1}},
	} {
		t.Run(row.name, func(t *testing.T) {
			var c counters
			row.do(&c)
			c.died()
			assert.False(t, c.busy())
			for _, op := range []string{"request", "upload", "download", "stats"} {
				assert.Equal(t, row.want[op], c.stats(0).Ops[op].Failed["worker died"], op)
			}
		})
	}
}

// What one board counts, another over the same memory tells.
func TestSharedBoard(t *testing.T) {
	ours, fd, err := shareBoard(2, 3)
	assert.NoError(t, err)
	defer unix.Close(fd)
	theirs, err := joinBoard(fd)
	assert.NoError(t, err)
	ours.change(prefork.Status{Slot: mostProcesses - 1, PID: 7, State: prefork.Starting})
	ours.slots[mostProcesses-1].count(opUpload, succeeded, time.Second)
	ours.slots[0].accept()
	assert.EqualValues(t, 1, theirs.slots[mostProcesses-1].ends[opUpload][succeeded].Load())
	stats := theirs.stats(Process)
	assert.Equal(t, 2, stats.Workers)
	assert.Equal(t, 3, stats.GOMAXPROCS)
	assert.EqualValues(t, 1, stats.PerWorker[0].Accepted)
	assert.Equal(t, ours.durations(), theirs.durations())
}

func TestDurations(t *testing.T) {
	b := newBoard(2)
	for _, d := range []time.Duration{time.Microsecond, time.Millisecond, 2 * time.Millisecond, 3 * time.Second, time.Hour} {
		b.slots[0].count(opUpload, succeeded, d)
	}
	b.slots[1].count(opUpload, cutShort, 2*time.Millisecond)
	upload := b.durations()["upload"]
	assert.EqualValues(t, 6, upload.Count)
	assert.Equal(t, time.Hour+3*time.Second+5*time.Millisecond+time.Microsecond, upload.Sum)
	// At most 1 ms are two of them, one of which is just that long.
	for bound, want := range map[time.Duration]int64{time.Millisecond: 2, 2500 * time.Microsecond: 4, time.Second: 4, 5 * time.Second: 5, 500 * time.Second: 5} {
		assert.Equal(t, want, upload.Buckets[bound], bound)
	}
	assert.Zero(t, b.durations()["download"].Count)
}
