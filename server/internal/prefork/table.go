package prefork

import (
	"fmt"
	"slices"
	"time"
)

// State is the state of a slot. Events lead from one to the next:
//
//	state    | the slot's worker         | ready   | died               | timer     | not wanted | wanted
//	---------|---------------------------|---------|--------------------|-----------|------------|----------
//	Gone     | there is none             |         |                    |           |            | Starting⁴
//	Starting | was launched              | Serving | Resting¹           | SIGKILL   | Stopping   |
//	Serving  | has said that it is ready |         | Resting¹           |           | Stopping   |
//	Resting  | will be launched again    |         |                    | Starting⁴ | Gone       |
//	Stopping | was told to end           |         | Gone, or Starting² | quit³     |            |
//
// ¹ If the budget allows; else all are told to end.
// ² If it is wanted again by then.
// ³ And SIGKILL the next time.
// ⁴ Resting, if it cannot be launched.
type State uint8

// The states.
const (
	Gone State = iota
	Starting
	Serving
	Resting
	Stopping
)

// settled is how long a worker has to serve for its next death to count as its first.
const settled = time.Second

// worker is a row of the table.
type worker struct {
	state    State
	process  process // nil if gone or resting
	since    time.Time
	deaths   int         // in a row, each soon after the one before
	failures int         // to launch it, in a row
	quitting bool        // told to end at once
	timer    *time.Timer // of the state; nil if it has none
}

func (s *Supervisor) enter(slot int, next State) {
	w := &s.workers[slot]
	if w.timer != nil {
		w.timer.Stop()
		w.timer = nil
	}
	w.state, w.since = next, time.Now()
	if s.config.Changed != nil {
		s.config.Changed(s.status(slot))
	}
}

// after has f called once the slot has been in its state for a time.
func (s *Supervisor) after(slot int, d time.Duration, f func()) {
	w := &s.workers[slot]
	var timer *time.Timer
	timer = time.AfterFunc(d, func() {
		s.call(func() {
			// It may have fired just before it was stopped.
			if w.timer == timer {
				f()
			}
		})
	})
	w.timer = timer
}

func (s *Supervisor) count(of State) int {
	n := 0
	for _, w := range s.workers {
		if w.state == of {
			n++
		}
	}
	return n
}

// setWanted says that the slots below a number should have a worker.
func (s *Supervisor) setWanted(workers int) {
	s.wanted = workers
	for slot := range s.workers {
		switch {
		case s.stopping:
			return // the launch of the one before failed
		case slot >= workers:
			s.retire(slot)
		case s.workers[slot].state == Gone:
			s.launch(slot)
		}
	}
}

func (s *Supervisor) launch(slot int) {
	p, err := s.launcher.launch(slot)
	if err != nil {
		s.launchFailed(slot, err)
		return
	}
	w := &s.workers[slot]
	w.process, w.failures, w.quitting = p, 0, false
	s.enter(slot, Starting)
	s.after(slot, s.config.StartTimeout, func() {
		s.config.Log.Error("a worker is not ready in time and is killed", "worker", slot, "pid", p.pid(), "after", s.config.StartTimeout)
		p.kill() // and so it dies
	})
	word := make(chan error, 1)
	go func() {
		err := p.ready()
		word <- err
		if err == nil {
			s.call(func() { s.ready(slot, p) })
		}
	}()
	go func() {
		end := p.wait()
		if err := <-word; err != nil {
			end = fmt.Sprintf("%v (%s)", err, end)
		}
		s.call(func() { s.reaped(slot, end) })
	}()
}

// ready is called when a worker has said that it is.
func (s *Supervisor) ready(slot int, p process) {
	if w := &s.workers[slot]; w.process != p || w.state != Starting {
		return // already ending
	}
	s.enter(slot, Serving)
	if s.starting && s.count(Serving) >= s.wanted {
		s.starting = false
		close(s.started)
	}
}

// reaped is called when a slot's process has ended.
func (s *Supervisor) reaped(slot int, end string) {
	w := &s.workers[slot]
	w.process = nil
	if s.config.Reaped != nil {
		s.config.Reaped(slot)
	}
	switch {
	case w.state != Stopping:
		s.died(slot, end)
	case slot < s.wanted:
		s.enter(slot, Gone)
		s.launch(slot)
	default:
		s.enter(slot, Gone)
	}
}

