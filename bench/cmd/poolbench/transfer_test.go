package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"poolbench/fixtures/progress/terminaltest"
	benchserver "poolbench/server"
	"poolbench/server/servertest"
)

const unknown = "ERROR Unknown command\r\n\r\n"

// take answers an upload as an older server does: it reads n bytes of text. It stores nothing.
func take(conn net.Conn, n int64) {
	_, _ = io.WriteString(conn, "OK Ready to receive\r\n\r\n")
	_, _ = io.CopyN(io.Discard, conn, n)
	_, _ = io.WriteString(conn, "OK Upload complete\r\n\r\n")
}

func TestFailedPuts(t *testing.T) {
	path, _ := write(t, "a.bin", 9) // 12 bytes of text
	pipe := filepath.Join(t.TempDir(), "pipe")
	require.NoError(t, unix.Mkfifo(pipe, 0o600))
	// shows accepts an upload and then serves something under its name.
	shows := func(text string) string {
		return peer(t, func(conn net.Conn, request string) {
			switch {
			case strings.HasPrefix(request, "UPLOAD"):
				take(conn, 12)
			case strings.HasPrefix(request, "GET"):
				_, _ = io.WriteString(conn, text)
			default:
				_, _ = io.WriteString(conn, unknown)
			}
		})
	}
	for _, row := range []struct {
		name, path, addr string
		want             string // %s is the address
	}{
		{"no file", "/no/such/file", servertest.Nobody(t), "stat /no/such/file: no such file or directory"},
		{"a folder", "/tmp", servertest.Nobody(t), "/tmp is a folder: name a file"},
		{"a pipe", pipe, servertest.Nobody(t), pipe + " is not a regular file, and must be read twice: write it to one first"},
		{"nobody", path, servertest.Nobody(t), "put a.bin to %s: refused the connection: nothing listens there"},
		{"refused at once", path, peer(t, func(conn net.Conn, _ string) { _, _ = io.WriteString(conn, "ERROR Payload too large\r\n\r\n") }),
			`put a.bin to %s: server said no: "Payload too large"`},
		{"something else", path, peer(t, func(conn net.Conn, _ string) { _, _ = io.WriteString(conn, "HTTP/1.1 400 Bad Request\r\n\r\n") }),
			`put a.bin to %s: speaks another protocol: answered "HTTP/1.1 400 Bad Request"`},
		{"lost", path, shows("ERROR File not found\r\n\r\n"), `verify a.bin on %s: read back: server said no: "File not found"`},
		{"another size", path, shows("OK 5\r\n\r\nhello"), "verify a.bin on %s: read back: it has 5 bytes, and 9 were sent"},
		{"other bytes", path, shows("OK 9\r\n\r\n123456789"), "verify a.bin on %s: read back: its crc32c is e3069283, and that of what was sent "},
	} {
		t.Run(row.name, func(t *testing.T) {
			want := row.want
			if strings.Contains(want, "%s") {
				want = fmt.Sprintf(want, row.addr)
			}
			status, stdout, stderr := call(t.Context(), "put", row.path, "--name=a.bin", "--addr", row.addr)
			assert.Equal(t, 1, status)
			assert.Empty(t, stdout)
			assert.True(t, strings.HasPrefix(stderr, "poolbench: "+want), stderr)
			assert.Equal(t, 1, strings.Count(stderr, "\n"), "one line: %s", stderr)
		})
	}
}

// Putting a file that changes meanwhile fails, whatever the server says.
func TestPutOfChangingFile(t *testing.T) {
	for _, row := range []struct {
		name   string
		change func(path string) error
		want   string
	}{
		{"it grows", func(path string) error { return os.WriteFile(path, make([]byte, 10), 0o644) }, "the data have changed: they go on after 9 bytes"},
		{"it shrinks", func(path string) error { return os.Truncate(path, 3) }, "the data have changed: they end after 3 of 9 bytes"},
		{"other bytes", func(path string) error { return os.WriteFile(path, make([]byte, 9), 0o644) }, "the data have changed: their crc32c is"},
		{"written again", func(path string) error { return os.Chtimes(path, time.Time{}, time.Unix(1, 0)) }, "changed while it was sent"},
	} {
		t.Run(row.name, func(t *testing.T) {
			path, _ := write(t, "a.bin", 9)
			addr := peer(t, func(conn net.Conn, _ string) {
				assert.NoError(t, row.change(path))
				take(conn, 12)
			})
			status, stdout, stderr := call(t.Context(), "put", path, "--addr", addr)
			assert.Equal(t, 1, status)
			assert.Empty(t, stdout)
			assert.Contains(t, stderr, row.want)
		})
	}
}

