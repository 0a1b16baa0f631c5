package server

import (
	"errors"
	"log/slog"
	"net"
	"sync"
	"time"

	"golang.org/x/sys/unix"

	"poolbench/server/internal/prefork"
)

// listener accepts connections for a pool and counts those that wait.
type listener struct {
	socket  socket
	log     *slog.Logger
	closing chan struct{}
	once    sync.Once
}

// incoming is an accepted connection and its address. A connection that has been reset
// meanwhile no longer knows the address.
type incoming struct {
	*net.TCPConn
	from net.Addr
}

// socket is a listening socket: a privateSocket, or a *prefork.Listener that processes
// share.
type socket interface {
	AcceptTCP() (*net.TCPConn, net.Addr, error)
	Addr() net.Addr
	Close() error
	Control(func(fd uintptr)) error
}

// privateSocket is a socket of this process alone.
type privateSocket struct{ *net.TCPListener }

func (s privateSocket) AcceptTCP() (*net.TCPConn, net.Addr, error) {
	conn, err := s.TCPListener.AcceptTCP()
	if err != nil {
		return nil, nil, err
	}
	return conn, conn.RemoteAddr(), nil
}

func (s privateSocket) Control(f func(fd uintptr)) error {
	raw, err := s.SyscallConn()
	if err != nil {
		return err
	}
	return raw.Control(f)
}

func listen(config Config) (socket, error) {
	addr, err := net.ResolveTCPAddr("tcp", config.Addr)
	if err != nil {
		return nil, err
	}
	tcp, err := net.ListenTCP("tcp", addr)
	if err != nil || config.Pool != Process {
		return privateSocket{tcp}, err
	}
	shared, err := prefork.Share(tcp)
	if err = errors.Join(err, tcp.Close()); err != nil {
		return nil, err
	}
	return shared, nil
}

func newListener(s socket, log *slog.Logger) *listener {
	return &listener{socket: s, log: log, closing: make(chan struct{})}
}

// accept returns the next connection, or net.ErrClosed once the listener is closed. It
// retries after any other error: a shortage of descriptors or memory passes when other
// connections end, and an error of one connection says nothing about the next.
func (l *listener) accept() (incoming, error) {
	for pause := 5 * time.Millisecond; ; pause = min(2*pause, time.Second) {
		conn, from, err := l.socket.AcceptTCP()
		if err == nil {
			return incoming{conn, from}, nil
		}
		if errors.Is(err, net.ErrClosed) {
			return incoming{}, err
		}
		l.log.Warn("cannot accept, will retry", "in", pause, "error", err)
		select {
		case <-time.After(pause):
		case <-l.closing:
			return incoming{}, net.ErrClosed
		}
	}
}

// waiting returns how many connections have no worker yet. They are all in the kernel:
// of a listening socket, tcpi_unacked is the length of the backlog.
func (l *listener) waiting() int {
	n := 0
	_ = l.socket.Control(func(fd uintptr) {
		if info, err := unix.GetsockoptTCPInfo(int(fd), unix.IPPROTO_TCP, unix.TCP_INFO); err == nil {
			n = int(info.Unacked)
		}
	})
	return n
}

// close makes accept return net.ErrClosed. It may be called more than once.
func (l *listener) close() (err error) {
	l.once.Do(func() {
		close(l.closing)
		err = l.socket.Close()
	})
	return err
}