// launchFailed is called when a worker could not be launched, perhaps for want of memory
// or descriptors. It is retried without end and costs no budget, as the workers that
// serve are not to blame.
func (s *Supervisor) launchFailed(slot int, err error) {
	w := &s.workers[slot]
	if s.starting {
		s.enter(slot, Gone)
		s.fail(fmt.Errorf("prefork: worker %d: %w", slot, err))
		return
	}
	if w.failures++; w.failures == 1 {
		s.config.Log.Error("a worker cannot be started, will retry", "worker", slot, "error", err)
	}
	s.rest(slot, pause(w.failures+1, time.Second))
}

// died is called when a worker has ended that was not told to.
func (s *Supervisor) died(slot int, end string) {
	w := &s.workers[slot]
	if w.state != Serving || time.Since(w.since) < settled {
		w.deaths++
	} else {
		w.deaths = 1
	}
	switch {
	case s.starting:
		s.enter(slot, Gone)
		s.fail(fmt.Errorf("prefork: worker %d: %s", slot, end))
	case !s.budget.spend(time.Now()):
		s.enter(slot, Gone)
		s.fail(fmt.Errorf("prefork: worker %d: %s; it is not replaced, as %d workers have been within %v",
			slot, end, s.config.Restarts, s.config.Window))
	default:
		pause := pause(w.deaths, maxPause)
		s.config.Log.Error("a worker died and is replaced", "worker", slot, "end", end, "in", pause)
		s.rest(slot, pause)
	}
}

// rest launches a slot's worker after a pause.
func (s *Supervisor) rest(slot int, pause time.Duration) {
	s.enter(slot, Resting)
	s.after(slot, pause, func() { s.launch(slot) })
}

// maxPause is short enough for a worker that is killed over and over to be missed little,
// and long enough for one that cannot live to cost little until the budget is spent.
const maxPause = 20 * time.Millisecond

// pause is how long a worker rests before it is launched again: not at all the first
// time, then 5 ms, then twice as long each time up to a limit.
func pause(times int, limit time.Duration) time.Duration {
	if times <= 1 {
		return 0
	}
	return min(limit, 5*time.Millisecond<<min(times-2, 10))
}

// budget bounds how many workers are replaced within a window of time.
type budget struct {
	limit  int
	window time.Duration
	spent  []time.Time
}

// spend reports whether one more may be replaced now.
func (b *budget) spend(now time.Time) bool {
	b.spent = slices.DeleteFunc(b.spent, func(t time.Time) bool { return now.Sub(t) >= b.window })
	if len(b.spent) >= b.limit {
		return false
	}
	b.spent = append(b.spent, now)
	return true
}

// drain tells a worker to end after its work, when all of them end.
func (s *Supervisor) drain(slot int) { s.order(slot, process.drain, 0) }

// drainSoon is drain with a limit for the work.
func (s *Supervisor) drainSoon(slot int) { s.order(slot, process.drain, s.config.Grace) }

// retire tells a surplus worker to end after its work, while others serve.
func (s *Supervisor) retire(slot int) {
	if s.workers[slot].state != Stopping {
		s.order(slot, process.retire, s.config.Grace)
	}
}

// kill ends a worker.
func (s *Supervisor) kill(slot int) { s.order(slot, process.kill, 0) }

// quit tells a worker to end at once, and kills it if it does not.
func (s *Supervisor) quit(slot int) {
	w := &s.workers[slot]
	s.order(slot, process.quit, 0)
	if w.state != Stopping || w.quitting {
		return
	}
	w.quitting = true
	s.after(slot, s.config.KillAfter, func() { w.process.kill() })
}

// order gives a worker an order to end. After grace, if there is any, it has to quit.
func (s *Supervisor) order(slot int, give func(process), grace time.Duration) {
	switch w := &s.workers[slot]; {
	case w.state == Resting:
		s.enter(slot, Gone)
	case w.state != Gone && !w.quitting:
		give(w.process)
		s.enter(slot, Stopping)
		if grace > 0 {
			s.after(slot, grace, func() {
				s.config.Log.Warn("a worker does not end and is told to at once", "worker", slot, "pid", w.process.pid(), "after", grace)
				s.quit(slot)
			})
		}
	}
}