// A failed download leaves the old file unchanged, and no other file.
func TestFailedGets(t *testing.T) {
	ctx, cancel := context.WithCancelCause(t.Context())
	for _, row := range []struct {
		name  string
		ctx   context.Context
		serve func(conn net.Conn)
		want  string // after "get a.bin from ADDR: "
	}{
		{"no such file", t.Context(), func(conn net.Conn) { _, _ = io.WriteString(conn, "ERROR File not found\r\n\r\n") }, `server said no: "File not found"`},
		{"cut short", t.Context(), func(conn net.Conn) { _, _ = io.WriteString(conn, "OK 100\r\n\r\nsome") }, "cut short: the server closed in the middle of the payload"},
		{"too much", t.Context(), func(conn net.Conn) { _, _ = io.WriteString(conn, "OK 4\r\n\r\nsome more") }, "protocol error: payload, byte 4: more came than was announced"},
		{"other bytes", t.Context(), func(conn net.Conn) { _, _ = io.WriteString(conn, "OK 9\r\n\r\n123456789") }, "its crc32c is e3069283, and not 00000000"},
		{"silence", t.Context(), func(conn net.Conn) { _, _ = io.WriteString(conn, "OK 9\r\n\r\n"); _, _ = io.Copy(io.Discard, conn) }, "timeout (transfer): nothing moved for 100ms"},
		{"interrupted", ctx, func(conn net.Conn) {
			_, _ = io.WriteString(conn, "OK 9\r\n\r\n")
			cancel(errors.New("interrupt signal received"))
			_, _ = io.Copy(io.Discard, conn)
		}, "interrupt signal received"},
	} {
		t.Run(row.name, func(t *testing.T) {
			addr := peer(t, func(conn net.Conn, _ string) { row.serve(conn) })
			dir := t.TempDir()
			path := filepath.Join(dir, "a.bin")
			require.NoError(t, os.WriteFile(path, []byte("before"), 0o600))
			timeout := "20s"
			if row.name == "silence" {
				timeout = "100ms"
			}
			status, stdout, stderr := call(row.ctx, "get", "a.bin", "--output", path, "--addr", addr, "--crc32c=00000000", "--timeout", timeout)
			assert.Equal(t, 1, status)
			assert.Empty(t, stdout)
			assert.Equal(t, fmt.Sprintf("poolbench: get a.bin from %s: %s\n", addr, row.want), stderr)
			left, err := os.ReadFile(path)
			require.NoError(t, err)
			assert.Equal(t, "before", string(left))
			assert.Equal(t, []string{"a.bin"}, names(t, dir))
		})
	}
}

func TestGetToInvalidPlaces(t *testing.T) {
	for path, want := range map[string]string{
		"/tmp":              "/tmp is a folder: name a file",
		"/dev/null":         "/dev/null is not a regular file, so it cannot be replaced: write to standard output, with --output -",
		"/no/such/folder/a": "open /no/such/folder/.a",
	} {
		status, _, stderr := call(t.Context(), "get", "a.bin", "--output", path, "--addr", servertest.Nobody(t))
		assert.Equal(t, 1, status)
		assert.True(t, strings.HasPrefix(stderr, "poolbench: "+want), stderr)
	}
}

func TestGetReplaces(t *testing.T) {
	storage := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(storage, "a.bin"), []byte("hello"), 0o644))
	addr := servertest.Start(t, benchserver.Config{Storage: storage}).Addr().String()
	t.Chdir(t.TempDir())

	// Without --output the file has the name NAME and the mode of new files.
	status, stdout, stderr := call(t.Context(), "get", "a.bin", "--addr", addr)
	require.Zero(t, status, stderr)
	assert.Contains(t, stdout, "; its size is as announced\n")
	require.NoError(t, os.WriteFile("new", nil, 0o666))
	assert.Equal(t, mode(t, "new"), mode(t, "a.bin"))

	// A replaced file keeps its mode, and a link to it stays a link.
	require.NoError(t, os.WriteFile("b.bin", []byte("before"), 0o600))
	require.NoError(t, os.Symlink("b.bin", "link"))
	status, _, stderr = call(t.Context(), "get", "a.bin", "--addr", addr, "--output=link")
	require.Zero(t, status, stderr)
	text, err := os.ReadFile("b.bin")
	require.NoError(t, err)
	assert.Equal(t, "hello", string(text))
	assert.Equal(t, fs.FileMode(0o600), mode(t, "b.bin"))
	assert.Equal(t, []string{"a.bin", "b.bin", "link", "new"}, names(t, "."))

	status, stdout, stderr = call(t.Context(), "get", "a.bin", "--addr", addr, "--output=-")
	assert.Zero(t, status)
	assert.Equal(t, "hello", stdout)
	assert.Contains(t, stderr, "get a.bin: 5 bytes, crc32c 9a71bb4c, ")
}

func mode(t *testing.T, path string) fs.FileMode {
	t.Helper()
	info, err := os.Stat(path)
	require.NoError(t, err)
	return info.Mode()
}

func TestBarOnTerminal(t *testing.T) {
	addr := servertest.Start(t, benchserver.Config{}).Addr().String()
	path, _ := write(t, "a.bin", 8<<20)
	for _, args := range [][]string{
		{"put", path, "--addr", addr},
		{"get", "a.bin", "--addr", addr, "--output", filepath.Join(t.TempDir(), "b.bin")},
	} {
		terminal, screen := terminaltest.Open(t)
		var stdout bytes.Buffer
		assert.Zero(t, run(t.Context(), args, &stdout, terminal))
		require.NoError(t, terminal.Close())
		drawn := <-screen
		assert.Contains(t, drawn, "a.bin")
		assert.Contains(t, drawn, "8.0 MiB / 8.0 MiB")
		assert.Equal(t, 1, strings.Count(stdout.String(), "\n"))
	}
}
