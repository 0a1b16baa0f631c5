package server

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strconv"
	"time"

	"golang.org/x/sys/unix"

	"poolbench/server/internal/counters"
	"poolbench/server/internal/logpipe"
	"poolbench/server/internal/prefork"
)

// startTimeout is how long the workers of a pool of processes may take to be ready.
const startTimeout = 30 * time.Second

// workerConfig is what a worker process is told.
type workerConfig struct {
	Config   Config
	LogLevel slog.Level // lower records are not sent
}

// startProcesses starts the workers and returns when all of them serve.
func (s *Server) startProcesses() error {
	payload, err := json.Marshal(workerConfig{s.config, logpipe.MinLevel(s.config.Logger)})
	if err != nil {
		return err
	}
	if err := s.share(); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), startTimeout)
	defer cancel()
	s.supervisor, err = prefork.Start(ctx, prefork.Config{
		Workers: s.config.Workers, MaxWorkers: counters.MaxShared,
		Listener: s.listener.socket.(*prefork.Listener), Shared: s.shared,
		Payload: payload, Env: []string{"GOMAXPROCS=" + strconv.Itoa(s.config.WorkerGOMAXPROCS)},
		Output: func(slot int, r io.Reader) { logpipe.Copy(s.config.Logger, r, slot) },
		Log:    s.config.Logger, Changed: s.counters.SetStatus, Reaped: s.cleanUp,
		// No connection lasts longer.
		Grace: s.config.HeaderTimeout + s.config.TransferTimeout,
	})
	if err != nil {
		s.unshare()
	}
	return err
}

// The files that workers share, by their place in prefork.Config.Shared.
const (
	sharedCounters = iota
	sharedStorage
)

// share opens what the workers share: the counters' memory, and the storage folder. A
// worker that is started later must not get another folder that has the name by then.
func (s *Server) share() error {
	shared, fd, err := counters.NewShared(s.config.Workers, s.config.WorkerGOMAXPROCS)
	if err != nil {
		return err
	}
	s.counters = shared
	dir, err := unix.Open(s.config.Storage, unix.O_RDONLY|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return errors.Join(fmt.Errorf("storage: %w", err), unix.Close(fd))
	}
	s.shared = []int{sharedCounters: fd, sharedStorage: dir}
	return nil
}

// unshare closes what share has opened. It may be called more than once.
func (s *Server) unshare() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, fd := range s.shared {
		_ = unix.Close(fd)
	}
	s.shared = nil
}

// stopProcesses is Shutdown of a pool of processes.
func (s *Server) stopProcesses(ctx context.Context) error {
	err := s.supervisor.Shutdown(ctx)
	s.unshare()
	return err
}

// cleanUp does what a worker's process can no longer do once it has ended: it removes
// its temporary file and counts its transfer.
func (s *Server) cleanUp(slot int) {
	w := s.counters.Worker(slot)
	// A file of this name exists only if the worker was killed during the upload.
	s.storage.removeUnlocked(temporaryName(w.Temporary.Load()))
	w.CountDeath()
}

// Resize changes how many workers a pool of processes has, to 1 to 1,024. New workers
// are started, and surplus ones end after their transfer; Resize waits for neither.
// Other pools cannot be resized.
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
	s.counters.SetWorkers(workers)
	return nil
}

// Main returns at once in a program that a user started. In one that a [Server] started
// as its worker it is the worker, and does not return. It must be called before flags
// are parsed.
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

// work serves connections as one worker of a pool until the supervisor ends it.
func work(w *prefork.Worker) error {
	s, err := newWorkerServer(w)
	if err = errors.Join(err, w.Ready(err)); err != nil {
		return err
	}
	// A surplus worker still serves the connection it has accepted, whose request
	// may not have come yet.
	go func() {
		<-w.Retire
		_ = s.listener.close()
	}()
	down := make(chan struct{})
	go func() {
		<-w.Drain
		ctx, cancel := context.WithCancel(context.Background())
		go func() {
			<-w.Quit
			cancel()
		}()
		_ = s.Shutdown(ctx) // the supervisor reports what was cut off
		close(down)
	}()
	if errors.Is(s.Serve(), ErrClosed) {
		<-down
	}
	return nil
}

// newWorkerServer returns the server of a worker process. It has one worker and shares
// the socket and the counters with the other processes.
func newWorkerServer(w *prefork.Worker) (*Server, error) {
	var told workerConfig
	if err := json.Unmarshal(w.Payload, &told); err != nil {
		return nil, err
	}
	told.Config.Logger = slog.New(logpipe.NewHandler(os.Stderr, told.LogLevel))
	shared, err := counters.Map(int(w.Shared[sharedCounters].Fd()))
	if err = errors.Join(err, w.Shared[sharedCounters].Close()); err != nil {
		return nil, err
	}
	storage, err := inheritStorage(w.Shared[sharedStorage], told.Config.Discard)
	if err = errors.Join(err, w.Shared[sharedStorage].Close()); err != nil {
		return nil, fmt.Errorf("storage: %w", err)
	}
	s := newServer(told.Config, w.Listener, storage)
	s.counters, s.pool = shared, serveAlone
	own := shared.Worker(w.Slot)
	s.workers = []*worker{newWorker(w.Slot, own)}
	w.Listener.CountWakeUps(&own.WakeUps)
	return s, nil
}
