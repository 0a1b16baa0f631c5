package measure_test

import (
	"bytes"
	"cmp"
	"fmt"
	"hash/crc32"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
	"golang.org/x/sys/unix"

	"poolbench/bench"
	"poolbench/bench/client"
	"poolbench/bench/load"
	"poolbench/bench/measure"
	"poolbench/fixtures"
	"poolbench/server"
	"poolbench/server/child"
	"poolbench/server/servertest"
)

func TestMain(m *testing.M) {
	insteadOfMain()
	load.Main()
	child.Main()
	goleak.VerifyTestMain(m)
}

// fixture makes a fixture of this size in a folder of the test.
func fixture(t *testing.T, size fixtures.Size) fixtures.File {
	t.Helper()
	file, err := fixtures.Ensure(t.Context(), t.TempDir(), fixtures.Spec{Size: size}, nil)
	require.NoError(t, err)
	return file
}

// config is a cell with this many clients against addr.
func config(t *testing.T, op bench.Op, addr string, clients int, file fixtures.File) measure.Config {
	t.Helper()
	return measure.Config{
		Run:    "mine",
		Cell:   bench.Cell{Op: op, Volume: file.Size, Clients: clients, Workers: 1, Pool: "thread"},
		Target: measure.Target{Addr: addr}, Fixture: file, Verify: true,
		OpTimeout: 20 * time.Second, CellTimeout: time.Minute, Budget: client.NewBudget(1 << 20),
	}
}

// measured returns the result of this many rounds.
func measured(t *testing.T, config measure.Config, rounds int) bench.Result {
	t.Helper()
	run := measure.Start(t.Context(), config)
	for range rounds {
		run.Round(nil)
	}
	return run.End()
}

// start starts a server that has the file.
func start(t *testing.T, config server.Config, file fixtures.File) (addr, storage string) {
	t.Helper()
	config.Storage = t.TempDir()
	text, err := os.ReadFile(file.Path)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(config.Storage, file.Name()), text, 0o644))
	return servertest.Start(t, config).Addr().String(), config.Storage
}

func TestSuccessfulOps(t *testing.T) {
	file := fixture(t, 300*fixtures.KiB+1)
	for _, pool := range server.Pools() {
		eachWay(t, string(pool), bench.Ops(), func(t *testing.T, clients bench.ClientPool, op bench.Op) {
			addr, storage := start(t, server.Config{Pool: pool, Workers: 2}, file)
			c := config(t, op, addr, 5, file)
			c.ClientPool = clients
			began := time.Now()
			result := measured(t, c, 3)
			took := time.Since(began)
			require.Len(t, result.Rounds, 3)
			assert.Empty(t, result.Notes)
			assert.Positive(t, result.LoadPeak)
			for _, round := range result.Rounds {
				require.Len(t, round.Samples, 5)
				assert.Positive(t, round.LoadCPU)
				assert.Less(t, round.Makespan, took)
				for i, s := range round.Samples {
					require.True(t, s.OK(), "%v", s.Failure)
					assert.Equal(t, i, s.Client)
					assert.Equal(t, file.TextSize(), s.Wire)
					assert.Zero(t, s.Scheduled)
					assert.Positive(t, s.Connected)
					assert.Less(t, s.Connected, s.Sent)
					assert.Less(t, s.Sent, s.FirstByte)
					assert.Less(t, s.FirstByte, s.Done)
					assert.LessOrEqual(t, s.Done, round.Makespan)
					assert.Equal(t, s.FirstByte-s.Sent, s.Wait())
					assert.InDelta(t, float64(s.Wire)/s.Done.Seconds(), s.Throughput(), 1)
				}
			}
			if op == bench.Upload {
				for i := range 5 {
					assertData(t, filepath.Join(storage, measure.UploadName("mine", i)), file)
				}
			}
		})
	}
}

// assertData checks that a stored file is the decoded text of the fixture.
func assertData(t *testing.T, path string, file fixtures.File) {
	t.Helper()
	data, err := os.ReadFile(path)
	require.NoError(t, err)
	assert.Len(t, data, int(file.Size))
	assert.Equal(t, file.Data, crc32c(data))
}

// Downloads are written to the sink: a full disk fails them. They leave nothing behind.
func TestSink(t *testing.T) {
	eachWay(t, "", []bench.Op{bench.Download}, testSink)
}

func testSink(t *testing.T, clients bench.ClientPool, op bench.Op) {
	file := fixture(t, 500*fixtures.KiB)
	addr, _ := start(t, server.Config{}, file)
	c := config(t, op, addr, 2, file)
	c.ClientPool, c.SinkDir = clients, t.TempDir()
	_, failed := measured(t, c, 2).Ops()
	require.Zero(t, failed)
	left, err := os.ReadDir(c.SinkDir)
	require.NoError(t, err)
	assert.Empty(t, left)

	if err := unix.Mount("tmpfs", c.SinkDir, "tmpfs", 0, "size=600k"); err != nil {
		t.Skip("cannot mount a small filesystem here:", err)
	}
	t.Cleanup(func() { assert.NoError(t, unix.Unmount(c.SinkDir, 0)) })
	c.Cell.Clients = 1
	assertFails(t, c, bench.LocalError, "the download's file: write: no space left on device")
}

