package server

import (
	"sync/atomic"
	"time"

	"poolbench/protocol"
	"poolbench/server/internal/prefork"
)

// op is what a request turned out to be.
type op uint8

const (
	opRequest op = iota // not understood, or not yet
	opUpload
	opDownload
	opStats
	ops
)

func (o op) String() string { return [ops]string{"request", "upload", "download", "stats"}[o] }

// counters is what one worker has done. It is a fixed layout of atomics without
// a pointer in it, so that it can lie in memory that processes share, and
// survives the worker. The zero value counts nothing so far.
type counters struct {
	pid   atomic.Int64 // of the worker's process; 0 if it has none
	state atomic.Int64 // of the worker's process, a prefork.State
	// accepted counts connections that the worker took, and current is the op of
	// the last of them. A worker serves one at a time and each ends in ends, so
	// it is busy if it has accepted one more than have ended.
	accepted, current                             atomic.Int64
	bytesIn, bytesOut, resets, storageNS, wakeUps atomic.Int64
	// temporary is the number of the file that is being uploaded, or of the last
	// one that was.
	temporary [2]atomic.Uint64
	ends      [ops][reasons]atomic.Int64
	took      [ops]histogram
}

// accept notes a connection that has not said what it wants.
func (c *counters) accept() {
	c.current.Store(int64(opRequest))
	c.accepted.Add(1)
}

// turn notes what it wants.
func (c *counters) turn(o op) { c.current.Store(int64(o)) }

// count notes the end of a request.
func (c *counters) count(o op, r reason, took time.Duration) {
	if r == reset {
		c.resets.Add(1)
	}
	c.took[o].observe(took)
	c.ends[o][r].Add(1)
}

// ended returns how many requests have ended.
func (c *counters) ended() (n int64) {
	for o := range c.ends {
		for r := range c.ends[o] {
			n += c.ends[o][r].Load()
		}
	}
	return n
}

func (c *counters) busy() bool { return c.accepted.Load() > c.ended() }

// died counts the request that the worker's process took with it, if there was
// one. It is called when the process is no more.
func (c *counters) died() {
	if c.busy() {
		c.ends[c.current.Load()][workerDied].Add(1)
	}
}

// stateName tells a process that is not there to serve, and one that serves from
// one that could.
func (c *counters) stateName() string {
	switch state := prefork.State(c.state.Load()); {
	case state != prefork.Serving:
		return state.String()
	case c.busy():
		return "busy"
	}
	return "idle"
}

// stats copies the counters. It is consistent when the worker is idle.
func (c *counters) stats(worker int) protocol.WorkerStats {
	stats := protocol.WorkerStats{
		Worker: worker, PID: int(c.pid.Load()), State: c.stateName(),
		Accepted: c.accepted.Load(), WakeUps: c.wakeUps.Load(),
		BytesIn: c.bytesIn.Load(), BytesOut: c.bytesOut.Load(),
		Resets: c.resets.Load(), StorageNS: c.storageNS.Load(),
		Ops: map[string]protocol.OpStats{},
	}
	for o := range ops {
		ends := protocol.OpStats{OK: c.ends[o][succeeded].Load()}
		for r := succeeded + 1; r < reasons; r++ {
			if n := c.ends[o][r].Load(); n > 0 {
				if ends.Failed == nil {
					ends.Failed = map[string]int64{}
				}
				ends.Failed[r.String()] = n
			}
		}
		if ends.OK > 0 || ends.Failed != nil {
			stats.Ops[o.String()] = ends
		}
	}
	return stats
}

// histogram counts durations. The last bucket is of those above every bound.
type histogram struct {
	buckets [len(bounds) + 1]atomic.Int64
	ns      atomic.Int64 // their sum
}

// bounds are the buckets' upper bounds: transfers take milliseconds on loopback
// and minutes through a lab's network.
var bounds = [...]time.Duration{
	time.Millisecond, 2500 * time.Microsecond, 5 * time.Millisecond,
	10 * time.Millisecond, 25 * time.Millisecond, 50 * time.Millisecond,
	100 * time.Millisecond, 250 * time.Millisecond, 500 * time.Millisecond,
	time.Second, 2500 * time.Millisecond, 5 * time.Second,
	10 * time.Second, 25 * time.Second, 50 * time.Second,
	100 * time.Second, 250 * time.Second, 500 * time.Second,
}

func (h *histogram) observe(d time.Duration) {
	i := 0
	for i < len(bounds) && d > bounds[i] {
		i++
	}
	h.buckets[i].Add(1)
	h.ns.Add(int64(d))
}

// Histogram is how long ops took.
type Histogram struct {
	Count int64
	Sum   time.Duration
	// Buckets counts the ops that took no longer than each upper bound: a
	// bucket contains those before it.
	Buckets map[time.Duration]int64
}

// addTo adds the histogram to one that all workers' are added to.
func (h *histogram) addTo(sum *Histogram) {
	var below int64
	for i, bound := range bounds {
		below += h.buckets[i].Load()
		sum.Buckets[bound] += below
	}
	sum.Count += below + h.buckets[len(bounds)].Load()
	sum.Sum += time.Duration(h.ns.Load())
}
