package client

import (
	"context"
	"io"
	"net"
	"sync/atomic"

	"golang.org/x/sys/unix"
)

// Flow counts what transfers move while they are under way, one after the other. Its zero
// value is ready. Moved may be called from any goroutine. Errors are those of [Transfer].
type Flow struct {
	counted atomic.Int64
	conn    atomic.Pointer[net.TCPConn] // of an upload
}

// Moved returns the bytes that have arrived so far, at whichever end. What the kernel has
// still to send does not count: its buffers take megabytes at once, however slow the link.
func (f *Flow) Moved() int64 {
	moved := f.counted.Load()
	if conn := f.conn.Load(); conn != nil {
		moved -= unsent(conn)
	}
	return max(0, moved)
}

// unsent returns how many bytes the other end has not acknowledged; 0 if conn is closed.
func unsent(conn *net.TCPConn) (n int64) {
	raw, err := conn.SyscallConn()
	if err != nil {
		return 0
	}
	_ = raw.Control(func(fd uintptr) {
		if queue, err := unix.IoctlGetInt(int(fd), unix.TIOCOUTQ); err == nil {
			n = int64(queue)
		}
	})
	return n
}

// Upload sends size bytes of Base64 text. If ctx is cancelled before the end, the server
// gets no more of it.
func (f *Flow) Upload(ctx context.Context, addr, name string, text io.Reader, size int64) error {
	return perform(ctx, addr, StatsTimeout, func(x *exchange, moved func()) error {
		f.conn.Store(x.conn)
		err := x.wire.upload(x, name, counting{text, f, moved}, size, nil)
		if err != nil {
			_ = x.conn.SetLinger(0) // a slow link would be busy for seconds with what the kernel has
		}
		return err
	})
}

// Download asks for a file and throws it away.
func (f *Flow) Download(ctx context.Context, addr, name string) error {
	return perform(ctx, addr, StatsTimeout, func(x *exchange, moved func()) error {
		size, payload, err := x.wire.download(x, name)
		if err != nil {
			return err
		}
		return x.receive(payload, size, make([]byte, 64<<10), func(piece []byte) error {
			moved()
			f.counted.Add(int64(len(piece)))
			return nil
		})
	})
}

// counting counts what is read from a text.
type counting struct {
	io.Reader
	flow  *Flow
	moved func()
}

func (c counting) Read(p []byte) (int, error) {
	c.moved()
	n, err := c.Reader.Read(p)
	c.flow.counted.Add(int64(n))
	return n, err
}
