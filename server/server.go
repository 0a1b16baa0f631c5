package server

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"sync"
	"time"
)

// ErrClosed is what Serve returns after Shutdown.
var ErrClosed = errors.New("server: closed")

// Server is a server that listens. Its methods may be called from any goroutine.
type Server struct {
	config   Config
	listener *listener
	storage  *storage
	workers  []*worker
	started  time.Time
	// served is closed when Serve has returned.
	served chan struct{}

	mu      sync.Mutex
	serving bool
	closing bool
	conns   map[*connection]struct{}
}

// Listen opens the storage folder, in which it removes what uploads to a server
// that was killed have left, and the port. Connections wait in the kernel's
// backlog until Serve is called. The caller ends the server with Shutdown,
// whether it has called Serve or not.
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
	listener, err := listen(config)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("server: %w", err), storage.close())
	}
	workers := make([]*worker, config.Workers)
	for i := range workers {
		workers[i] = newWorker(i)
	}
	return &Server{
		config: config, listener: listener, storage: storage, workers: workers,
		started: time.Now(), served: make(chan struct{}), conns: map[*connection]struct{}{},
	}, nil
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
func (s *Server) Addr() net.Addr { return s.listener.tcp.Addr() }

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

	err := pools[s.config.Pool](s.listener, s.workers, s.handle)
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
	err := s.listener.close()

	if serving {
		select {
		case <-s.served:
		case <-ctx.Done():
			err = errors.Join(err, ctx.Err())
			s.mu.Lock()
			for c := range s.conns {
				c.close()
			}
			s.mu.Unlock()
			<-s.served
		}
	}
	return errors.Join(err, s.storage.close())
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
