package server

import (
	"log/slog"
	"net"
	"os"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"golang.org/x/sys/unix"

	"poolbench/server/internal/prefork"
)

// Running out of descriptors neither ends the server nor makes it spin: it waits 5 ms,
// then twice as long each time.
func TestAcceptWaitsOutAShortage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		calls := 0
		l := &listener{log: slog.New(slog.DiscardHandler), closing: make(chan struct{})}
		l.next = func() (incoming, error) {
			if calls++; calls <= 3 {
				return incoming{}, &net.OpError{Op: "accept", Err: os.NewSyscallError("accept4", unix.EMFILE)}
			}
			return incoming{TCPConn: new(net.TCPConn)}, nil
		}
		began := time.Now()
		conn, err := l.accept()
		assert.NoError(t, err)
		assert.NotNil(t, conn.TCPConn)
		assert.Equal(t, (5+10+20)*time.Millisecond, time.Since(began))
	})
}

func TestAcceptEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := &listener{log: slog.New(slog.DiscardHandler), closing: make(chan struct{})}
		l.next = func() (incoming, error) { return incoming{}, net.ErrClosed }
		_, err := l.accept()
		assert.Equal(t, net.ErrClosed, err)

		l.next = func() (incoming, error) { return incoming{}, unix.ENFILE }
		close(l.closing)
		_, err = l.accept()
		assert.Equal(t, net.ErrClosed, err, "closed while it waits")
	})
}

// A connection that is accepted while the server shuts down is not served.
func TestNothingEntersAfterShutdown(t *testing.T) {
	s := &Server{conns: map[*connection]struct{}{}}
	c := new(connection)
	assert.True(t, s.enter(c))
	s.closing = true
	assert.False(t, s.enter(new(connection)))
	s.leave(c)
	assert.Empty(t, s.conns)
}

// Only a pool of processes shares the socket. The others wait in the runtime's poller.
func TestListen(t *testing.T) {
	for _, pool := range Pools() {
		socket, err := listen(Config{Pool: pool, Addr: "127.0.0.1:0"})
		if assert.NoError(t, err) {
			_, shared := socket.(*prefork.Listener)
			assert.Equal(t, pool == Process, shared, pool)
			assert.NoError(t, socket.Close())
		}
	}
}
