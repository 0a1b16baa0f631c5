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

// board has the figures of a whole pool: those of its workers, and what is true
// of all of them. Where the workers are processes it lies in memory that they
// share, so that each can tell all of it, and what a worker has counted is there
// after its end.
type board struct {
	*boardHead
	slots []counters // by worker; as many as there may ever be
}

// boardHead is a fixed layout, as counters is.
type boardHead struct {
	started    atomic.Int64 // nanoseconds since 1970
	pid        atomic.Int64 // of the server, which may be the workers' supervisor
	workers    atomic.Int64 // how many there are to be
	gomaxprocs atomic.Int64 // of a worker's process
	restarts   atomic.Int64
	used       atomic.Int64 // slots, from the first, that have had a worker
	_          [16]byte     // a whole cache line
}

// note writes what is known at the start.
func (b *board) note(workers, gomaxprocs int) {
	b.started.Store(time.Now().UnixNano())
	b.pid.Store(int64(os.Getpid()))
	b.workers.Store(int64(workers))
	b.gomaxprocs.Store(int64(gomaxprocs))
}

// newBoard makes a board of this process's own.
func newBoard(workers int) *board {
	b := &board{boardHead: new(boardHead), slots: make([]counters, workers)}
	b.note(workers, runtime.GOMAXPROCS(0))
	b.used.Store(int64(workers))
	for i := range b.slots {
		b.slots[i].pid.Store(int64(os.Getpid()))
		b.slots[i].state.Store(int64(prefork.Serving))
	}
	return b
}

// sharedBoardSize is the size of a board that processes share. A page of it takes
// memory from when it is read, which is why nobody reads behind what is used.
const sharedBoardSize = int(unsafe.Sizeof(boardHead{}) + mostProcesses*unsafe.Sizeof(counters{}))

// shareBoard makes a board that workers can be given by its descriptor, which the
// caller closes.
func shareBoard(workers, gomaxprocs int) (b *board, fd int, err error) {
	fd, err = unix.MemfdCreate("poolbench-board", unix.MFD_CLOEXEC)
	if err != nil {
		return nil, -1, os.NewSyscallError("memfd_create", err)
	}
	if err = unix.Ftruncate(fd, int64(sharedBoardSize)); err == nil {
		b, err = joinBoard(fd)
	}
	if err != nil {
		_ = unix.Close(fd)
		return nil, -1, err
	}
	b.note(workers, gomaxprocs)
	return b, fd, nil
}

// joinBoard returns the board behind a descriptor. Its memory is given back when
// nobody refers to the board any more.
func joinBoard(fd int) (*board, error) {
	memory, err := unix.Mmap(fd, 0, sharedBoardSize, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED)
	if err != nil {
		return nil, fmt.Errorf("mmap: %w", err)
	}
	head := (*boardHead)(unsafe.Pointer(&memory[0]))
	slots := (*counters)(unsafe.Add(unsafe.Pointer(head), unsafe.Sizeof(*head)))
	b := &board{boardHead: head, slots: unsafe.Slice(slots, mostProcesses)}
	runtime.AddCleanup(b, func(memory []byte) { _ = unix.Munmap(memory) }, memory)
	return b, nil
}

// stats returns the figures, but for the queue's length, which is the listener's
// to tell.
func (b *board) stats(pool Pool) protocol.Stats {
	stats := protocol.Stats{
		Version:    version(),
		Started:    time.Unix(0, b.started.Load()),
		Pool:       string(pool),
		Workers:    int(b.workers.Load()),
		GOMAXPROCS: int(b.gomaxprocs.Load()),
		PIDs:       []int{int(b.pid.Load())},
		Restarts:   b.restarts.Load(),
	}
	// Those above the number that there are to be have done something before they
	// were let go.
	for i := range b.inUse() {
		worker := b.slots[i].stats(i)
		stats.PerWorker = append(stats.PerWorker, worker)
		if worker.PID != 0 && worker.PID != stats.PIDs[0] {
			stats.PIDs = append(stats.PIDs, worker.PID)
		}
	}
	runtime.KeepAlive(b) // and its memory
	return stats
}

// inUse are the slots that have or have had a worker.
func (b *board) inUse() []counters { return b.slots[:b.used.Load()] }

// durations returns how long the ended requests of each op took.
func (b *board) durations() map[string]Histogram {
	all := map[string]Histogram{}
	for o := range ops {
		sum := Histogram{Buckets: map[time.Duration]int64{}}
		for i := range b.inUse() {
			b.slots[i].took[o].addTo(&sum)
		}
		all[o.String()] = sum
	}
	runtime.KeepAlive(b)
	return all
}

// version is the module's version as the linker knows it.
func version() string {
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		return info.Main.Version
	}
	return "(devel)"
}

// mostProcesses is how many workers a pool of processes may have.
const mostProcesses = 1024
