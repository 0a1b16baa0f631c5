package measure

import (
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// tickInterval is how often a Heartbeat ticks.
const tickInterval = 20 * time.Millisecond

// stallLimit is the shortest gap that counts as a stall. A busy machine alone causes gaps:
// with 50 clients, 50 workers and 2 CPUs the longest of 192 rounds was 227 ms; that of 100
// rounds was 650 ms when others used the CPUs as well, and 980 ms beside four busy loops.
const stallLimit = time.Second

// Heartbeat finds the times in which this process did not run: it was stopped, its
// container was paused, or the machine was suspended. It is safe for concurrent use, but
// serves one visit at a time. A nil *Heartbeat finds nothing.
type Heartbeat struct {
	now  func() time.Duration
	quit chan struct{}
	done sync.WaitGroup

	mu   sync.Mutex
	last time.Duration // time of the last tick or mark
	gap  time.Duration // longest since the mark
}

// StartHeartbeat watches this process until Stop is called.
func StartHeartbeat() *Heartbeat { return startHeartbeat(bootTime) }

func startHeartbeat(now func() time.Duration) *Heartbeat {
	h := &Heartbeat{now: now, quit: make(chan struct{}), last: now()}
	h.done.Go(h.run)
	return h
}

// bootTime reads the clock that also counts while the machine is suspended, which Go's
// clock does not. Every Linux has it.
func bootTime() time.Duration {
	var t unix.Timespec
	_ = unix.ClockGettime(unix.CLOCK_BOOTTIME, &t)
	return time.Duration(t.Nano())
}

func (h *Heartbeat) run() {
	ticker := time.NewTicker(tickInterval)
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

// Stop ends the watch. Call it once.
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

// mark forgets all gaps until now. Of a gap under way only the rest counts.
func (h *Heartbeat) mark() {
	if h == nil {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.last, h.gap = h.now(), 0
}

// longest returns the longest gap since the mark, or zero if it was no stall. It ticks
// itself, because in a process that has just resumed the ticking goroutine may not have run
// yet.
func (h *Heartbeat) longest() time.Duration {
	if h == nil {
		return 0
	}
	if gap := h.tick(); gap >= stallLimit {
		return gap
	}
	return 0
}
