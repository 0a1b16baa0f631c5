package prefork

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"time"
)

// ErrStopped is the error of a supervisor that has ended because of Shutdown.
var ErrStopped = errors.New("prefork: stopped")

// Config says what to supervise.
type Config struct {
	// Workers is how many processes to run. MaxWorkers is the most that Resize
	// allows; slots are numbered from 0 to MaxWorkers-1.
	Workers, MaxWorkers int
	// Listener is passed to each worker. The supervisor owns it from Start on, and
	// closes it once no other worker will be started.
	Listener *Listener
	// Shared are descriptors that each worker gets too. They have to stay open until
	// the supervisor has ended.
	Shared []int
	// Payload is what each worker is told. Env is added to its environment.
	Payload []byte
	Env     []string
	// Output reads what a worker writes to its standard output and error, until the
	// end. It has a goroutine of its own.
	Output func(slot int, r io.Reader)
	// Changed is called when a slot has changed its state; Reaped when its process
	// has ended, before the slot gets another. The supervisor waits for both, so they
	// must not call it.
	Changed func(Status)
	Reaped  func(slot int)
	// Log gets a line for each worker that dies or is late. Nil is no log.
	Log *slog.Logger
	// StartTimeout is how long a worker may take to be ready. Zero is 30 s.
	StartTimeout time.Duration
	// Grace is how long a surplus worker may take to end its work before it is told
	// to end at once. Zero is 30 s.
	Grace time.Duration
	// KillAfter is how long a worker may take to end at once before it is sent
	// SIGKILL. Zero is 5 s.
	KillAfter time.Duration
	// Restarts is how many workers are replaced within Window. When one more dies,
	// all are told to end. Zero is 400 within a minute.
	Restarts int
	Window   time.Duration
}

func (c Config) withDefaults() Config {
	c.StartTimeout = cmp.Or(c.StartTimeout, 30*time.Second)
	c.Grace = cmp.Or(c.Grace, 30*time.Second)
	c.KillAfter = cmp.Or(c.KillAfter, 5*time.Second)
	c.Restarts = cmp.Or(c.Restarts, 400)
	c.Window = cmp.Or(c.Window, time.Minute)
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	return c
}

// Supervisor keeps a number of workers alive. Its methods may be called from any
// goroutine. One goroutine owns the table of the workers; all others send it calls.
type Supervisor struct {
	config   Config
	launcher launcher
	calls    chan func()
	done     chan struct{} // closed when the last worker has been reaped
	started  chan struct{} // closed when all workers were ready for the first time
	err      error         // why it ended; may be read when done is closed

	// The owner's alone.
	workers  []worker // by slot
	wanted   int      // slots below it should have a worker
	budget   budget
	starting bool // not all have been ready yet
	stopping bool
}

// Start starts the workers and returns when all are ready. If one fails it returns the
// reason, after the others have ended. The context bounds the start only.
func Start(ctx context.Context, config Config) (*Supervisor, error) {
	return start(ctx, config, &system{
		listener: config.Listener, shared: config.Shared,
		payload: config.Payload, env: config.Env, output: config.Output,
	})
}

func start(ctx context.Context, config Config, launcher launcher) (*Supervisor, error) {
	config = config.withDefaults()
	s := &Supervisor{
		config: config, launcher: launcher, workers: make([]worker, config.MaxWorkers), starting: true,
		budget: budget{limit: config.Restarts, window: config.Window},
		calls:  make(chan func()), done: make(chan struct{}), started: make(chan struct{}),
	}
	go s.run()
	s.call(func() { s.setWanted(config.Workers) })
	select {
	case <-s.started:
		return s, nil
	case <-ctx.Done():
		err := fmt.Errorf("prefork: not all workers were ready in time: %w", ctx.Err())
		s.call(func() { s.stop(err, (*Supervisor).kill) })
		<-s.done
	case <-s.done:
	}
	return nil, s.err
}

// run is the owner. It runs the calls until the last worker is gone.
func (s *Supervisor) run() {
	for call := range s.calls {
		call()
		if s.count(Gone) == len(s.workers) {
			break
		}
	}
	close(s.done)
}

// call has the owner run f. It returns when the owner begins, or has ended.
func (s *Supervisor) call(f func()) {
	select {
	case s.calls <- f:
	case <-s.done:
	}
}

// Done returns a channel that is closed when all workers have ended.
func (s *Supervisor) Done() <-chan struct{} { return s.done }

// Err returns why the supervisor ended: ErrStopped after Shutdown. It may be called when
// Done is closed.
func (s *Supervisor) Err() error { return s.err }

// Resize changes how many workers there are. It starts new ones, or tells those in the
// highest slots to end after their work, and waits for neither.
func (s *Supervisor) Resize(workers int) error {
	if workers < 1 || workers > s.config.MaxWorkers {
		return fmt.Errorf("prefork: %d workers: want 1 to %d", workers, s.config.MaxWorkers)
	}
	s.call(func() {
		if !s.stopping {
			s.setWanted(workers)
		}
	})
	return nil
}

// Shutdown tells all workers to end after their work, and returns when the last one has
// been reaped. When the context ends it tells them to end at once, kills those that do
// not, and returns the context's error.
func (s *Supervisor) Shutdown(ctx context.Context) error {
	s.call(func() { s.stop(ErrStopped, (*Supervisor).drain) })
	select {
	case <-s.done:
		return nil
	case <-ctx.Done():
	}
	select {
	case <-s.done:
		return nil // both had come
	default:
	}
	s.call(func() { s.stop(ErrStopped, (*Supervisor).quit) })
	<-s.done
	return ctx.Err()
}

// stop ends every worker in a way, and starts no more. The first reason counts.
func (s *Supervisor) stop(reason error, end func(*Supervisor, int)) {
	s.err = cmp.Or(s.err, reason)
	s.stopping, s.wanted = true, 0
	if s.config.Listener != nil {
		_ = s.config.Listener.Close() // fails only for a bad descriptor
	}
	for slot := range s.workers {
		end(s, slot)
	}
}

// fail ends all workers because of an error.
func (s *Supervisor) fail(err error) {
	if s.starting {
		s.stop(err, (*Supervisor).kill) // none has work yet
		return
	}
	// Logged now, as it may be long before the last one has ended.
	s.config.Log.Error("all workers are told to end", "error", err)
	s.stop(err, (*Supervisor).drainSoon)
}

// Status is what a supervisor knows of one worker.
type Status struct {
	Slot  int
	PID   int // 0 if it has no process
	State State
}

func (s *Supervisor) status(slot int) Status {
	w := &s.workers[slot]
	status := Status{Slot: slot, State: w.state}
	if w.process != nil {
		status.PID = w.process.pid()
	}
	return status
}
