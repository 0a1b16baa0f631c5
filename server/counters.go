package server

import (
	"slices"
	"sync/atomic"
	"time"

	"poolbench/protocol"
	"poolbench/server/internal/prefork"
)

// ops and reasons fix the layout of workerCounters, which processes of one program
// share. The ends of a request are counted at the places of its op and its reason.
var (
	ops = [...]protocol.Op{protocol.OpUnknown, protocol.OpUpload, protocol.OpDownload, protocol.OpStats}

	reasons = [...]protocol.Reason{
		protocol.ReasonOK, protocol.ReasonBadRequest, protocol.ReasonHeaderTooLarge,
		protocol.ReasonHeaderTimeout, protocol.ReasonIdleTimeout, protocol.ReasonTransferTimeout,
		protocol.ReasonPayloadTooLarge, protocol.ReasonInvalidBase64, protocol.ReasonChecksum,
		protocol.ReasonNotFound, protocol.ReasonStorageFull, protocol.ReasonFileError,
		protocol.ReasonCutShort, protocol.ReasonReset, protocol.ReasonShutdown,
		protocol.ReasonWorkerDied, protocol.ReasonOther,
	}
)

// workerCounters counts what one worker has done. It is a fixed layout of atomics
// without pointers, so it can lie in memory that processes share and outlive its
// worker. The zero value has counted nothing.
type workerCounters struct {
	pid   atomic.Int64 // of the worker's process; 0 if it has none
	state atomic.Int64 // of the worker's process, a prefork.State
	// accepted counts the connections that the worker took; op is that of the last
	// one, by its place in ops. Each connection ends in ends, and a worker serves
	// one at a time, so it is busy if it has accepted one more than have ended.
	accepted, op                                  atomic.Int64
	bytesIn, bytesOut, resets, storageNS, wakeUps atomic.Int64
	// temporary is the number in the name of the worker's last temporary file.
	temporary [2]atomic.Uint64
	ends      [len(ops)][len(reasons)]atomic.Int64
	took      [len(ops)]histogram
}

// accept counts a connection, whose request is not known yet.
func (c *workerCounters) accept() {
	c.setOp(protocol.OpUnknown)
	c.accepted.Add(1)
}

// setOp says what the connection's request is.
func (c *workerCounters) setOp(op protocol.Op) { c.op.Store(int64(slices.Index(ops[:], op))) }

// count counts the end of the connection's request.
func (c *workerCounters) count(reason protocol.Reason, took time.Duration) {
	if reason == protocol.ReasonReset {
		c.resets.Add(1)
	}
	op := c.op.Load()
	c.took[op].observe(took)
	c.ends[op][slices.Index(reasons[:], reason)].Add(1)
}

// ended returns how many requests have ended.
func (c *workerCounters) ended() (n int64) {
	for o := range c.ends {
		for r := range c.ends[o] {
			n += c.ends[o][r].Load()
		}
	}
	return n
}

func (c *workerCounters) busy() bool { return c.accepted.Load() > c.ended() }

// countDeath counts the request that died with the worker's process, if it was serving
// one. The process must have ended.
func (c *workerCounters) countDeath() {
	if c.busy() {
		c.ends[c.op.Load()][slices.Index(reasons[:], protocol.ReasonWorkerDied)].Add(1)
	}
}

// protocolState returns the state as STATS words it. What STATS calls idle or busy is
// one state to the supervisor.
func (c *workerCounters) protocolState() protocol.State {
	switch prefork.State(c.state.Load()) {
	case prefork.Starting:
		return protocol.StateStarting
	case prefork.Resting:
		return protocol.StateResting
	case prefork.Stopping:
		return protocol.StateStopping
	case prefork.Gone:
		return protocol.StateGone
	}
	if c.busy() {
		return protocol.StateBusy
	}
	return protocol.StateIdle
}

// stats copies the counters. The copy is consistent if the worker is idle.
func (c *workerCounters) stats(worker int) protocol.WorkerStats {
	stats := protocol.WorkerStats{
		Worker: worker, PID: int(c.pid.Load()), State: c.protocolState(),
		Accepted: c.accepted.Load(), WakeUps: c.wakeUps.Load(),
		BytesIn: c.bytesIn.Load(), BytesOut: c.bytesOut.Load(),
		Resets: c.resets.Load(), StorageNS: c.storageNS.Load(),
		Ops: map[protocol.Op]protocol.Ends{},
	}
	for o, op := range ops {
		var ends protocol.Ends
		for r, reason := range reasons {
			switch n := c.ends[o][r].Load(); {
			case n == 0:
			case reason == protocol.ReasonOK:
				ends.OK = n
			default:
				if ends.Failed == nil {
					ends.Failed = map[protocol.Reason]int64{}
				}
				ends.Failed[reason] = n
			}
		}
		if ends.OK > 0 || ends.Failed != nil {
			stats.Ops[op] = ends
		}
	}
	return stats
}

// histogram counts durations. The last bucket is for those above every bound.
type histogram struct {
	buckets [len(bounds) + 1]atomic.Int64
	ns      atomic.Int64 // their sum
}

// bounds are the buckets' upper bounds. A transfer takes milliseconds on loopback and
// minutes through a lab's network.
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

// addTo adds the histogram to a sum over all workers.
func (h *histogram) addTo(sum *Histogram) {
	var below int64
	for i, bound := range bounds {
		below += h.buckets[i].Load()
		sum.Buckets[bound] += below
	}
	sum.Count += below + h.buckets[len(bounds)].Load()
	sum.Sum += time.Duration(h.ns.Load())
}

// Histogram is how long requests took.
type Histogram struct {
	Count int64
	Sum   time.Duration
	// Buckets counts the requests that took no longer than each upper bound, so
	// every bucket includes the ones below it.
	Buckets map[time.Duration]int64
}
