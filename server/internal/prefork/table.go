package prefork

import (
	"fmt"
	"time"
)

// State is where a slot is. What happens to it leads to the next:
//
//	state    | the slot's worker         | ready   | died               | timer    | not wanted | wanted
//	---------|---------------------------|---------|--------------------|----------|------------|----------
//	Gone     | is none                   |         |                    |          |            | Starting⁴
//	Starting | was launched              | Serving | Resting¹           | SIGKILL  | Stopping   |
//	Serving  | has said that it is ready |         | Resting¹           |          | Stopping   |
//	Resting  | will be launched again    |         |                    | Starting⁴ | Gone      |
//	Stopping | was told to end           |         | Gone, or Starting² | quit³    |            |
//
// ¹ If the budget allows; else all are told to end.
// ² If it is wanted again by then.
// ³ And SIGKILL, the next time.
// ⁴ Resting, if it can't be launched.
type State uint8

// The states.
const (
	Gone State = iota
	Starting
	Serving
	Resting
	Stopping
)

func (s State) String() string {
	return [...]string{"gone", "starting", "serving", "resting", "stopping"}[s]
}

// settled is how long a worker has to have served for its death to be its first.
const settled = time.Second

// worker is a slot of the table. All of it is the owner's.
type worker struct {
	state    State
	process  process // nil if gone or resting
	since    time.Time
	deaths   int         // in a row, each soon after the one before
	failures int         // to launch it, in a row
	hurried  bool        // it has been told to end at once
	timer    *time.Timer // of the state; nil if it has none
}

// enter puts a slot into a state.
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

// after has f called when the slot has been in its state for so long.
func (s *Supervisor) after(slot int, d time.Duration, f func()) {
	w := &s.workers[slot]
	var timer *time.Timer
	timer = time.AfterFunc(d, func() {
		s.call(func() {
			// It may have run out just before it was stopped.
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

// want makes the slots below a number the ones that are to have a worker.
func (s *Supervisor) want(workers int) {
	s.wanted = workers
	for slot := range s.workers {
		switch {
		case s.stopping:
			return // the launch before failed
		case slot >= workers:
			s.retire(slot)
		case s.workers[slot].state == Gone:
			s.launch(slot)
		}
	}
}

// launch starts a slot's worker.
func (s *Supervisor) launch(slot int) {
	p, err := s.launcher.launch(slot)
	if err != nil {
		s.unlaunched(slot, err)
		return
	}
	w := &s.workers[slot]
	w.process, w.failures, w.hurried = p, 0, false
	s.enter(slot, Starting)
	s.after(slot, s.config.StartTimeout, func() {
		s.config.Log.Error("a worker is not ready in time and is killed", "worker", slot, "pid", p.pid(), "after", s.config.StartTimeout)
		p.kill() // and it has died
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

// ready notes that a worker has said so.
func (s *Supervisor) ready(slot int, p process) {
	if w := &s.workers[slot]; w.process != p || w.state != Starting {
		return // it is on its way out already
	}
	s.enter(slot, Serving)
	if s.starting && s.count(Serving) >= s.wanted {
		s.starting = false
		close(s.started)
	}
}

// reaped notes that a slot's process is no more.
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

// unlaunched is for a worker that could not be launched, for want of memory or of
// descriptors perhaps. It is tried again until it can be, and costs no budget:
// those that serve are not to blame.
func (s *Supervisor) unlaunched(slot int, err error) {
	w := &s.workers[slot]
	if s.starting {
		s.enter(slot, Gone)
		s.fail(fmt.Errorf("prefork: worker %d: %w", slot, err))
		return
	}
	if w.failures++; w.failures == 1 {
		s.config.Log.Error("a worker cannot be started, which is tried again", "worker", slot, "error", err)
	}
	s.rest(slot, pause(w.failures+1, time.Second))
}

// died does what has to be done about a worker that was wanted and is no more.
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
		pause := pause(w.deaths, longestPause)
		s.config.Log.Error("a worker died and is replaced", "worker", slot, "end", end, "in", pause)
		s.rest(slot, pause)
	}
}

// rest launches a slot's worker after a pause.
func (s *Supervisor) rest(slot int, pause time.Duration) {
	s.enter(slot, Resting)
	s.after(slot, pause, func() { s.launch(slot) })
}

// drain tells a worker to end as all of them do.
func (s *Supervisor) drain(slot int) { s.dismiss(slot, process.drain, 0) }

// drainSoon drains a worker that has only so long to end its work.
func (s *Supervisor) drainSoon(slot int) { s.dismiss(slot, process.drain, s.config.Grace) }

// retire tells a worker to end that is one too many, while others serve.
func (s *Supervisor) retire(slot int) {
	if s.workers[slot].state != Stopping {
		s.dismiss(slot, process.retire, s.config.Grace)
	}
}

// dismiss orders a worker to end when its work is done, for which it has so long;
// zero is as long as it takes.
func (s *Supervisor) dismiss(slot int, order func(process), grace time.Duration) {
	switch w := &s.workers[slot]; {
	case w.state == Resting:
		s.enter(slot, Gone)
	case w.state != Gone && !w.hurried:
		order(w.process)
		s.enter(slot, Stopping)
		if grace > 0 {
			s.after(slot, grace, func() {
				s.config.Log.Warn("a worker does not end and is told to at once", "worker", slot, "pid", w.process.pid(), "after", grace)
				s.hurry(slot)
			})
		}
	}
}

// hurry tells a worker to end at once, and sees to it that it does.
func (s *Supervisor) hurry(slot int) {
	w := &s.workers[slot]
	s.dismiss(slot, process.quit, 0)
	if w.state != Stopping || w.hurried {
		return
	}
	w.hurried = true
	s.after(slot, s.config.KillAfter, func() { w.process.kill() })
}

// kill ends a worker.
func (s *Supervisor) kill(slot int) { s.dismiss(slot, process.kill, 0) }
