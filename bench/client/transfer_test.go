package client_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"hash/crc32"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"poolbench/bench"
	"poolbench/bench/client"
	"poolbench/protocol"
	"poolbench/server"
	"poolbench/server/servertest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// someBytes returns n bytes, each different from its neighbours.
func someBytes(n int) []byte {
	data := make([]byte, n)
	for i := range data {
		data[i] = byte(i*7 + i>>8)
	}
	return data
}

func TestTransferRoundTrip(t *testing.T) {
	storage := t.TempDir()
	addr := servertest.Start(t, server.Config{Storage: storage}).Addr().String()
	const block = 96 << 10 // of the encoder
	for _, size := range []int{0, 1, 2, 3, 4, block - 1, block, block + 1, 256<<10 - 1, 256 << 10, 256<<10 + 1, 3<<20 + 2} {
		t.Run(fmt.Sprint(size), func(t *testing.T) { holdRoundTrip(t, addr, storage, "a.bin", size) })
	}
}

// holdRoundTrip puts a file of this size on a server, which stores it as it is, asks for its
// size, and gets it.
func holdRoundTrip(t *testing.T, addr, storage, name string, size int) {
	t.Helper()
	data := someBytes(size)
	var moved []int64
	transfer := client.Transfer{Addr: addr, Progress: func(n, of int64) {
		assert.EqualValues(t, size, of)
		moved = append(moved, n)
	}}
	require.NoError(t, transfer.Put(t.Context(), name, iotest.HalfReader(bytes.NewReader(data)), int64(size), crc32c(data)))
	stored, err := os.ReadFile(filepath.Join(storage, name))
	require.NoError(t, err)
	assert.True(t, bytes.Equal(data, stored), "as it is")
	assert.IsNonDecreasing(t, append([]int64{0}, moved...))
	assert.EqualValues(t, size, moved[len(moved)-1])

	announced, err := transfer.Size(t.Context(), name)
	require.NoError(t, err)
	assert.EqualValues(t, size, announced)
	moved = nil
	var got bytes.Buffer
	n, sum, err := transfer.Get(t.Context(), name, &got)
	require.NoError(t, err)
	assert.EqualValues(t, size, n)
	assert.Equal(t, crc32c(data), sum)
	assert.True(t, bytes.Equal(data, got.Bytes()))
	assert.EqualValues(t, size, moved[len(moved)-1])
}

func TestPutOfChangedData(t *testing.T) {
	data := someBytes(300 << 10)
	broken := errors.New("broken")
	for _, row := range []struct {
		name string
		data []byte
		size int64
		want string
	}{
		{"other bytes", bytes.Repeat([]byte("x"), len(data)), int64(len(data)), fmt.Sprintf("and was %08x", crc32c(data))},
		{"fewer", data[:1000], int64(len(data)), "the data have changed: they end after 1000 of 307200 bytes"},
		{"more", data, 1000, "the data have changed: they go on after 1000 bytes"},
		{"some and not none", data, 0, "the data have changed: they go on after 0 bytes"},
	} {
		t.Run(row.name, func(t *testing.T) {
			storage := t.TempDir()
			transfer := client.Transfer{Addr: servertest.Start(t, server.Config{Storage: storage}).Addr().String()}
			err := transfer.Put(t.Context(), "a.bin", bytes.NewReader(row.data), row.size, crc32c(data))
			assert.ErrorContains(t, err, row.want)
			assertReason(t, bench.LocalError, err)
			assert.NoFileExists(t, filepath.Join(storage, "a.bin"))
		})
	}
	addr := servertest.Start(t, server.Config{}).Addr().String()
	assert.ErrorIs(t, client.Transfer{Addr: addr}.Put(t.Context(), "a.bin", iotest.ErrReader(broken), 10, 0), broken)
	assert.ErrorIs(t, client.Transfer{Addr: addr}.Put(t.Context(), "a.bin", iotest.ErrReader(broken), 0, 0), broken)
}

func assertReason(t *testing.T, want bench.Reason, err error) {
	t.Helper()
	var exchange *client.ExchangeError
	require.ErrorAs(t, err, &exchange)
	assert.Equal(t, want, exchange.Reason)
	assert.NotContains(t, err.Error(), "\n")
}

