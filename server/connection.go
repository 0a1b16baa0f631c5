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

// lingerTimeout is how long a connection is read from after its last answer, so
// that a client which still sends gets to read that answer.
const lingerTimeout = 2 * time.Second

// connection is a client's connection with its deadlines. Its busy field is
// guarded by the server's mutex.
type connection struct {
	tcp     *net.TCPConn
	idle    time.Duration // between two bytes; zero is no limit
	end     time.Time     // of the header or of the transfer
	overdue error         // what it is called when end has passed
	busy    bool
}

// limit begins a phase that may last so long in all and be idle so long.
func (c *connection) limit(whole, idle time.Duration, overdue error) {
	c.end, c.idle, c.overdue = time.Now().Add(whole), idle, overdue
}

// deadline returns when the next read or write has to have moved something.
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
	return n, c.name(err)
}

func (c *connection) Write(p []byte) (int, error) {
	if err := c.tcp.SetWriteDeadline(c.deadline()); err != nil {
		return 0, err
	}
	n, err := c.tcp.Write(p)
	return n, c.name(err)
}

// name says which limit a missed deadline was.
func (c *connection) name(err error) error {
	switch {
	case !errors.Is(err, os.ErrDeadlineExceeded):
		return err
	case time.Now().Before(c.end):
		return errIdleTimeout
	default:
		return c.overdue
	}
}

// send sends the first n bytes of a file and returns how many it sent.
func (c *connection) send(f *os.File, n int64) (sent int64, err error) {
	for waiting := 0; sent < n; {
		// One call may take as long as the idle timeout and not be idle. Where
		// there is no sendfile(2), the file's offset is then ahead of what was sent.
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
		if err = c.name(err); err == nil {
			continue
		}
		// A client that reads slowly takes from the kernel's buffer long before
		// there is room in it again.
		before := waiting
		waiting = c.queued(unix.TIOCOUTQ)
		if !errors.Is(err, errIdleTimeout) || moved == 0 && waiting >= before {
			return sent, err
		}
	}
	return sent, nil
}

// copyFile copies n bytes of f. Nothing may be wrapped around either end: a
// *net.TCPConn that is handed an *os.File behind an io.LimitedReader, and that
// is what CopyN makes, uses sendfile(2), so that the bytes do not come through
// this program.
func copyFile(w io.Writer, f *os.File, n int64) (int64, error) {
	return io.CopyN(w, f, n)
}

// unread reports whether the client has sent what nobody has read. Closing the
// connection then would reset it, and could cost the client its answer.
func (c *connection) unread() bool { return c.queued(unix.TIOCINQ) > 0 }

// queued returns how many bytes wait in the kernel to be read, for TIOCINQ, or to
// be acknowledged by the client, for TIOCOUTQ.
func (c *connection) queued(request uint) int {
	n := 0
	if raw, err := c.tcp.SyscallConn(); err == nil {
		_ = raw.Control(func(fd uintptr) { n, _ = unix.IoctlGetInt(int(fd), request) })
	}
	return n
}

// linger tells the client that nothing more comes and reads on until it has seen
// that, for a limited time.
func (c *connection) linger() {
	if c.tcp.CloseWrite() != nil || c.tcp.SetReadDeadline(time.Now().Add(lingerTimeout)) != nil {
		return
	}
	_, _ = io.Copy(io.Discard, c.tcp)
}

func (c *connection) close() { _ = c.tcp.Close() }
