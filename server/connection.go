package server

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

var (
	errHeaderTimeout   = errors.New("no request within the header timeout")
	errIdleTimeout     = errors.New("no byte moved within the idle timeout")
	errTransferTimeout = errors.New("not done within the transfer timeout")
)

// connection is a client's connection with its deadlines. The server's mutex guards
// busy.
type connection struct {
	tcp  *net.TCPConn
	busy bool

	end    time.Time     // of the phase
	endErr error         // what a read or write returns after end
	idle   time.Duration // between two bytes; zero is no limit

	// unacked returns how many bytes the client has not acknowledged yet.
	unacked func() int
}

func newConnection(tcp *net.TCPConn) *connection {
	c := &connection{tcp: tcp}
	c.unacked = func() int { return c.queued(unix.TIOCOUTQ) }
	return c
}

// limit begins a phase: reading the header, or the transfer.
func (c *connection) limit(whole, idle time.Duration, endErr error) {
	c.end, c.idle, c.endErr = time.Now().Add(whole), idle, endErr
}

// deadline returns when the next read or write must have moved something.
func (c *connection) deadline() time.Time {
	if c.idle == 0 {
		return c.end
	}
	if idle := time.Now().Add(c.idle); idle.Before(c.end) {
		return idle
	}
	return c.end
}

func (c *connection) Read(p []byte) (int, error) {
	if err := c.tcp.SetReadDeadline(c.deadline()); err != nil {
		return 0, err
	}
	n, err := c.tcp.Read(p)
	return n, c.nameTimeout(err)
}

func (c *connection) Write(p []byte) (int, error) {
	if err := c.tcp.SetWriteDeadline(c.deadline()); err != nil {
		return 0, err
	}
	n, err := c.tcp.Write(p)
	return n, c.nameTimeout(err)
}

// nameTimeout says which limit a missed deadline was.
func (c *connection) nameTimeout(err error) error {
	switch {
	case !errors.Is(err, os.ErrDeadlineExceeded):
		return err
	case time.Now().Before(c.end):
		return errIdleTimeout
	default:
		return c.endErr
	}
}

// send sends the first n bytes of a file and returns how many it sent.
func (c *connection) send(f *os.File, n int64) (sent int64, err error) {
	for unacked := 0; ; {
		// A call that missed its deadline may have moved bytes. Without sendfile(2)
		// the file's offset is then ahead of what was sent.
		if _, err := f.Seek(sent, io.SeekStart); err != nil {
			return sent, &storageError{err}
		}
		if err := c.tcp.SetWriteDeadline(c.deadline()); err != nil {
			return sent, err
		}
		moved, err := copyFile(c.tcp, f, n-sent)
		sent += moved
		if errors.Is(err, io.EOF) {
			return sent, &storageError{fmt.Errorf("%s ended %d bytes early", f.Name(), n-sent)}
		}
		if err = c.nameTimeout(err); !errors.Is(err, errIdleTimeout) {
			return sent, err
		}
		// The kernel takes no more until a third of its buffer is free. A client may
		// read too slowly for that, but then the buffer shrinks.
		before := unacked
		if unacked = c.unacked(); moved == 0 && unacked >= before {
			return sent, err
		}
	}
}

// copyFile copies n bytes of f. Neither end may be wrapped: only a *net.TCPConn that
// is handed an *os.File behind an io.LimitedReader, which is what CopyN makes, uses
// sendfile(2) and keeps the bytes out of this process.
func copyFile(w io.Writer, f *os.File, n int64) (int64, error) {
	return io.CopyN(w, f, n)
}

// unread reports whether the client has sent bytes that nobody has read. Closing the
// connection then resets it, and the client may lose its answer.
func (c *connection) unread() bool { return c.queued(unix.TIOCINQ) > 0 }

// queued returns how many bytes the kernel holds: received and not read for TIOCINQ,
// sent and not acknowledged for TIOCOUTQ.
func (c *connection) queued(request uint) int {
	n := 0
	if raw, err := c.tcp.SyscallConn(); err == nil {
		_ = raw.Control(func(fd uintptr) { n, _ = unix.IoctlGetInt(int(fd), request) })
	}
	return n
}

// linger ends our side and reads until the client has ended its own, or for a time.
func (c *connection) linger(limit time.Duration) {
	// If these fail, so does reading.
	_ = c.tcp.CloseWrite()
	_ = c.tcp.SetReadDeadline(time.Now().Add(limit))
	_, _ = io.Copy(io.Discard, c.tcp)
}

func (c *connection) close() { _ = c.tcp.Close() }
