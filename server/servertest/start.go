package servertest

import (
	"context"
	"errors"
	"testing"
	"time"

	"poolbench/server"
)

// Start starts a server in this process and shuts it down when the test ends. A
// test fails if that takes longer than five seconds. An empty Addr means a free
// port on loopback and an empty Storage a fresh folder.
func Start(tb testing.TB, config server.Config) *server.Server {
	tb.Helper()
	if config.Addr == "" {
		config.Addr = "127.0.0.1:0"
	}
	if config.Storage == "" {
		config.Storage = tb.TempDir()
	}
	s, err := server.Listen(config)
	if err != nil {
		tb.Fatalf("servertest: %v", err)
	}
	served := make(chan error, 1)
	go func() { served <- s.Serve() }()
	tb.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		if err := s.Shutdown(ctx); err != nil {
			tb.Errorf("servertest: shut down: %v", err)
		}
		if err := <-served; !errors.Is(err, server.ErrClosed) {
			tb.Errorf("servertest: serve: %v", err)
		}
	})
	return s
}
