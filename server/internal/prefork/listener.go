package prefork

import (
	"errors"
	"fmt"
	"net"
	"os"
	"sync"
	"sync/atomic"

	"golang.org/x/sys/unix"
)

// Listener is a listening socket that processes share, each with its own descriptors. A
// connection wakes one of those that wait in AcceptTCP.
//
// Non-blocking mode belongs to the socket and not to a descriptor: a process that turns
// it off does so for all. [os.File.Fd] turns it off, so the socket is never an os.File
// here.
type Listener struct {
	fd      int
	addr    net.Addr
	wakeUps *atomic.Int64 // may be nil

	accepting sync.Mutex   // held by AcceptTCP
	open      sync.RWMutex // held for reading while fd is used
	epoll     int          // -1 before the first AcceptTCP
	wake      int          // an eventfd that Close writes to
	closed    atomic.Bool
}

// Share returns a listener on the socket of another. That one should be closed: the
// runtime's poller would wake for every connection.
func Share(l *net.TCPListener) (*Listener, error) {
	raw, err := l.SyscallConn()
	if err != nil {
		return nil, err
	}
	var fd int
	var dup error
	err = raw.Control(func(original uintptr) {
		fd, dup = unix.FcntlInt(original, unix.F_DUPFD_CLOEXEC, 0)
	})
	if err = errors.Join(err, os.NewSyscallError("fcntl", dup)); err != nil {
		return nil, err
	}
	return newListener(fd, l.Addr())
}

// inherit returns a listener on a descriptor that this process was started with.
func inherit(fd int) (*Listener, error) {
	unix.CloseOnExec(fd)
	address, err := unix.Getsockname(fd)
	if err != nil {
		return nil, os.NewSyscallError("getsockname", err)
	}
	addr := tcpAddr(address)
	if addr == nil {
		return nil, fmt.Errorf("descriptor %d is not a TCP socket", fd)
	}
	return newListener(fd, addr)
}

func newListener(fd int, addr net.Addr) (*Listener, error) {
	wake, err := unix.Eventfd(0, unix.EFD_CLOEXEC|unix.EFD_NONBLOCK)
	if err != nil {
		return nil, errors.Join(os.NewSyscallError("eventfd", err), unix.Close(fd))
	}
	return &Listener{fd: fd, addr: addr, epoll: -1, wake: wake}, nil
}

// Addr returns the address that the socket listens on.
func (l *Listener) Addr() net.Addr { return l.addr }

// CountWakeUps has every wake-up of AcceptTCP counted. It is called before AcceptTCP.
func (l *Listener) CountWakeUps(counter *atomic.Int64) { l.wakeUps = counter }

// AcceptTCP returns the next connection and its remote address, or net.ErrClosed after
// Close. The connection itself forgets the address when it is reset.
//
// It waits in an epoll of its own, with EPOLLEXCLUSIVE, and blocks a thread meanwhile.
// In the runtime's poller, which is not exclusive, each connection would wake every
// waiting process. A blocking accept(2) wakes one, but cannot be ended without the risk
// of losing a connection that it is about to return.
func (l *Listener) AcceptTCP() (*net.TCPConn, net.Addr, error) {
	l.accepting.Lock()
	defer l.accepting.Unlock()
	if !l.closed.Load() && l.epoll < 0 {
		if err := l.watch(); err != nil {
			return nil, nil, err
		}
	}
	for !l.closed.Load() {
		var events [2]unix.EpollEvent
		if _, err := unix.EpollWait(l.epoll, events[:], -1); err != nil {
			if errors.Is(err, unix.EINTR) {
				continue
			}
			return nil, nil, os.NewSyscallError("epoll_wait", err)
		}
		if l.wakeUps != nil {
			l.wakeUps.Add(1)
		}
		// Taken even if Close woke us: a connection may have come at the same time,
		// and no other process has been woken for it.
		conn, from, err := l.take()
		if !errors.Is(err, unix.EAGAIN) {
			return conn, from, err
		}
	}
	return nil, nil, net.ErrClosed
}

// watch creates the epoll.
func (l *Listener) watch() error {
	epoll, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	if err != nil {
		return os.NewSyscallError("epoll_create", err)
	}
	for _, watched := range []struct {
		fd     int
		events uint32
	}{{l.fd, unix.EPOLLIN | unix.EPOLLEXCLUSIVE}, {l.wake, unix.EPOLLIN}} {
		event := unix.EpollEvent{Events: watched.events, Fd: int32(watched.fd)}
		if err := unix.EpollCtl(epoll, unix.EPOLL_CTL_ADD, watched.fd, &event); err != nil {
			return errors.Join(os.NewSyscallError("epoll_ctl", err), unix.Close(epoll))
		}
	}
	l.epoll = epoll
	return nil
}

// take accepts a waiting connection, or fails with EAGAIN.
func (l *Listener) take() (*net.TCPConn, net.Addr, error) {
	// Accepted as blocking, so that the os.File is not registered with the runtime's
	// poller. FileConn makes its duplicate non-blocking.
	fd, from, err := unix.Accept4(l.fd, unix.SOCK_CLOEXEC)
	if err != nil {
		return nil, nil, os.NewSyscallError("accept", err)
	}
	file := os.NewFile(uintptr(fd), "connection")
	defer file.Close()
	conn, err := net.FileConn(file)
	if err != nil {
		return nil, nil, err
	}
	return conn.(*net.TCPConn), tcpAddr(from), nil
}

// tcpAddr converts a TCP socket's address; of any other it returns nil.
func tcpAddr(address unix.Sockaddr) net.Addr {
	switch a := address.(type) {
	case *unix.SockaddrInet4:
		return &net.TCPAddr{IP: a.Addr[:], Port: a.Port}
	case *unix.SockaddrInet6:
		return &net.TCPAddr{IP: a.Addr[:], Port: a.Port}
	}
	return nil
}

// Close closes this process's descriptors, not those of others. AcceptTCP returns the
// connection that has woken it, or net.ErrClosed. Close may be called more than once and
// from any goroutine.
func (l *Listener) Close() error {
	if l.closed.Swap(true) {
		return nil
	}
	one := [8]byte{1} // not zero in either byte order
	_, err := unix.Write(l.wake, one[:])
	l.accepting.Lock()
	defer l.accepting.Unlock()
	l.open.Lock()
	defer l.open.Unlock()
	errs := []error{os.NewSyscallError("write", err), unix.Close(l.fd), unix.Close(l.wake)}
	if l.epoll >= 0 {
		errs = append(errs, unix.Close(l.epoll))
	}
	return errors.Join(errs...)
}

// Control calls f with the socket's descriptor, for socket options. It returns
// net.ErrClosed once the listener is closed.
func (l *Listener) Control(f func(fd uintptr)) error {
	l.open.RLock()
	defer l.open.RUnlock()
	if l.closed.Load() {
		return net.ErrClosed
	}
	f(uintptr(l.fd))
	return nil
}
