package server

import (
	"os"
	"runtime"
	"runtime/debug"
	"sync/atomic"

	"poolbench/protocol"
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
// a pointer in it, so that it can lie in memory that processes share. The zero
// value counts nothing so far.
type counters struct {
	bytesIn, bytesOut, resets, storageNS atomic.Int64
	ends                                 [ops][reasons]atomic.Int64
}

// count notes the end of a request.
func (c *counters) count(o op, r reason) {
	c.ends[o][r].Add(1)
	if r == reset {
		c.resets.Add(1)
	}
}

// stats copies the counters. It is consistent when the worker is idle.
func (c *counters) stats(worker int) protocol.WorkerStats {
	stats := protocol.WorkerStats{
		Worker:  worker,
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

// Stats returns what STATS answers.
func (s *Server) Stats() protocol.Stats {
	stats := protocol.Stats{
		Version:    version(),
		Started:    s.started,
		Pool:       string(s.config.Pool),
		Workers:    s.config.Workers,
		GOMAXPROCS: runtime.GOMAXPROCS(0),
		PIDs:       []int{os.Getpid()},
		Queue:      s.listener.waiting(),
	}
	for _, w := range s.workers {
		stats.PerWorker = append(stats.PerWorker, w.counters.stats(w.id))
	}
	return stats
}

// version is the module's version as the linker knows it.
func version() string {
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		return info.Main.Version
	}
	return "(devel)"
}
