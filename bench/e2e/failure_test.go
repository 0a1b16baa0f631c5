package e2e_test

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"poolbench/fixtures"
	"poolbench/server/servertest"
)

// listen serves each connection with serve, which has its request read.
func listen(t *testing.T, serve func(conn *net.TCPConn)) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				var request []byte
				for one := make([]byte, 1); !bytes.HasSuffix(request, []byte("\r\n\r\n")); request = append(request, one...) {
					if _, err := conn.Read(one); err != nil {
						return
					}
				}
				if bytes.HasPrefix(request, []byte("STATS")) {
					_, _ = io.WriteString(conn, "ERROR Unknown command\r\n\r\n")
					return
				}
				serve(conn.(*net.TCPConn))
			}()
		}
	}()
	return listener.Addr().String()
}

// A row for each cell, the reason beside it, and an exit status that tells.
func TestFailuresOfATarget(t *testing.T) {
	t.Parallel()
	file, err := fixtures.Ensure(t.Context(), cache, fixtures.Spec{Size: fixtures.KiB}, nil)
	require.NoError(t, err)
	flipped, err := os.ReadFile(file.Path)
	require.NoError(t, err)
	flipped[100] ^= 1

	for _, row := range []struct {
		name   string
		addr   string
		flags  []string
		reason string
		rounds int
	}{
		{"a server that closes early", listen(t, func(*net.TCPConn) {}), nil, "cut short: the server closed without an answer", 1},
		{"a server that lacks the file and takes none", listen(t, func(conn *net.TCPConn) { fmt.Fprint(conn, "ERROR File not found\r\n\r\n") }), nil,
			`server said no: "File not found", while file_1kb.txt was uploaded`, 1},
		{"a payload with a bit flipped", listen(t, func(conn *net.TCPConn) { fmt.Fprintf(conn, "OK %d\r\n\r\n%s", len(flipped), flipped) }), nil,
			"checksum mismatch: crc32c ", 1},
		{"a server that says nothing", listen(t, func(conn *net.TCPConn) { _, _ = io.Copy(io.Discard, conn) }), []string{"-op-timeout=50ms"},
			"timeout (wait): the op's time was up", 1},
		{"a cell that takes too long", listen(t, func(conn *net.TCPConn) { _, _ = io.Copy(io.Discard, conn) }),
			[]string{"-cell-timeout=400ms", "-op-timeout=500ms", "-warmup=0", "-test.benchtime=1000x"}, "timeout (wait): the op's time was up", 1},
		{"a server that never comes back", leaving(t), []string{"-test.benchtime=20x"}, "refused", 3},
	} {
		t.Run(row.name, func(t *testing.T) {
			flags := append([]string{"-op=download", "-target-workers=4"}, row.flags...)
			got := remote(t, row.addr, flags...)
			assert.Equal(t, 1, got.status)
			rows := got.rows(t)
			require.Len(t, rows, 1)
			assert.Equal(t, "Transfer/op=download/volume=1KiB/clients=2/workers=4/pool=remote", nameOf(rows[0]))
			assert.EqualValues(t, 2, value(rows[0], "fail/op"))
			assert.Equal(t, row.rounds, rows[0].Iters)
			for _, unit := range []string{"ns/op", "MB/s", "p50-ns", "fairness"} {
				assert.EqualValues(t, -1, value(rows[0], unit), "%s was invented", unit)
			}
			assert.Regexp(t, `# failed: op=download.*: \d+ × `+regexp.QuoteMeta(row.reason), got.stdout)
			assert.Contains(t, got.stdout, "# exit status 1 because ops failed")

		})
	}
	allowed := remote(t, listen(t, func(*net.TCPConn) {}), "-op=download", "-allow-failures")
	assert.Zero(t, allowed.status)
	assert.Len(t, allowed.rows(t), 1)
}

