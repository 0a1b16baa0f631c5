package bench_test

import (
	"fmt"
	"net"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"poolbench/bench"
	"poolbench/fixtures"
)

// deaf returns the address of a server that takes no connection, nor refuses one: the
// kernel, which has the one that it keeps for it, drops those that come then.
func deaf(t *testing.T) string {
	t.Helper()
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, unix.Close(fd)) })
	require.NoError(t, unix.Bind(fd, &unix.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}))
	require.NoError(t, unix.Listen(fd, 0))
	name, err := unix.Getsockname(fd)
	require.NoError(t, err)
	addr := fmt.Sprintf("127.0.0.1:%d", name.(*unix.SockaddrInet4).Port)
	conn, err := net.Dial("tcp", addr)
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, conn.Close()) })
	return addr
}

// Connecting takes no longer than the rest of an exchange may, and that of an op no
// longer than the op.
func TestNoConnection(t *testing.T) {
	const soon = 50 * time.Millisecond
	addr := deaf(t)
	_, err := bench.Transfer{Addr: addr, Idle: soon}.Size(t.Context(), "a.bin")
	assert.EqualError(t, err, "unreachable: no connection within 50ms")

	file := fixture(t, fixtures.KiB)
	r := bench.Remote{Target: bench.Target{Addr: addr}}
	eachWay(t, "", bench.Ops(), func(t *testing.T, clients bench.ClientPool, op bench.Op) {
		c := config(t, op, addr, 1, file)
		c.ClientPool, c.OpTimeout = clients, soon
		assertFails(t, c, bench.TimeoutConnect, "the op's time was up")
		r.Heed(measure(t, c, 1))
	})
	assert.Equal(t, "timeout (connect): no connection within 50ms, the cell was not begun", r.Knock(t.Context(), soon).String())
}
