package servertest

import (
	"context"
	"net"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// Place is an address at which a server comes and goes. While it is away, connections are
// refused.
type Place struct {
	Addr string
	tb   testing.TB
	held int // a socket that keeps the port, and does not listen
	came net.Listener
}

// NewPlace returns a place where nobody is.
func NewPlace(tb testing.TB) *Place {
	tb.Helper()
	fd, addr := bind(tb)
	return &Place{Addr: addr, tb: tb, held: fd}
}

// Come lets a peer serve there until Go or the end of the test.
func (p *Place) Come(t *testing.T, serve func(c *Caller)) {
	t.Helper()
	config := net.ListenConfig{Control: func(_, _ string, conn syscall.RawConn) (err error) {
		control := conn.Control(func(fd uintptr) { err = unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_REUSEPORT, 1) })
		if control != nil {
			return control
		}
		return err
	}}
	var err error
	if p.came, err = config.Listen(context.Background(), "tcp", p.Addr); err != nil {
		t.Fatalf("servertest: %v", err)
	}
	serveCallers(t, p.came, serve)
}

// Go ends the peer: connections that it has accepted go on, others are refused.
func (p *Place) Go() { _ = p.came.Close() }

// Deafen makes the place one of a server as [Deaf].
func (p *Place) Deafen() {
	p.tb.Helper()
	deafen(p.tb, p.held, p.Addr)
}
