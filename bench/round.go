package bench

import (
	"context"
	"errors"
	"sync"
	"time"
)

// Round is every client doing one op at once: one iteration of a benchmark.
type Round struct {
	Samples []Sample // of every client, in their order
	// Makespan is from the starting gun to the end of the last op.
	Makespan time.Duration
	// LoadCPU and ServerCPU are the CPU time that either side took; zero if it
	// could not be read.
	LoadCPU, ServerCPU time.Duration
}

// Failed counts the ops that did not succeed.
func (r Round) Failed() int {
	n := 0
	for _, s := range r.Samples {
		if !s.OK() {
			n++
		}
	}
	return n
}

// Wire is the payload bytes of the ops that succeeded.
func (r Round) Wire() int64 {
	var n int64
	for _, s := range r.Samples {
		if s.OK() {
			n += s.Wire
		}
	}
	return n
}

// lineUp is a round before its gun: each client in a goroutine of its own, with
// its file open.
type lineUp struct {
	samples []Sample
	gun     time.Time
	fired   chan struct{} // closed when gun is set
	ended   sync.WaitGroup
	leave   func() error
}

// park returns when all clients wait for the gun. The context ends their ops
// early. Each client writes a sample of its own, so they share no lock.
func park(ctx context.Context, clients []*Client) *lineUp {
	l := &lineUp{samples: make([]Sample, len(clients)), fired: make(chan struct{})}
	waiting := make([]*parked, len(clients))
	var ready sync.WaitGroup
	ready.Add(len(clients))
	for i, c := range clients {
		l.ended.Go(func() {
			waiting[i] = c.park()
			ready.Done()
			<-l.fired
			l.samples[i] = waiting[i].do(ctx, l.gun)
		})
	}
	ready.Wait()
	l.leave = func() error {
		var errs []error
		for _, p := range waiting {
			errs = append(errs, p.leave())
		}
		return errors.Join(errs...)
	}
	return l
}

// run fires the gun and returns when the last client has ended.
func (l *lineUp) run() Round {
	l.gun = time.Now()
	close(l.fired)
	l.ended.Wait()
	round := Round{Samples: l.samples}
	for _, s := range l.samples {
		round.Makespan = max(round.Makespan, s.Done)
	}
	return round
}
