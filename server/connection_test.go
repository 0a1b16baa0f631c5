package server

import (
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// sink stands for a TCP connection, which uses sendfile(2) if it is to read from a file,
// bare or behind an io.LimitedReader.
type sink struct {
	io.Writer
	from io.Reader
}

func (s *sink) ReadFrom(r io.Reader) (int64, error) {
	s.from = r
	return io.Copy(io.Discard, r)
}

func TestCopyFileAllowsSendfile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.bin")
	require.NoError(t, os.WriteFile(path, make([]byte, 1000), 0o644))
	for _, row := range []struct {
		name string
		n    int64
		want int64
		err  error
	}{
		{"part of the file", 999, 999, nil},
		{"all of it", 1000, 1000, nil},
		{"more than there is", 1001, 1000, io.EOF},
	} {
		t.Run(row.name, func(t *testing.T) {
			file, err := os.Open(path)
			require.NoError(t, err)
			defer file.Close()
			var s sink
			n, err := copyFile(&s, file, row.n)
			assert.Equal(t, row.err, err)
			assert.Equal(t, row.want, n)
			limited, ok := s.from.(*io.LimitedReader)
			require.True(t, ok, "the connection would get a %T", s.from)
			assert.Same(t, file, limited.R)
		})
	}
}

// connect returns both ends of a connection.
func connect(t *testing.T) (ours *connection, client *net.TCPConn) {
	t.Helper()
	listener, err := net.ListenTCP("tcp", &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)})
	require.NoError(t, err)
	defer listener.Close()
	client, err = net.DialTCP("tcp", nil, listener.Addr().(*net.TCPAddr))
	require.NoError(t, err)
	t.Cleanup(func() { _ = client.Close() })
	tcp, err := listener.AcceptTCP()
	require.NoError(t, err)
	ours = newConnection(tcp)
	t.Cleanup(ours.close)
	return ours, client
}

// sparse returns a file of zeros.
func sparse(t *testing.T, size int64) *os.File {
	t.Helper()
	file, err := os.Create(filepath.Join(t.TempDir(), "a.bin"))
	require.NoError(t, err)
	t.Cleanup(func() { _ = file.Close() })
	require.NoError(t, file.Truncate(size))
	return file
}

// A client that reads slowly is not idle, although the idle timeout passes several times
// before the kernel takes more. A client that stops reading is.
//
// The client reads when the connection asks how much is unacknowledged, and only until
// that has shrunk. So the test does not depend on who is scheduled when.
func TestSendToASlowClient(t *testing.T) {
	const size = 64 << 20 // more than the sockets' buffers hold
	c, client := connect(t)
	c.limit(time.Hour, 10*time.Millisecond, errTransferTimeout)
	var missed, read, last int
	queue := c.unacked
	c.unacked = func() int {
		if missed++; missed > 1 && missed <= 6 {
			for queue() >= last {
				n, err := client.Read(make([]byte, 2<<10))
				require.NoError(t, err)
				read += n
			}
		}
		last = queue()
		return last
	}
	sent, err := c.send(sparse(t, size), size)
	assert.Equal(t, errIdleTimeout, err)
	assert.Greater(t, missed, 6, "it was idle while its client read")
	assert.Positive(t, read)
	assert.Greater(t, sent, int64(read))
	assert.Less(t, sent, int64(size))
}

// Anything but an idle timeout ends a transfer at once.
func TestSendEnds(t *testing.T) {
	const size = 64 << 20
	for _, row := range []struct {
		name string
		time time.Duration
		size int64 // of the file
		want string
	}{
		{"when its time is up", 10 * time.Millisecond, size, errTransferTimeout.Error()},
		{"when the file is shorter than announced", time.Hour, 1000, "a.bin ended 67107864 bytes early"},
	} {
		t.Run(row.name, func(t *testing.T) {
			c, _ := connect(t)
			c.limit(row.time, time.Hour, errTransferTimeout)
			c.unacked = func() int {
				assert.Fail(t, "it waits for more")
				return 0
			}
			sent, err := c.send(sparse(t, row.size), size)
			assert.ErrorContains(t, err, row.want)
			assert.Equal(t, row.size < size, sent == row.size)
			var storage *storageError
			assert.Equal(t, row.size < size, errors.As(err, &storage))
		})
	}
}
