package server

import (
	"errors"
	"log/slog"
	"net"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// listener accepts connections for a pool and counts those that wait.
type listener struct {
	tcp     *net.TCPListener
	next    func() (*net.TCPConn, error) // tcp.AcceptTCP, but for a test
	log     *slog.Logger
	closing chan struct{}
	once    sync.Once
}

func listen(config Config) (*listener, error) {
	addr, err := net.ResolveTCPAddr("tcp", config.Addr)
	if err != nil {
		return nil, err
	}
	tcp, err := net.ListenTCP("tcp", addr)
	if err != nil {
		return nil, err
	}
	return &listener{tcp: tcp, next: tcp.AcceptTCP, log: config.Logger, closing: make(chan struct{})}, nil
}

// accept returns the next connection until the listener is closed. Any other
// error is waited out: want of descriptors or memory ends when other connections
// do, and what the network did to one connection says nothing of the next.
func (l *listener) accept() (*net.TCPConn, error) {
	for pause := 5 * time.Millisecond; ; pause = min(2*pause, time.Second) {
		conn, err := l.next()
		if err == nil {
			return conn, nil
		}
		if errors.Is(err, net.ErrClosed) {
			return nil, err
		}
		l.log.Warn("cannot accept, will try again", "in", pause, "error", err)
		select {
		case <-time.After(pause):
		case <-l.closing:
			return nil, net.ErrClosed
		}
	}
}

// waiting returns how many connections have no worker yet. All of them are in the
// kernel, which tells: for a socket that listens, tcpi_unacked is the length of
// the backlog.
func (l *listener) waiting() int {
	n := 0
	if raw, err := l.tcp.SyscallConn(); err == nil {
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
		err = l.tcp.Close()
	})
	return err
}