func crc32c(b []byte) uint32 { return crc32.Checksum(b, crc32.MakeTable(crc32.Castagnoli)) }

func TestFailedOps(t *testing.T) {
	file := fixture(t, 12*fixtures.MiB) // 16,777,216 bytes of text, more than sockets hold
	text, err := os.ReadFile(file.Path)
	require.NoError(t, err)
	flipped := bytes.Clone(text)
	flipped[1_000_000] ^= 1
	both, up, down := bench.Ops(), []bench.Op{bench.Upload}, []bench.Op{bench.Download}
	const soon = 100 * time.Millisecond

	for _, row := range []struct {
		name    string
		ops     []bench.Op
		serve   func(c *servertest.Caller)
		timeout time.Duration
		reason  bench.Reason
		detail  string // empty if it depends on timing
	}{
		{"closes at once", both, func(*servertest.Caller) {}, 0,
			bench.CutShort, "the server closed without an answer"},
		{"closes in the answer", both, func(c *servertest.Caller) { c.Say("OK ") }, 0,
			bench.CutShort, "the server closed in the middle of an answer"},
		{"resets at once", both, func(c *servertest.Caller) { _ = c.SetLinger(0) }, 0,
			bench.Reset, "before an answer"},
		{"says no", both, func(c *servertest.Caller) { c.Say("ERROR Not today\r\n\r\n") }, 0,
			bench.ServerSaidNo, `"Not today"`},
		{"speaks HTTP", both, func(c *servertest.Caller) { c.Say("HTTP/1.1 400 Bad Request\r\n\r\n") }, 0,
			bench.ProtocolError, ""},
		{"says nothing", both, (*servertest.Caller).Wait, soon,
			bench.TimeoutWait, "the op's time was up"},
		{"has no time to connect", both, func(*servertest.Caller) {}, time.Nanosecond,
			bench.TimeoutConnect, "the op's time was up"},

		{"has another file", down, func(c *servertest.Caller) { c.Send(5, []byte("hello")) }, 0,
			bench.SizeMismatch, "the server has 5 bytes under file_12mb.txt, the fixture 16777216"},
		{"flips a bit", down, func(c *servertest.Caller) { c.Send(len(text), flipped) }, 0,
			bench.ChecksumMismatch, fmt.Sprintf("crc32c %08x came, the fixture's is %08x", crc32c(flipped), file.Text)},
		{"sends one byte less", down, func(c *servertest.Caller) { c.Send(len(text), text[1:]) }, 0,
			bench.CutShort, "the server closed in the middle of the payload"},
		{"sends one byte more", down, func(c *servertest.Caller) { c.Send(len(text), append(bytes.Clone(text), '!')) }, 0,
			bench.ProtocolError, "payload, byte 16777216: more came than was announced"},
		{"stalls in the payload", down, func(c *servertest.Caller) { c.Send(len(text), text[:1000]); c.Wait() }, soon,
			bench.TimeoutTransfer, "the op's time was up"},
		{"resets in the payload", down, func(c *servertest.Caller) { c.Send(len(text), text[:1000]); _ = c.SetLinger(0) }, 0,
			bench.Reset, ""},

		{"refuses the payload", up, func(c *servertest.Caller) { c.Ready(1000); c.Say("ERROR Invalid Base64 data stream\r\n\r\n") }, 0,
			bench.ServerSaidNo, `"Invalid Base64 data stream"`},
		{"finds a wrong checksum", up, func(c *servertest.Caller) { c.Ready(file.TextSize()); c.Say("ERROR Checksum mismatch\r\n\r\n") }, 0,
			bench.ServerSaidNo, `"Checksum mismatch"`},
		{"never says complete", up, func(c *servertest.Caller) { c.Ready(file.TextSize()) }, 0,
			bench.CutShort, "the server closed without an answer"},
		{"is complete before it is ready", up, func(c *servertest.Caller) { c.Say("OK Upload complete\r\n\r\n"); c.Wait() }, 0,
			bench.ProtocolError, ""},
		{"is complete when it is ready", up, func(c *servertest.Caller) { c.Say("OK Ready to receive\r\n\r\nOK Upload complete\r\n\r\n"); c.Wait() }, 0,
			bench.ProtocolError, "payload, byte 0: answered before the last of 16777216 bytes"},
		{"is complete too soon and reads no more", up, func(c *servertest.Caller) { c.Ready(1000); c.Say("OK Upload complete\r\n\r\n"); <-c.Test.Done() }, 0,
			bench.ProtocolError, ""},
		{"refuses the payload and reads no more", up, func(c *servertest.Caller) { c.Ready(1000); c.Say("ERROR Disk on fire\r\n\r\n"); <-c.Test.Done() }, 0,
			bench.ServerSaidNo, `"Disk on fire"`},
		{"stops reading", up, func(c *servertest.Caller) { c.Ready(1000); <-c.Test.Done() }, soon,
			bench.TimeoutTransfer, "the op's time was up"},
		{"resets in the payload", up, func(c *servertest.Caller) { c.Ready(1000); _ = c.SetLinger(0) }, 0,
			bench.Reset, "in the middle of the payload or behind it"},
	} {
		eachWay(t, row.name, row.ops, func(t *testing.T, clients bench.ClientPool, op bench.Op) {
			c := config(t, op, servertest.Peer(t, row.serve), 1, file)
			c.ClientPool, c.OpTimeout = clients, cmp.Or(row.timeout, c.OpTimeout)
			assertFails(t, c, row.reason, row.detail)
		})
	}
}

