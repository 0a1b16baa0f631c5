package protocol

import "time"

// Stats is the JSON object that answers STATS: what a server says about itself
// since it started.
type Stats struct {
	Version    string    `json:"version"`
	Started    time.Time `json:"started"`
	Pool       string    `json:"pool"` // PoolThread, PoolProcess, PoolGoroutine or another server's word
	Workers    int       `json:"workers"`
	GOMAXPROCS int       `json:"gomaxprocs"` // of each process
	PIDs       []int     `json:"pids"`       // of all its processes, the first one started first
	Restarts   int64     `json:"restarts"`   // of workers
	// Queue is how many connections wait for a worker, in the kernel's backlog and
	// in the pool's own queue if it has one.
	Queue     int           `json:"queue"`
	PerWorker []WorkerStats `json:"per_worker"`
}

// The pools of a server of this project.
const (
	PoolThread    = "thread"
	PoolProcess   = "process"
	PoolGoroutine = "goroutine"
)

// WorkerStats is what one worker has done.
type WorkerStats struct {
	Worker   int   `json:"worker"`
	PID      int   `json:"pid"` // of its process; 0 if it has none
	State    State `json:"state"`
	Accepted int64 `json:"accepted"` // connections taken
	// WakeUps is how often a connection woke a worker process. It exceeds Accepted
	// by the connections that another worker was quicker to accept.
	WakeUps  int64 `json:"wake_ups,omitempty"`
	BytesIn  int64 `json:"bytes_in"`  // payload bytes of uploads, as they were on the wire
	BytesOut int64 `json:"bytes_out"` // bytes of files sent
	Resets   int64 `json:"resets"`    // connections that the other side reset
	// StorageNS is how many nanoseconds the worker spent on creating, writing and
	// renaming files.
	StorageNS int64 `json:"storage_ns"`
	// TCP adds up the connections of the downloads, of which the server is the sender.
	TCP TCP `json:"tcp,omitzero"`
	// Ops counts the requests that have ended.
	Ops map[Op]Ends `json:"ops,omitempty"`
}

// State is what a worker does now.
type State string

// The states. Only worker processes are ever in the last four.
const (
	StateIdle     State = "idle"
	StateBusy     State = "busy"
	StateStarting State = "starting"
	StateResting  State = "resting" // has died, and will be started again
	StateStopping State = "stopping"
	StateGone     State = "gone"
)

// Op is what a request asked for.
type Op string

// The ops.
const (
	OpUpload   Op = "upload"
	OpDownload Op = "download"
	OpStats    Op = "stats"
	OpUnknown  Op = "request" // not understood as any of these
)

// Ends counts how the requests of one op ended.
type Ends struct {
	OK     int64            `json:"ok"`
	Failed map[Reason]int64 `json:"failed,omitempty"`
}

// Reason is how a request ended, as the server saw it.
type Reason string

// The reasons. All but ReasonOK are failures.
const (
	ReasonOK              Reason = "ok"
	ReasonBadRequest      Reason = "bad request"
	ReasonHeaderTooLarge  Reason = "header too large"
	ReasonHeaderTimeout   Reason = "timeout (header)"
	ReasonIdleTimeout     Reason = "timeout (idle)"
	ReasonTransferTimeout Reason = "timeout (transfer)"
	ReasonPayloadTooLarge Reason = "payload too large"
	ReasonInvalidBase64   Reason = "invalid Base64"
	ReasonChecksum        Reason = "checksum mismatch"
	ReasonNotFound        Reason = "not found"
	ReasonStorageFull     Reason = "storage full"
	ReasonFileError       Reason = "file error"
	ReasonCutShort        Reason = "cut short"
	ReasonReset           Reason = "reset"
	ReasonShutdown        Reason = "shutdown"
	ReasonWorkerDied      Reason = "worker died" // with its process
	ReasonOther           Reason = "other"
)

// Busy returns how many workers serve a connection, the one that answers STATS
// included.
func (s Stats) Busy() int {
	busy := 0
	for _, w := range s.PerWorker {
		if w.State == StateBusy {
			busy++
		}
	}
	return busy
}

// Total returns the sums over all workers under the worker number -1.
func (s Stats) Total() WorkerStats {
	total := WorkerStats{Worker: -1, Ops: map[Op]Ends{}}
	for _, w := range s.PerWorker {
		total.Accepted += w.Accepted
		total.WakeUps += w.WakeUps
		total.BytesIn += w.BytesIn
		total.BytesOut += w.BytesOut
		total.Resets += w.Resets
		total.StorageNS += w.StorageNS
		total.TCP = total.TCP.Add(w.TCP)
		for op, ends := range w.Ops {
			sum := total.Ops[op]
			sum.OK += ends.OK
			for reason, n := range ends.Failed {
				if sum.Failed == nil {
					sum.Failed = map[Reason]int64{}
				}
				sum.Failed[reason] += n
			}
			total.Ops[op] = sum
		}
	}
	return total
}
