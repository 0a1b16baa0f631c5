package server

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"sync"

	"poolbench/protocol"
	"poolbench/server/internal/prefork"
)

// ErrClosed is what Serve returns after Shutdown.
var ErrClosed = errors.New("server: closed")

// Server is a server that listens. Its methods may be called from any goroutine.
type Server struct {
	config   Config
	listener *listener
	storage  *storage
	board    *board
	pool     func(*Server) error
	workers  []*worker // of this process
	// supervisor has the workers of a pool of processes; nil of others, and in
	// such a worker.
	supervisor *prefork.Supervisor
	shared     []int // descriptors of what they share
	// served is closed when Serve has returned.
	served chan struct{}

	mu      sync.Mutex
	serving bool
	closing bool
	conns   map[*connection]struct{}
}

// Listen opens the storage folder, in which it removes what uploads to a server
// that was killed have left, and the port, and starts the workers that are
// processes. Connections wait in the kernel's backlog until Serve is called, but
// for a pool of processes, which serves from now on. The caller ends the server
// with Shutdown, whether it has called Serve or not.
func Listen(config Config) (*Server, error) {
	config, err := config.withDefaults()
	if err != nil {
		return nil, err
	}
	storage, err := openStorage(config.Storage, config.Discard)
	if err != nil {
		return nil, fmt.Errorf("server: storage: %w", err)
	}
	if err := sweep(storage, config.Logger); err != nil {
		return nil, errors.Join(fmt.Errorf("server: storage: %w", err), storage.close())
	}
	socket, err := listen(config)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("server: %w", err), storage.close())
	}
	s := newServer(config, socket, storage)
	s.pool = pools[config.Pool]
	if config.Pool == Process {
		if err := s.startProcesses(); err != nil {
			return nil, errors.Join(fmt.Errorf("server: %w", err), s.listener.close(), storage.close())
		}
		return s, nil
	}
	s.board = newBoard(config.Workers)
	for i := range config.Workers {
		s.workers = append(s.workers, newWorker(i, &s.board.slots[i]))
	}
	return s, nil
}

// newServer makes a server that has neither board nor pool.
func newServer(config Config, socket socket, storage *storage) *Server {
	return &Server{
		config: config, listener: newListener(socket, config.Logger), storage: storage,
		served: make(chan struct{}), conns: map[*connection]struct{}{},
	}
}

// sweep removes what was left of uploads that nobody will finish.
func sweep(storage *storage, log *slog.Logger) error {
	removed, err := storage.sweep()
	if removed > 0 {
		log.Warn("removed what uploads that were cut off have left", "files", removed)
	}
	return err
}

// Addr returns the address that the server listens on.
func (s *Server) Addr() net.Addr { return s.listener.socket.Addr() }

// Stats returns what STATS answers.
func (s *Server) Stats() protocol.Stats {
	stats := s.board.stats(s.config.Pool)
	stats.Queue = s.listener.waiting()
	return stats
}

// Durations returns how long the requests that have ended took, by op as in
// protocol.WorkerStats.
func (s *Server) Durations() map[string]Histogram { return s.board.durations() }

// Serve serves connections until Shutdown and returns ErrClosed then, after the
// last of them has ended. It is called once.
func (s *Server) Serve() error {
	s.mu.Lock()
	if s.serving || s.closing {
		s.mu.Unlock()
		return ErrClosed
	}
	s.serving = true
	s.mu.Unlock()
	defer close(s.served)

	err := s.pool(s)
	if s.isClosing() {
		return ErrClosed
	}
	return fmt.Errorf("server: %w", err)
}

// Shutdown takes no more connections, drops those that have not said what they
// want, lets transfers end, and returns when the last one has. If the context
// ends first it cuts them off and returns the context's error.
func (s *Server) Shutdown(ctx context.Context) error {
	s.mu.Lock()
	s.closing = true
	serving := s.serving
	for c := range s.conns {
		if !c.busy {
			c.close()
		}
	}
	s.mu.Unlock()
	var err error
	if s.supervisor != nil {
		err = s.stopProcesses(ctx)
	} else if err = s.listener.close(); serving {
		err = errors.Join(err, s.wait(ctx))
	}
	if serving {
		<-s.served
	}
	return errors.Join(err, s.listener.close(), s.storage.close())
}

// wait waits until Serve has returned, or cuts all connections off.
func (s *Server) wait(ctx context.Context) error {
	select {
	case <-s.served:
		return nil
	case <-ctx.Done():
		s.cutOff()
		return ctx.Err()
	}
}

// cutOff ends all connections.
func (s *Server) cutOff() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for c := range s.conns {
		c.close()
	}
}

func (s *Server) isClosing() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.closing
}

// enter and leave keep the list of the connections that have a worker. enter
// reports false if the server is closing.
func (s *Server) enter(c *connection) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.closing {
		s.conns[c] = struct{}{}
	}
	return !s.closing
}

// begin marks the connection as one that has said what it wants, so that
// Shutdown waits for it. It reports false if Shutdown came first.
func (s *Server) begin(c *connection) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	c.busy = !s.closing
	return c.busy
}

func (s *Server) leave(c *connection) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.conns, c)
}