func TestFailedTransfers(t *testing.T) {
	data := someBytes(12 << 20) // more than sockets hold
	const (
		idle = 50 * time.Millisecond
		put  = 1
		get  = 2
		both = put | get
	)
	for _, row := range []struct {
		name   string
		ops    int
		serve  func(c *servertest.Caller)
		idle   time.Duration
		reason bench.Reason
		want   string // empty if it depends on timing
	}{
		{"closes at once", both, func(*servertest.Caller) {}, 0, bench.CutShort, "cut short: the server closed without an answer"},
		{"says no", both, func(c *servertest.Caller) { c.Say("ERROR Not today\r\n\r\n") }, 0, bench.ServerSaidNo, `server said no: "Not today"`},
		{"speaks HTTP", both, func(c *servertest.Caller) { c.Say("HTTP/1.1 400 Bad Request\r\nDate: now\r\n\r\n") }, 0,
			bench.ProtocolError, `speaks another protocol: answered "HTTP/1.1 400 Bad Request"`},
		{"speaks a bit and closes", both, func(c *servertest.Caller) { c.Say("Invalid SSH identification string.\r\n") }, 0,
			bench.CutShort, `speaks another protocol: answered "Invalid SSH identification string."`},
		{"speaks a bit and waits", both, func(c *servertest.Caller) { c.Say("220 mail ESMTP\r\n"); c.Wait() }, idle,
			bench.TimeoutTransfer, `speaks another protocol: answered "220 mail ESMTP"`},
		{"says nothing", both, (*servertest.Caller).Wait, idle, bench.TimeoutWait, "no answer: nothing moved for 50ms; all its workers may be busy"},

		{"announces too much", get, func(c *servertest.Caller) { c.Send(1000, data[:10]) }, 0,
			bench.CutShort, "cut short: the server closed in the middle of the payload"},
		{"sends more", get, func(c *servertest.Caller) { c.Send(10, data[:1000]) }, 0,
			bench.ProtocolError, "protocol error: payload, byte 10: more came than was announced"},
		{"stalls", get, func(c *servertest.Caller) { c.Send(1000, data[:10]); c.Wait() }, idle,
			bench.TimeoutTransfer, "timeout (transfer): nothing moved for 50ms"},

		{"refuses the payload", put, func(c *servertest.Caller) { c.Say("ERROR Payload too large\r\n\r\n"); c.Wait() }, 0,
			bench.ServerSaidNo, `server said no: "Payload too large"`},
		{"refuses it later", put, func(c *servertest.Caller) { c.Ready(1000); c.Say("ERROR Disk on fire\r\n\r\n"); <-c.Test.Done() }, 0,
			bench.ServerSaidNo, `server said no: "Disk on fire"`},
		{"finds another checksum", put, func(c *servertest.Caller) { c.Ready(16 << 20); c.Say("ERROR Checksum mismatch\r\n\r\n") }, 0,
			bench.ServerSaidNo, `server said no: "Checksum mismatch"`},
		{"resets in the payload", put, func(c *servertest.Caller) { c.Ready(1000); _ = c.SetLinger(0) }, 0, bench.Reset, ""},
		{"stops reading", put, func(c *servertest.Caller) { c.Ready(1000); <-c.Test.Done() }, idle,
			bench.TimeoutTransfer, "timeout (transfer): nothing moved for 50ms"},
	} {
		t.Run(row.name, func(t *testing.T) {
			transfer := client.Transfer{Addr: servertest.Peer(t, row.serve), Idle: row.idle}
			check := func(err error) {
				t.Helper()
				assertReason(t, row.reason, err)
				if row.want != "" {
					assert.EqualError(t, err, row.want)
				}
			}
			if row.ops&put != 0 {
				check(transfer.Put(t.Context(), "a.bin", bytes.NewReader(data), int64(len(data)), crc32c(data)))
			}
			if row.ops&get != 0 {
				_, _, err := transfer.Get(t.Context(), "a.bin", new(bytes.Buffer))
				check(err)
			}
		})
	}
}

func TestTransferWithoutServer(t *testing.T) {
	for _, row := range []struct {
		addr   string
		reason bench.Reason
		want   string
	}{
		{servertest.Nobody(t), bench.Refused, "refused the connection: nothing listens there"},
		{"no-such-host.invalid:8889", bench.Unreachable, "its name could not be looked up: lookup no-such-host.invalid"},
		{"127.0.0.1:99999", bench.Unreachable, "unreachable: dial: address 99999: invalid port"},
	} {
		_, err := client.Transfer{Addr: row.addr}.Size(t.Context(), "a.bin")
		assertReason(t, row.reason, err)
		assert.ErrorContains(t, err, row.want)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Nanosecond)
	defer cancel()
	_, err := client.Transfer{Addr: servertest.Nobody(t)}.Size(ctx, "a.bin")
	assertReason(t, bench.TimeoutConnect, err)
	assert.EqualError(t, err, "unreachable: context deadline exceeded")
}

func TestInterruptedTransfer(t *testing.T) {
	stopped := errors.New("stopped")
	ctx, cancel := context.WithCancelCause(t.Context())
	addr := servertest.Peer(t, func(c *servertest.Caller) { c.Send(1000, someBytes(10)); c.Wait() })
	transfer := client.Transfer{Addr: addr, Progress: func(moved, _ int64) {
		if moved > 0 {
			cancel(stopped)
		}
	}}
	_, _, err := transfer.Get(ctx, "a.bin", new(bytes.Buffer))
	assert.Equal(t, stopped, err)
	err = transfer.Put(ctx, "a.bin", strings.NewReader(""), 0, 0)
	assert.Equal(t, stopped, err, "before it began")
}

func TestTransferToFailingWriter(t *testing.T) {
	full := errors.New("no space left")
	addr := servertest.Peer(t, func(c *servertest.Caller) { c.SendText("hello") })
	_, _, err := client.Transfer{Addr: addr}.Get(t.Context(), "a.bin", writerFunc(func([]byte) (int, error) { return 0, full }))
	assert.ErrorIs(t, err, full)
	assertReason(t, bench.LocalError, err)
	_, err = client.Transfer{Addr: addr}.Size(t.Context(), "a b")
	assertReason(t, bench.LocalError, err)
}

type writerFunc func(p []byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }

func crc32c(b []byte) uint32 { return crc32.Checksum(b, protocol.Castagnoli) }

// Connecting is bounded by the idle time of an exchange.
func TestConnectTimeout(t *testing.T) {
	_, err := client.Transfer{Addr: servertest.Deaf(t), Idle: 50 * time.Millisecond}.Size(t.Context(), "a.bin")
	assert.EqualError(t, err, "unreachable: no connection within 50ms")
}
