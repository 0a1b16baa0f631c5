package prefork

import (
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

// listener is a free port on loopback, shared.
func listener(t testing.TB) *Listener {
	t.Helper()
	tcp, err := net.ListenTCP("tcp", &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)})
	require.NoError(t, err)
	l, err := Share(tcp)
	require.NoError(t, err)
	require.NoError(t, tcp.Close())
	return l
}

// accept connects and accepts the connection.
func accept(t testing.TB, l *Listener) {
	t.Helper()
	client, err := net.Dial("tcp", l.Addr().String())
	require.NoError(t, err)
	conn, from, err := l.AcceptTCP()
	require.NoError(t, err)
	assert.Equal(t, client.LocalAddr().String(), from.String())
	require.NoError(t, conn.Close())
	require.NoError(t, client.Close())
}

func descriptors(t testing.TB) int {
	t.Helper()
	entries, err := os.ReadDir("/proc/self/fd")
	require.NoError(t, err)
	return len(entries)
}

// However many connections a listener accepts, it keeps one epoll, which it closes.
func TestListenerKeepsItsDescriptors(t *testing.T) {
	l := listener(t)
	accept(t, l) // and the runtime's poller has its descriptors, too
	require.NoError(t, l.Close())
	before := descriptors(t)
	l = listener(t)
	accept(t, l)
	open := descriptors(t)
	accept(t, l)
	assert.Equal(t, open, descriptors(t))
	require.NoError(t, l.Close())
	assert.Equal(t, before, descriptors(t))
}

func TestListenerThatIsClosed(t *testing.T) {
	l := listener(t)
	require.NoError(t, l.Close())
	assert.NoError(t, l.Close(), "a second time")
	_, _, err := l.AcceptTCP()
	assert.Equal(t, net.ErrClosed, err)
	assert.Equal(t, net.ErrClosed, l.Control(func(uintptr) { assert.Fail(t, "it has no descriptor") }))
}

// A signal that interrupts the wait for a connection does not end it.
func TestAcceptIsInterrupted(t *testing.T) {
	l := listener(t)
	defer l.Close()
	thread, accepted := make(chan int, 1), make(chan error, 1)
	go func() {
		runtime.LockOSThread() // and its thread ends with the goroutine
		thread <- unix.Gettid()
		conn, _, err := l.AcceptTCP()
		if err == nil {
			err = conn.Close()
		}
		accepted <- err
	}()
	id := <-thread
	asleep := func() bool {
		stat, err := os.ReadFile(fmt.Sprintf("/proc/self/task/%d/stat", id))
		return err != nil || strings.Contains(string(stat), ") S ") // or it has ended too early
	}
	for range 10 {
		require.Eventually(t, asleep, 20*time.Second, time.Millisecond)
		_ = unix.Tgkill(os.Getpid(), id, unix.SIGURG) // which Go sends itself
	}
	client, err := net.Dial("tcp", l.Addr().String())
	require.NoError(t, err)
	defer client.Close()
	assert.NoError(t, <-accepted)
}

// Only a TCP socket can be inherited.
func TestInherit(t *testing.T) {
	unixListener, err := net.Listen("unix", filepath.Join(t.TempDir(), "socket"))
	require.NoError(t, err)
	defer unixListener.Close()
	file, err := unixListener.(*net.UnixListener).File()
	require.NoError(t, err)
	defer file.Close()
	_, err = inherit(int(file.Fd()))
	assert.ErrorContains(t, err, "is not a TCP socket")

	file, err = os.Open(os.DevNull)
	require.NoError(t, err)
	defer file.Close()
	_, err = inherit(int(file.Fd()))
	assert.ErrorIs(t, err, unix.ENOTSOCK)
}

// Each order includes those before it.
func TestOrders(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var w Worker
		control, supervisor := io.Pipe()
		w.readOrders(control)
		for _, step := range []struct {
			order               string // empty is the end of the pipe
			retire, drain, quit bool
		}{
			{"r", true, false, false},
			{"d", true, true, false},
			{"r", true, true, false},
			{"", true, true, true},
		} {
			if step.order == "" {
				require.NoError(t, supervisor.Close())
			} else {
				_, err := io.WriteString(supervisor, step.order)
				require.NoError(t, err)
			}
			synctest.Wait()
			assert.Equal(t, []bool{step.retire, step.drain, step.quit}, []bool{closed(w.Retire), closed(w.Drain), closed(w.Quit)}, "%q", step.order)
		}
	})
}

func closed(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}
