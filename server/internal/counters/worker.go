package counters

import (
	"slices"
	"sync/atomic"
	"time"

	"poolbench/protocol"
	"poolbench/server/internal/prefork"
)

// ops and reasons fix the layout of Worker, which processes of one program share. The
// end of a request is counted at the places of its op and its reason.
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

// Worker counts what one worker has done. It is a fixed layout of atomics without
// pointers, so it can lie in memory that processes share and outlive its worker.
type Worker struct {
	// BytesIn and BytesOut are payload bytes on the wire, StorageNS the nanoseconds
	// that the storage took, and WakeUps how often a connection woke the worker.
	BytesIn, BytesOut, StorageNS, WakeUps atomic.Int64
	// Of the downloads' connections; see protocol.TCP.
	busyNS, rwndLimitedNS, sndbufLimitedNS, retransmits atomic.Int64
	// Temporary is the number in the name of the worker's last temporary file.
	Temporary atomic.Uint64

	pid   atomic.Int64 // of the worker's process; 0 if it has none
	state atomic.Int64 // of the worker's process, a prefork.State
	// accepted counts the connections that the worker took; op is that of the last
	// one, by its place in ops. Each connection ends in ends, and a worker serves
	// one at a time, so it is busy if it has accepted one more than have ended.
	accepted, op atomic.Int64
	ends         [len(ops)][len(reasons)]atomic.Int64
	took         [len(ops)]histogram
}

// Accept counts a connection, whose request is not known yet.
func (w *Worker) Accept() {
	w.SetOp(protocol.OpUnknown)
	w.accepted.Add(1)
}

// SetOp records what the connection's request is.
func (w *Worker) SetOp(op protocol.Op) { w.op.Store(int64(slices.Index(ops[:], op))) }

// End counts the end of the connection's request, and of the connection.
func (w *Worker) End(reason protocol.Reason, took time.Duration) {
	op := w.op.Load()
	w.took[op].observe(took)
	w.ends[op][slices.Index(reasons[:], reason)].Add(1)
}

// AddTCP adds a download's connection.
func (w *Worker) AddTCP(t protocol.TCP) {
	w.busyNS.Add(int64(t.Busy))
	w.rwndLimitedNS.Add(int64(t.RwndLimited))
	w.sndbufLimitedNS.Add(int64(t.SndbufLimited))
	w.retransmits.Add(t.Retransmits)
}

// copyEnds returns how many requests have ended in each way, and in all.
func (w *Worker) copyEnds() (ends [len(ops)][len(reasons)]int64, all int64) {
	for o := range ends {
		for r := range ends[o] {
			ends[o][r] = w.ends[o][r].Load()
			all += ends[o][r]
		}
	}
	return ends, all
}

// CountDeath counts the request that died with the worker's process, if it was serving
// one. The process must have ended.
func (w *Worker) CountDeath() {
	if _, all := w.copyEnds(); w.accepted.Load() > all {
		w.ends[w.op.Load()][slices.Index(reasons[:], protocol.ReasonWorkerDied)].Add(1)
	}
}

// states are the states of a process in the words of STATS. Idle may be busy: its
// supervisor cannot tell.
var states = [...]protocol.State{
	prefork.Gone: protocol.StateGone, prefork.Starting: protocol.StateStarting, prefork.Serving: protocol.StateIdle,
	prefork.Resting: protocol.StateResting, prefork.Stopping: protocol.StateStopping,
}

// stats copies the counters. The copy is consistent if the worker is idle.
func (w *Worker) stats(worker int) protocol.WorkerStats {
	stats := protocol.WorkerStats{
		Worker: worker, PID: int(w.pid.Load()), State: states[w.state.Load()],
		Accepted: w.accepted.Load(), WakeUps: w.WakeUps.Load(),
		BytesIn: w.BytesIn.Load(), BytesOut: w.BytesOut.Load(), StorageNS: w.StorageNS.Load(),
		TCP: protocol.TCP{
			Busy: time.Duration(w.busyNS.Load()), RwndLimited: time.Duration(w.rwndLimitedNS.Load()),
			SndbufLimited: time.Duration(w.sndbufLimitedNS.Load()), Retransmits: w.retransmits.Load(),
		},
		Ops: map[protocol.Op]protocol.Ends{},
	}
	ends, all := w.copyEnds()
	if stats.State == protocol.StateIdle && stats.Accepted > all {
		stats.State = protocol.StateBusy
	}
	for o, op := range ops {
		var of protocol.Ends
		for r, n := range ends[o] {
			switch reason := reasons[r]; {
			case n == 0:
			case reason == protocol.ReasonOK:
				of.OK = n
			default:
				if of.Failed == nil {
					of.Failed = map[protocol.Reason]int64{}
				}
				of.Failed[reason] = n
			}
		}
		if of.OK > 0 || of.Failed != nil {
			stats.Ops[op] = of
		}
		stats.Resets += of.Failed[protocol.ReasonReset]
	}
	return stats
}
