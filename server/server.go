package server

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"runtime/debug"
	"sync"

	"poolbench/protocol"
	"poolbench/server/internal/counters"
	"poolbench/server/internal/prefork"
)

// ErrClosed is what Serve returns after Shutdown.
var ErrClosed = errors.New("server: closed")

// Server is a server that listens. Its methods may be called from any goroutine.
type Server struct {
	config   Config
	listener *listener
	storage  *storage
	counters *counters.Pool
	pool     func(*Server) error
	workers  []*worker // of this process
	// supervisor runs the workers of a pool of processes. It is nil for other pools,
	// and in a worker process.
	supervisor *prefork.Supervisor
	shared     []int         // descriptors that worker processes share
	served     chan struct{} // closed when Serve has returned

	mu      sync.Mutex
	serving bool
	closing bool
	conns   map[*connection]struct{}
}

// Listen opens the storage folder and the port. It removes the temporary files that a
// killed server has left. Connections wait in the kernel's backlog until Serve is
// called; a pool of processes, which Listen starts, serves from now on. The caller ends
// the server with Shutdown, whether it has called Serve or not.
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
	s.counters = counters.New(config.Workers)
	for i := range config.Workers {
		s.workers = append(s.workers, newWorker(i, s.counters.Worker(i)))
	}
	return s, nil
}

// newServer returns a server without counters, pool and workers.
func newServer(config Config, socket socket, storage *storage) *Server {
	return &Server{
		config: config, listener: newListener(socket, config.Logger), storage: storage,
		served: make(chan struct{}), conns: map[*connection]struct{}{},
	}
}

// sweep removes the temporary files that nobody will finish.
func sweep(storage *storage, log *slog.Logger) error {
	removed, err := storage.sweep()
	if removed > 0 {
		log.Warn("removed files of unfinished uploads", "files", removed)
	}
	return err
}

// Addr returns the address that the server listens on.
func (s *Server) Addr() net.Addr { return s.listener.socket.Addr() }

// Stats returns what STATS answers.
func (s *Server) Stats() protocol.Stats {
	stats := s.counters.Stats()
	stats.Version, stats.Pool, stats.Queue = version(), string(s.config.Pool), s.listener.waiting()
	return stats
}

// version is the module's version as the linker knows it.
func version() string {
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		return info.Main.Version
	}
	return "(devel)"
}

// Histogram is how long requests took.
type Histogram = counters.Histogram

// Durations returns how long the requests that have ended took.
func (s *Server) Durations() map[protocol.Op]Histogram { return s.counters.Durations() }

// Serve serves connections until Shutdown, and returns ErrClosed when the last of them
// has ended. It is called once.
func (s *Server) Serve() error {
	s.mu.Lock()
	if s.serving {
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

// Shutdown accepts no more connections, drops those whose request has not been read,
// and returns when the last transfer has ended. If the context ends first it cuts the
// transfers off and returns the context's error.
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

// wait returns when Serve has, or cuts all connections off when the context ends.
func (s *Server) wait(ctx context.Context) error {
	select {
	case <-s.served:
		return nil
	case <-ctx.Done():
		s.cutOff()
		return ctx.Err()
	}
}

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

// enter and leave keep the list of connections that have a worker. enter reports false
// if the server is closing.
func (s *Server) enter(c *connection) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.closing {
		s.conns[c] = struct{}{}
	}
	return !s.closing
}

// begin marks a connection whose request has been read, so that Shutdown waits for it. If
// Shutdown came first it has closed the connection.
func (s *Server) begin(c *connection) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c.busy = true
}

func (s *Server) leave(c *connection) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.conns, c)
}
