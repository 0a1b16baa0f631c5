package measure

import (
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// beat is how often a Heartbeat ticks.
const beat = 20 * time.Millisecond

// stallLimit is the shortest gap that is a stall. Clients and server that have all
// processors to themselves make gaps too: with 50 clients, 50 workers and 2 CPUs the
// longest of 192 rounds was 227 ms, that of 100 rounds was 650 ms when others used the
// CPUs as well, and 980 ms beside four busy loops.
const stallLimit = time.Second

// Heartbeat learns of the times in which this process did not run: it was stopped,
// or its container was, or the machine was suspended. It is used from any goroutine,
// and by one run at a time.
type Heartbeat struct {
	now  func() time.Duration
	quit chan struct{}
	done sync.WaitGroup

	mu   sync.Mutex
	last time.Duration // the last tick, or mark
	gap  time.Duration // the longest since the mark
}

// StartHeartbeat begins to watch this process, until Stop is called.
func StartHeartbeat() *Heartbeat { return startHeartbeat(bootTime) }

func startHeartbeat(now func() time.Duration) *Heartbeat {
	h := &Heartbeat{now: now, quit: make(chan struct{}), last: now()}
	h.done.Go(h.run)
	return h
}

// bootTime reads the clock that goes on while the machine is suspended, which Go's
// own does not. Every Linux has it.
func bootTime() time.Duration {
	var t unix.Timespec
	_ = unix.ClockGettime(unix.CLOCK_BOOTTIME, &t)
	return time.Duration(t.Nano())
}

func (h *Heartbeat) run() {
	ticker := time.NewTicker(beat)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
			h.tick()
		case <-h.quit:
			return
		}
	}
}

// Stop ends the watch. It is called once.
func (h *Heartbeat) Stop() {
	close(h.quit)
	h.done.Wait()
}

// tick returns the longest gap since the mark.
func (h *Heartbeat) tick() time.Duration {
	h.mu.Lock()
	defer h.mu.Unlock()
	now := h.now()
	h.gap = max(h.gap, now-h.last)
	h.last = now
	return h.gap
}

// mark forgets the gaps until now. Of one that lasts, what comes counts.
func (h *Heartbeat) mark() {
	if h == nil {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.last, h.gap = h.now(), 0
}

// longest returns the longest gap since the mark, be it that the goroutine of a
// process that goes on again has not ticked yet. It is zero if that was no stall.
func (h *Heartbeat) longest() time.Duration {
	if h == nil {
		return 0
	}
	if gap := h.tick(); gap >= stallLimit {
		return gap
	}
	return 0
}
