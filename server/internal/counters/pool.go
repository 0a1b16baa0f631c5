package counters

import (
	"fmt"
	"os"
	"runtime"
	"sync/atomic"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"

	"poolbench/protocol"
	"poolbench/server/internal/prefork"
)

// MaxShared is the most workers that NewShared has room for.
const MaxShared = 1024

// Pool holds the counters of all workers of a pool. Worker processes share its memory, so
// each of them can answer STATS for all, and what a worker has counted is kept when it
// dies. The memory lasts as long as the Pool is reachable.
type Pool struct {
	*header
	workers []Worker // as many as there may ever be
}

// header is a fixed layout, like Worker.
type header struct {
	started    atomic.Int64 // nanoseconds since 1970
	pid        atomic.Int64 // of the server; of a pool of processes, the supervisor
	wanted     atomic.Int64 // workers
	gomaxprocs atomic.Int64 // of a worker's process
	restarts   atomic.Int64
	used       atomic.Int64 // workers, from the first, that have ever been started
	_          [16]byte     // fills the cache line
}

func (h *header) init(workers, gomaxprocs int) {
	h.started.Store(time.Now().UnixNano())
	h.pid.Store(int64(os.Getpid()))
	h.wanted.Store(int64(workers))
	h.gomaxprocs.Store(int64(gomaxprocs))
}

// New returns the counters of workers in this process, which serve from now on.
func New(workers int) *Pool {
	p := &Pool{header: new(header), workers: make([]Worker, workers)}
	p.init(workers, runtime.GOMAXPROCS(0))
	for i := range workers {
		p.SetStatus(prefork.Status{Slot: i, PID: os.Getpid(), State: prefork.Serving})
	}
	return p
}

// sharedSize is the size of shared counters. Reading a page of them allocates it, which
// is why nobody reads beyond the workers that are used.
const sharedSize = int(unsafe.Sizeof(header{}) + MaxShared*unsafe.Sizeof(Worker{}))

// NewShared returns the counters of worker processes, with the GOMAXPROCS that each of
// them has, and the descriptor of their memory, which the caller closes. None of the
// workers is started yet.
func NewShared(workers, gomaxprocs int) (p *Pool, fd int, err error) {
	fd, err = unix.MemfdCreate("poolbench-counters", unix.MFD_CLOEXEC)
	if err != nil {
		return nil, -1, os.NewSyscallError("memfd_create", err)
	}
	if err = unix.Ftruncate(fd, int64(sharedSize)); err == nil {
		p, err = Map(fd)
	}
	if err != nil {
		_ = unix.Close(fd)
		return nil, -1, err
	}
	p.init(workers, gomaxprocs)
	return p, fd, nil
}

// Map returns the counters behind a descriptor from NewShared. The descriptor may be closed
// afterwards.
func Map(fd int) (*Pool, error) {
	memory, err := unix.Mmap(fd, 0, sharedSize, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED)
	if err != nil {
		return nil, fmt.Errorf("mmap: %w", err)
	}
	first := unsafe.Pointer(&memory[0])
	workers := (*Worker)(unsafe.Add(first, unsafe.Sizeof(header{})))
	p := &Pool{header: (*header)(first), workers: unsafe.Slice(workers, MaxShared)}
	runtime.AddCleanup(p, func(memory []byte) { _ = unix.Munmap(memory) }, memory)
	return p, nil
}

// Worker returns the counters of one worker, which are valid as long as p is reachable.
func (p *Pool) Worker(i int) *Worker { return &p.workers[i] }

// SetWorkers records how many workers are wanted.
func (p *Pool) SetWorkers(n int) { p.wanted.Store(int64(n)) }

// SetStatus records the state of a worker's process, and counts a restart. The supervisor
// calls it, from one goroutine.
func (p *Pool) SetStatus(now prefork.Status) {
	p.used.Store(max(p.used.Load(), int64(now.Slot+1)))
	w := &p.workers[now.Slot]
	before := prefork.State(w.state.Load())
	if now.State == prefork.Resting && (before == prefork.Starting || before == prefork.Serving) {
		p.restarts.Add(1)
	}
	w.pid.Store(int64(now.PID))
	w.state.Store(int64(now.State))
}

// Stats returns what STATS answers, without the version, the pool's name and the length
// of the queue.
func (p *Pool) Stats() protocol.Stats {
	stats := protocol.Stats{
		Started:    time.Unix(0, p.started.Load()),
		Workers:    int(p.wanted.Load()),
		GOMAXPROCS: int(p.gomaxprocs.Load()),
		PIDs:       []int{int(p.pid.Load())},
		Restarts:   p.restarts.Load(),
	}
	// With the workers that are no longer wanted, whose counts belong to the totals.
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
func (p *Pool) inUse() []Worker { return p.workers[:p.used.Load()] }

// Durations returns how long the requests of each op took.
func (p *Pool) Durations() map[protocol.Op]Histogram {
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
