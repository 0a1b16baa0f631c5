package server

import (
	"io"
	"log/slog"
	"net"
	"os"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"poolbench/server/internal/counters"
	"poolbench/server/internal/prefork"
)

// fakeSocket accepts what a test says.
type fakeSocket struct {
	socket
	accept func() (*net.TCPConn, error)
}

func (s *fakeSocket) AcceptTCP() (*net.TCPConn, net.Addr, error) {
	conn, err := s.accept()
	return conn, nil, err
}

// Running out of descriptors neither ends the server nor makes it spin: it waits 5 ms,
// then twice as long each time.
func TestAcceptWaitsOutAShortage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		calls := 0
		l := newListener(&fakeSocket{accept: func() (*net.TCPConn, error) {
			if calls++; calls <= 3 {
				return nil, &net.OpError{Op: "accept", Err: os.NewSyscallError("accept4", unix.EMFILE)}
			}
			return new(net.TCPConn), nil
		}}, slog.New(slog.DiscardHandler))
		began := time.Now()
		conn, err := l.accept()
		assert.NoError(t, err)
		assert.NotNil(t, conn.TCPConn)
		assert.Equal(t, (5+10+20)*time.Millisecond, time.Since(began))
	})
}

func TestAcceptEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &fakeSocket{accept: func() (*net.TCPConn, error) { return nil, net.ErrClosed }}
		l := newListener(s, slog.New(slog.DiscardHandler))
		_, err := l.accept()
		assert.Equal(t, net.ErrClosed, err)

		s.accept = func() (*net.TCPConn, error) { return nil, unix.ENFILE }
		close(l.closing)
		_, err = l.accept()
		assert.Equal(t, net.ErrClosed, err, "closed while it waits")
	})
}

// A connection that is accepted while the server shuts down is closed and not served.
func TestConnectionDuringShutdown(t *testing.T) {
	config, err := Config{Storage: t.TempDir()}.withDefaults()
	require.NoError(t, err)
	s := newServer(config, nil, nil)
	s.closing = true
	ours, client := connect(t)
	_, err = io.WriteString(client, "GET a.bin\r\n\r\n")
	require.NoError(t, err)
	c := counters.New(1)
	s.handle(newWorker(0, c.Worker(0)), incoming{ours.tcp, client.LocalAddr()})
	assert.Zero(t, c.Stats().Total().Accepted)
	assert.Empty(t, s.conns)
	_, err = ours.tcp.Write([]byte("x"))
	assert.ErrorIs(t, err, net.ErrClosed)
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
