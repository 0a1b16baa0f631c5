package server

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"strconv"
	"time"

	"golang.org/x/sys/unix"

	"poolbench/server/internal/prefork"
)

// startTimeout is how long all workers of a pool of processes may take to be
// ready.
const startTimeout = 30 * time.Second

// briefing is what a worker process is told.
type briefing struct {
	Config   Config
	LogLevel slog.Level // what is below it nobody reads
}

// startProcesses starts the workers and returns when all of them serve.
func (s *Server) startProcesses() error {
	payload, err := json.Marshal(briefing{s.config, leastLevel(s.config.Logger)})
	if err != nil {
		return err
	}
	if err := s.share(); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), startTimeout)
	defer cancel()
	s.supervisor, err = prefork.Start(ctx, prefork.Config{
		Workers: s.config.Workers, Most: mostProcesses,
		Listener: s.listener.socket.(*prefork.Listener), Shared: s.shared,
		Payload: payload, Env: []string{"GOMAXPROCS=" + strconv.Itoa(s.config.WorkerGOMAXPROCS)},
		Output: func(slot int, r io.Reader) { readLog(slot, r, s.config.Logger) },
		Log:    s.config.Logger, Changed: s.board.change, Reaped: s.bury,
		// A transfer has no more time than that; the rest is for the request.
		Grace: s.config.HeaderTimeout + s.config.TransferTimeout,
	})
	if err != nil {
		s.unshare()
	}
	return err
}

// The files that workers share, by their place in prefork's Config.
const (
	sharedBoard = iota
	sharedStorage
)

// share makes what the workers share: the board, and the folder itself, so that
// one that is started later does not get another that has its name by then.
func (s *Server) share() error {
	board, fd, err := shareBoard(s.config.Workers, s.config.WorkerGOMAXPROCS)
	if err != nil {
		return err
	}
	s.board = board
	dir, err := unix.Open(s.config.Storage, unix.O_RDONLY|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return errors.Join(fmt.Errorf("storage: %w", err), unix.Close(fd))
	}
	s.shared = []int{sharedBoard: fd, sharedStorage: dir}
	return nil
}

// unshare closes this process's side of what the workers share. It may be called
// more than once.
func (s *Server) unshare() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, fd := range s.shared {
		_ = unix.Close(fd)
	}
	s.shared = nil
}

// stopProcesses ends the workers as Shutdown promises.
func (s *Server) stopProcesses(ctx context.Context) error {
	err := s.supervisor.Shutdown(ctx)
	s.unshare()
	return err
}

// change keeps up with what becomes of a worker's process. The supervisor calls
// it, for one worker after the other.
func (b *board) change(now prefork.Status) {
	b.used.Store(max(b.used.Load(), int64(now.Slot+1)))
	c := &b.slots[now.Slot]
	before := prefork.State(c.state.Load())
	if now.State == prefork.Resting && (before == prefork.Starting || before == prefork.Serving) {
		b.restarts.Add(1)
	}
	c.pid.Store(int64(now.PID))
	c.state.Store(int64(now.State))
}

// bury does what a worker's process can't do any more that has been killed: it
// removes its file and counts its transfer.
func (s *Server) bury(slot int) {
	c := &s.board.slots[slot]
	// Whatever it was doing, the file that it made last is in its place or gone.
	s.storage.removeUnheld(temporaryName(c.temporary[0].Load(), c.temporary[1].Load()))
	c.died()
}

// Resize changes how many workers a pool of processes has, to 1 to 1,024. New
// ones are started; those that are too many end when their transfer has. It waits
// for neither. Other pools keep the number that they were made with.
func (s *Server) Resize(workers int) error {
	if s.supervisor == nil {
		return fmt.Errorf("server: a pool of %ss keeps its number of workers; one of processes can change it", s.config.Pool)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closing {
		return ErrClosed
	}
	if err := s.supervisor.Resize(workers); err != nil {
		return fmt.Errorf("server: %w", err)
	}
	s.board.workers.Store(int64(workers))
	return nil
}

// Main does nothing in a program that a user started. In one that a [Server]
// started as its worker it is the worker, and does not return. It has to be
// called before flags are read.
func Main() {
	w, err := prefork.Join()
	if w == nil && err == nil {
		return
	}
	if err == nil {
		err = work(w)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

// work serves connections as one worker of a pool, until the supervisor says
// otherwise.
func work(w *prefork.Worker) error {
	s, err := newWorkerServer(w)
	if err = errors.Join(err, w.Ready(err)); err != nil {
		return err
	}
	// One that is one too many serves whatever it has accepted, as ever.
	go func() {
		<-w.Retire
		_ = s.listener.close()
	}()
	down := make(chan error, 1)
	go func() {
		<-w.Drain
		ctx, cancel := context.WithCancel(context.Background())
		go func() {
			<-w.Quit
			cancel()
		}()
		down <- s.Shutdown(ctx)
	}()
	switch err := s.Serve(); {
	case errors.Is(err, ErrClosed):
		if err := <-down; !errors.Is(err, context.Canceled) {
			return err
		}
	case !errors.Is(err, net.ErrClosed):
		return err
	}
	return nil
}

// newWorkerServer makes the server that a worker process is: of one worker, which
// shares the socket and the board with the others.
func newWorkerServer(w *prefork.Worker) (*Server, error) {
	var told briefing
	if err := json.Unmarshal(w.Payload, &told); err != nil {
		return nil, err
	}
	told.Config.Logger = slog.New(newLogWriter(os.Stderr, told.LogLevel))
	board, err := joinBoard(int(w.Shared[sharedBoard].Fd()))
	if err = errors.Join(err, w.Shared[sharedBoard].Close()); err != nil {
		return nil, err
	}
	storage, err := inheritStorage(w.Shared[sharedStorage], told.Config.Discard)
	if err = errors.Join(err, w.Shared[sharedStorage].Close()); err != nil {
		return nil, fmt.Errorf("storage: %w", err)
	}
	s := newServer(told.Config, w.Listener, storage)
	s.board, s.pool = board, serveAlone
	counters := &board.slots[w.Slot]
	s.workers = []*worker{newWorker(w.Slot, counters)}
	w.Listener.CountWakeUps(&counters.wakeUps)
	return s, nil
}