// leaving is a server that goes once it has said what it is.
func leaving(t *testing.T) string {
	t.Helper()
	place := servertest.NewPlace(t)
	place.Come(t, func(c *servertest.Caller) {
		place.Go()
		c.Say("ERROR Unknown command\r\n\r\n")
	})
	return place.Addr
}

// Other cells are untouched by one that fails.
func TestOneCellFails(t *testing.T) {
	t.Parallel()
	file, err := fixtures.Ensure(t.Context(), cache, fixtures.Spec{Size: fixtures.KiB}, nil)
	require.NoError(t, err)
	text, err := os.ReadFile(file.Path)
	require.NoError(t, err)
	addr := listen(t, func(conn *net.TCPConn) { fmt.Fprintf(conn, "OK %d\r\n\r\n%s", len(text), text) })
	got := remote(t, addr, "-volume=1KiB,2KiB,1024B", "-op=download")
	assert.Equal(t, 2, got.status, "1KiB and 1024B are one volume")
	got = remote(t, addr, "-volume=2KiB,1KiB", "-op=download")
	assert.Equal(t, 1, got.status)
	rows := got.rows(t)
	require.Len(t, rows, 2)
	for _, row := range rows {
		assert.Equal(t, strings.Contains(nameOf(row), "volume=2KiB"), value(row, "fail/op") == 2, nameOf(row))
	}
	assert.Contains(t, got.stdout, "size mismatch: the server has 1368 bytes under file_2kb.txt, the fixture 2732")
	assert.Contains(t, got.stdout, "has no STATS, so the rows lack the server's metrics")
}

// A disk that is too small is named, by the server in the client's row and by
// the log in full.
func TestStorageFull(t *testing.T) {
	t.Parallel()
	storage, results := t.TempDir(), filepath.Join(t.TempDir(), "results")
	if err := unix.Mount("tmpfs", storage, "tmpfs", 0, "size=64k"); err != nil {
		t.Skip("cannot mount a small filesystem here:", err)
	}
	t.Cleanup(func() { assert.NoError(t, unix.Unmount(storage, 0)) })
	got := run(t, "-op=upload", "-volume=1MiB", "-storage="+storage, "-results="+results)
	assert.Equal(t, 1, got.status)
	require.Len(t, got.rows(t), 1)
	assert.Contains(t, got.stdout, "storage: tmpfs")
	assert.Contains(t, got.stdout, `server said no: "Server file error"`)
	assert.Contains(t, got.stdout, "note: op=upload/volume=1MiB/clients=2/workers=1/pool=thread: the storage has room for 0.1 MB, a round needs 2.1 MB")
	assert.Contains(t, got.stdout, "# server: op=upload/volume=1MiB/clients=2/workers=1/pool=thread: 2 × storage full\n")
	assert.Contains(t, got.stdout, "# the servers' log: "+results)
	log, err := os.ReadFile(filepath.Join(results, "server.log"))
	require.NoError(t, err)
	assert.Contains(t, string(log), "no space left on device")
	assert.Contains(t, string(log), `end="storage full"`)
}

// What a stranger says of himself does not get into the benchmark's lines.
func TestTargetThatLies(t *testing.T) {
	t.Parallel()
	const lie = `{"version":"1.0\nBenchmarkEvil 1 1 ns/op","pool":"a b\nBenchmarkEvil 1 1 ns/op","workers":-3,"gomaxprocs":-7}`
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			fmt.Fprintf(conn, "OK %d\r\n\r\n%s", len(lie), lie)
			_ = conn.Close()
		}
	}()
	got := remote(t, listener.Addr().String(), "-op=download", "-target-pool=thread", "-target-workers=5")
	rows := got.rows(t)
	require.Len(t, rows, 1)
	assert.Equal(t, "Transfer/op=download/volume=1KiB/clients=2/workers=5/pool=thread", nameOf(rows[0]))
	assert.Contains(t, got.stdout, "server-gomaxprocs: unknown")
}
