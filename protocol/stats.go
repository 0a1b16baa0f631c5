package protocol

import "time"

// Stats is the JSON object that answers STATS: what a server says about itself
// since it started.
type Stats struct {
	Version    string    `json:"version"`
	Started    time.Time `json:"started"`
	Pool       string    `json:"pool"`
	Workers    int       `json:"workers"`
	GOMAXPROCS int       `json:"gomaxprocs"` // of each process
	PIDs       []int     `json:"pids"`       // all its processes, the one that was started first
	Restarts   int64     `json:"restarts"`   // of workers
	// Queue is how many connections wait for a worker, in the kernel's backlog
	// and, where the pool has a queue of its own, in that.
	Queue     int           `json:"queue"`
	PerWorker []WorkerStats `json:"per_worker"`
}

// WorkerStats is what one worker has done.
type WorkerStats struct {
	Worker int `json:"worker"`
	PID    int `json:"pid"` // of its process; 0 if it has none
	// State is "idle" or "busy" or, of a worker process that does not serve now,
	// "starting", "resting" before it is started again, "stopping" or "gone".
	State    string `json:"state"`
	Accepted int64  `json:"accepted"` // connections taken
	// WakeUps is how often a worker process woke because of a connection; more
	// than it accepted are those that another was quicker to accept.
	WakeUps  int64 `json:"wake_ups,omitempty"`
	BytesIn  int64 `json:"bytes_in"`  // payload bytes of uploads, as they were on the wire
	BytesOut int64 `json:"bytes_out"` // bytes of files sent
	Resets   int64 `json:"resets"`    // connections that the other side reset
	// StorageNS is the time in nanoseconds that the worker spent on making,
	// writing and renaming files.
	StorageNS int64 `json:"storage_ns"`
	// Ops counts the requests that ended, by "upload", "download", "stats" and
	// "request", which stands for what was not understood as any of these. An
	// op that has not ended yet is not in it.
	Ops map[string]OpStats `json:"ops,omitempty"`
}

// OpStats counts the ends of one kind of request.
type OpStats struct {
	OK     int64            `json:"ok"`
	Failed map[string]int64 `json:"failed,omitempty"` // by reason
}

// Total returns the sums over all workers under the worker number -1.
func (s Stats) Total() WorkerStats {
	total := WorkerStats{Worker: -1, Ops: map[string]OpStats{}}
	for _, w := range s.PerWorker {
		total.Accepted += w.Accepted
		total.WakeUps += w.WakeUps
		total.BytesIn += w.BytesIn
		total.BytesOut += w.BytesOut
		total.Resets += w.Resets
		total.StorageNS += w.StorageNS
		for op, ends := range w.Ops {
			sum := total.Ops[op]
			sum.OK += ends.OK
			for reason, n := range ends.Failed {
				if sum.Failed == nil {
					sum.Failed = map[string]int64{}
				}
				sum.Failed[reason] += n
			}
			total.Ops[op] = sum
		}
	}
	return total
}
