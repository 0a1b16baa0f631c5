package servertest

import (
	"context"
	"errors"
	"fmt"
	"net"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"poolbench/server"
)

// Start starts a server in this process and shuts it down when the test ends. The test
// fails if that takes longer than 20 seconds. An empty Addr is a free port on loopback, an
// empty Storage a new folder.
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
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
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

// Deaf returns the address of a server that neither accepts nor refuses a connection: its
// backlog is full, so the kernel drops those that come.
func Deaf(tb testing.TB) string {
	tb.Helper()
	fd, addr := bind(tb)
	deafen(tb, fd, addr)
	return addr
}

// deafen lets a bound socket listen, and fills its backlog.
func deafen(tb testing.TB, fd int, addr string) {
	tb.Helper()
	if err := unix.Listen(fd, 0); err != nil {
		tb.Fatalf("servertest: %v", err)
	}
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		tb.Fatalf("servertest: %v", err)
	}
	tb.Cleanup(func() { _ = conn.Close() })
}

// Nobody returns an address that refuses connections. A socket that does not listen holds
// the port until the test ends, so that nobody else gets it.
func Nobody(tb testing.TB) string {
	tb.Helper()
	_, addr := bind(tb)
	return addr
}

// bind returns a socket on a free port of loopback, and its address.
func bind(tb testing.TB) (fd int, addr string) {
	tb.Helper()
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		tb.Fatalf("servertest: %v", err)
	}
	tb.Cleanup(func() { _ = unix.Close(fd) })
	if err := unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_REUSEPORT, 1); err != nil { // for a Place
		tb.Fatalf("servertest: %v", err)
	}
	if err := unix.Bind(fd, &unix.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}); err != nil {
		tb.Fatalf("servertest: %v", err)
	}
	name, err := unix.Getsockname(fd)
	if err != nil {
		tb.Fatalf("servertest: %v", err)
	}
	return fd, fmt.Sprintf("127.0.0.1:%d", name.(*unix.SockaddrInet4).Port)
}

// Ended waits until the process of a pidfd has ended, and reports whether it has within a
// time.
func Ended(tb testing.TB, pidfd int, within time.Duration) bool {
	tb.Helper()
	for {
		n, err := unix.Poll([]unix.PollFd{{Fd: int32(pidfd), Events: unix.POLLIN}}, int(within/time.Millisecond))
		switch {
		case errors.Is(err, unix.EINTR): // by the end of some other child
			continue
		case err != nil:
			tb.Fatalf("servertest: poll: %v", err)
		}
		return n == 1
	}
}
