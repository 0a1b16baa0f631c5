package server

import (
	"errors"
	"log/slog"
	"net"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"poolbench/server/internal/prefork"
)

// listener accepts connections for a pool and counts those that wait.
type listener struct {
	socket  socket
	next    func() (incoming, error)
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

// socket is a listening socket: a *net.TCPListener of this process alone, or a
// *prefork.Listener that processes share.
type socket interface {
	Addr() net.Addr
	Close() error
	SyscallConn() (syscall.RawConn, error)
}

func listen(config Config) (socket, error) {
	addr, err := net.ResolveTCPAddr("tcp", config.Addr)
	if err != nil {
		return nil, err
	}
	tcp, err := net.ListenTCP("tcp", addr)
	if err != nil || config.Pool != Process {
		return tcp, err
	}
	shared, err := prefork.Share(tcp)
	if err = errors.Join(err, tcp.Close()); err != nil {
		return nil, err
	}
	return shared, nil
}

func newListener(s socket, log *slog.Logger) *listener {
	l := &listener{socket: s, log: log, closing: make(chan struct{})}
	switch s := s.(type) {
	case *net.TCPListener:
		l.next = func() (incoming, error) {
			conn, err := s.AcceptTCP()
			if err != nil {
				return incoming{}, err
			}
			return incoming{conn, conn.RemoteAddr()}, nil
		}
	case *prefork.Listener:
		l.next = func() (incoming, error) {
			conn, from, err := s.AcceptTCP()
			return incoming{conn, from}, err
		}
	}
	return l
}

// accept returns the next connection, or net.ErrClosed once the listener is closed. It
// retries after any other error: a shortage of descriptors or memory passes when other
// connections end, and an error of one connection says nothing about the next.
func (l *listener) accept() (incoming, error) {
	for pause := 5 * time.Millisecond; ; pause = min(2*pause, time.Second) {
		conn, err := l.next()
		if err == nil {
			return conn, nil
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
	if raw, err := l.socket.SyscallConn(); err == nil {
		_ = raw.Control(func(fd uintptr) {
			if info, err := unix.GetsockoptTCPInfo(int(fd), unix.IPPROTO_TCP, unix.TCP_INFO); err == nil {
				n = int(info.Unacked)
			}
		})
	}
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