func TestOpsCannotBegin(t *testing.T) {
	file := fixture(t, 3*fixtures.KiB)
	gone := file
	gone.Path = filepath.Join(t.TempDir(), "gone")
	eachWay(t, "", bench.Ops(), func(t *testing.T, clients bench.ClientPool, op bench.Op) {
		c := config(t, op, servertest.Nobody(t), 1, file)
		c.ClientPool = clients
		assertFails(t, c, bench.Refused, "")
		c.Target.Addr = "127.0.0.1:99999"
		assertFails(t, c, bench.Unreachable, "dial: address 99999: invalid port")
		c.Fixture, c.SinkDir = gone, gone.Path
		if op == bench.Upload {
			assertFails(t, c, bench.LocalError, fmt.Sprintf("open %s: no such file or directory", gone.Path))
		} else {
			assertFails(t, c, bench.LocalError, "")
		}
	})
}

// A fixture damaged during the run is found by the side that checks the checksum.
func TestDamagedFixture(t *testing.T) {
	file := fixture(t, 3*fixtures.MiB)
	addr, _ := start(t, server.Config{}, file)
	damage(t, file.Path)
	assertFails(t, config(t, bench.Upload, addr, 1, file), bench.ServerSaidNo, `"Checksum mismatch"`)
	c := config(t, bench.Upload, addr, 1, file)
	c.Verify = false
	_, failed := measured(t, c, 1).Ops()
	assert.Zero(t, failed, "unverified, it passes")
}

func TestDamagedDownload(t *testing.T) {
	file := fixture(t, 3*fixtures.MiB)
	addr, storage := start(t, server.Config{}, file)
	damage(t, filepath.Join(storage, file.Name()))
	assertFails(t, config(t, bench.Download, addr, 1, file), bench.ChecksumMismatch, "")
	c := config(t, bench.Download, addr, 1, file)
	c.Verify = false
	_, failed := measured(t, c, 1).Ops()
	assert.Zero(t, failed, "unverified, it passes")
	require.NoError(t, os.Remove(filepath.Join(storage, file.Name())))
	assertFails(t, c, bench.ServerSaidNo, `"File not found"`)
}

// damage replaces one Base64 character with another.
func damage(t *testing.T, path string) {
	t.Helper()
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	text[1_000_000] = map[bool]byte{true: 'B', false: 'A'}[text[1_000_000] == 'A']
	require.NoError(t, os.WriteFile(path, text, 0o644))
}

func assertFails(t *testing.T, c measure.Config, reason bench.Reason, detail string) {
	t.Helper()
	s := measured(t, c, 1).Rounds[0].Samples[0]
	assert.False(t, s.OK())
	assert.Equal(t, reason, s.Failure.Reason, s.Failure.Detail)
	if detail != "" {
		assert.Equal(t, detail, s.Failure.Detail)
	}
	assert.NotContains(t, s.Failure.String(), "\n")
	assert.Positive(t, s.Done, "a failure has a time too")
	assert.Zero(t, s.Throughput())
}

// A server that keeps the connection open after its last byte has still served the op.
func TestPeerDoesNotClose(t *testing.T) {
	file := fixture(t, 3*fixtures.KiB)
	text, err := os.ReadFile(file.Path)
	require.NoError(t, err)
	addr := servertest.Peer(t, func(c *servertest.Caller) { c.Send(len(text), text); <-c.Test.Done() })
	_, failed := measured(t, config(t, bench.Download, addr, 1, file), 1).Ops()
	assert.Zero(t, failed)
}

// Connecting is bounded by the op's timeout.
func TestConnectTimeout(t *testing.T) {
	addr, file := servertest.Deaf(t), fixture(t, fixtures.KiB)
	eachWay(t, "", bench.Ops(), func(t *testing.T, clients bench.ClientPool, op bench.Op) {
		c := config(t, op, addr, 1, file)
		c.ClientPool, c.OpTimeout = clients, 50*time.Millisecond
		assertFails(t, c, bench.TimeoutConnect, "the op's time was up")
	})
}
