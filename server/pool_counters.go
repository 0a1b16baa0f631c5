package server

import (
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"sync/atomic"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"

	"poolbench/protocol"
	"poolbench/server/internal/prefork"
)

// maxProcesses is how many workers a pool of processes may have.
const maxProcesses = 1024

// poolCounters holds the counters of all workers of a pool. Worker processes share its
// memory, so each of them can answer STATS for all, and what a worker has counted is
// kept when it dies.
type poolCounters struct {
	*poolHeader
	workers []workerCounters // as many as there may ever be
}

// poolHeader is a fixed layout, like workerCounters.
type poolHeader struct {
	started    atomic.Int64 // nanoseconds since 1970
	pid        atomic.Int64 // of the server; of a pool of processes, the supervisor
	wanted     atomic.Int64 // workers
	gomaxprocs atomic.Int64 // of a worker's process
	restarts   atomic.Int64
	used       atomic.Int64 // workers, from the first, that have ever been started
	_          [16]byte     // fills the cache line
}

func (h *poolHeader) init(workers, gomaxprocs int) {
	h.started.Store(time.Now().UnixNano())
	h.pid.Store(int64(os.Getpid()))
	h.wanted.Store(int64(workers))
	h.gomaxprocs.Store(int64(gomaxprocs))
}

// newPoolCounters returns counters in this process's own memory.
func newPoolCounters(workers int) *poolCounters {
	p := &poolCounters{poolHeader: new(poolHeader), workers: make([]workerCounters, workers)}
	p.init(workers, runtime.GOMAXPROCS(0))
	p.used.Store(int64(workers))
	for i := range p.workers {
		p.workers[i].pid.Store(int64(os.Getpid()))
		p.workers[i].state.Store(int64(prefork.Serving))
	}
	return p
}

// sharedSize is the size of shared counters. Reading a page of them allocates it, which
// is why nobody reads beyond the workers that are used.
const sharedSize = int(unsafe.Sizeof(poolHeader{}) + maxProcesses*unsafe.Sizeof(workerCounters{}))

// newSharedCounters returns counters in shared memory, and the descriptor of that
// memory, which the caller closes.
func newSharedCounters(workers, gomaxprocs int) (p *poolCounters, fd int, err error) {
	fd, err = unix.MemfdCreate("poolbench-counters", unix.MFD_CLOEXEC)
	if err != nil {
		return nil, -1, os.NewSyscallError("memfd_create", err)
	}
	if err = unix.Ftruncate(fd, int64(sharedSize)); err == nil {
		p, err = mapSharedCounters(fd)
	}
	if err != nil {
		_ = unix.Close(fd)
		return nil, -1, err
	}
	p.init(workers, gomaxprocs)
	return p, fd, nil
}

// mapSharedCounters returns the counters behind a descriptor. The garbage collector
// unmaps their memory.
func mapSharedCounters(fd int) (*poolCounters, error) {
	memory, err := unix.Mmap(fd, 0, sharedSize, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED)
	if err != nil {
		return nil, fmt.Errorf("mmap: %w", err)
	}
	header := (*poolHeader)(unsafe.Pointer(&memory[0]))
	workers := (*workerCounters)(unsafe.Add(unsafe.Pointer(header), unsafe.Sizeof(*header)))
	p := &poolCounters{poolHeader: header, workers: unsafe.Slice(workers, maxProcesses)}
	runtime.AddCleanup(p, func(memory []byte) { _ = unix.Munmap(memory) }, memory)
	return p, nil
}

// stateChanged follows a worker's process. The supervisor calls it, from one goroutine.
func (p *poolCounters) stateChanged(now prefork.Status) {
	p.used.Store(max(p.used.Load(), int64(now.Slot+1)))
	c := &p.workers[now.Slot]
	before := prefork.State(c.state.Load())
	if now.State == prefork.Resting && (before == prefork.Starting || before == prefork.Serving) {
		p.restarts.Add(1)
	}
	c.pid.Store(int64(now.PID))
	c.state.Store(int64(now.State))
}

// stats returns what STATS answers, without the length of the queue, which the listener
// knows.
func (p *poolCounters) stats(pool Pool) protocol.Stats {
	stats := protocol.Stats{
		Version:    version(),
		Started:    time.Unix(0, p.started.Load()),
		Pool:       string(pool),
		Workers:    int(p.wanted.Load()),
		GOMAXPROCS: int(p.gomaxprocs.Load()),
		PIDs:       []int{int(p.pid.Load())},
		Restarts:   p.restarts.Load(),
	}
	// Workers that are no longer wanted are told too: they have done something.
	for i := range p.inUse() {
		worker := p.workers[i].stats(i)
		stats.PerWorker = append(stats.PerWorker, worker)
		if worker.PID != 0 && worker.PID != stats.PIDs[0] {
			stats.PIDs = append(stats.PIDs, worker.PID)
		}
	}
	runtime.KeepAlive(p) // and with it its memory
	return stats
}

// inUse returns the counters of the workers that have ever been started.
func (p *poolCounters) inUse() []workerCounters { return p.workers[:p.used.Load()] }

// durations returns how long the requests of each op took.
func (p *poolCounters) durations() map[protocol.Op]Histogram {
	all := map[protocol.Op]Histogram{}
	for o, op := range ops {
		sum := Histogram{Buckets: map[time.Duration]int64{}}
		for i := range p.inUse() {
			p.workers[i].took[o].addTo(&sum)
		}
		all[op] = sum
	}
	runtime.KeepAlive(p)
	return all
}

// version is the module's version as the linker knows it.
func version() string {
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		return info.Main.Version
	}
	return "(devel)"
}
