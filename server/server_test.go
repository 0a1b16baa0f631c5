package server_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"hash/crc32"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"poolbench/protocol"
	"poolbench/server"
	"poolbench/server/servertest"
)

func TestMain(m *testing.M) {
	server.Main()
	// A process with the race detector sleeps for a second before it ends.
	_ = os.Setenv("GORACE", "atexit_sleep_ms=0")
	goleak.VerifyTestMain(m)
}

// forEachPool runs a test against a server of each pool with a fresh storage, all
// pools in parallel.
func forEachPool(t *testing.T, config server.Config, test func(t *testing.T, s *server.Server, storage string)) {
	t.Helper()
	t.Parallel()
	for _, pool := range server.Pools() {
		t.Run(string(pool), func(t *testing.T) {
			t.Parallel()
			config := config
			config.Pool, config.Storage = pool, t.TempDir()
			test(t, servertest.Start(t, config), config.Storage)
		})
	}
}

// dial connects, with a deadline that only a server that hangs misses.
func dial(t *testing.T, s *server.Server) *net.TCPConn {
	t.Helper()
	conn, err := net.Dial("tcp", s.Addr().String())
	require.NoError(t, err)
	require.NoError(t, conn.SetDeadline(time.Now().Add(20*time.Second)))
	t.Cleanup(func() { _ = conn.Close() })
	return conn.(*net.TCPConn)
}

// ask sends a request, ends its side, and returns all that comes back.
func ask(t *testing.T, s *server.Server, request string) string {
	t.Helper()
	conn := dial(t, s)
	_, err := io.WriteString(conn, request)
	require.NoError(t, err)
	require.NoError(t, conn.CloseWrite())
	answer, err := io.ReadAll(conn)
	require.NoError(t, err)
	return string(answer)
}

// uploadOf returns the request of an upload with its payload.
func uploadOf(name, data string) string {
	text := base64.StdEncoding.EncodeToString([]byte(data))
	return fmt.Sprintf("UPLOAD %s %d crc32c=%08x\r\n\r\n%s", name, len(text), crc32c(data), text)
}

func crc32c(data string) uint32 {
	return crc32.Checksum([]byte(data), crc32.MakeTable(crc32.Castagnoli))
}

// files returns the content of a folder's files, by name.
func files(t *testing.T, dir string) map[string]string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	found := map[string]string{}
	for _, entry := range entries {
		data, err := os.ReadFile(filepath.Join(dir, entry.Name()))
		require.NoError(t, err)
		found[entry.Name()] = string(data)
	}
	return found
}

const (
	ready    = "OK Ready to receive\r\n\r\n"
	complete = "OK Upload complete\r\n\r\n"
)

func TestRequests(t *testing.T) {
	const size = 1 << 20
	long := strings.Repeat("x", 4000)
	forEachPool(t, server.Config{Workers: 2, MaxUpload: size}, func(t *testing.T, s *server.Server, storage string) {
		for _, row := range []struct {
			name, request, want string
			stored              map[string]string
		}{
			{"upload with the payload in the same segment", uploadOf("a.bin", "hello"), ready + complete, map[string]string{"a.bin": "hello"}},
			{"verb in lower case", "upload a.bin 4\r\n\r\nQUJD", ready + complete, map[string]string{"a.bin": "ABC"}},
			{"empty upload", "UPLOAD a.bin 0\r\n\r\n", ready + complete, map[string]string{"a.bin": ""}},
			{"line breaks", "UPLOAD a.bin 12\r\n\r\nQU\r\nJD\nREVG\n", ready + complete, map[string]string{"a.bin": "ABCDEF"}},
			{"one byte more than announced", "UPLOAD a.bin 4\r\n\r\nQUJDR", ready + complete, map[string]string{"a.bin": "ABC"}},
			{"far more than announced", "UPLOAD a.bin 4\r\n\r\nQUJD" + strings.Repeat("!", 1<<20), ready + complete, map[string]string{"a.bin": "ABC"}},
			{"one byte less than announced", "UPLOAD a.bin 5\r\n\r\nQUJD", ready + "ERROR Upload incomplete\r\n\r\n", nil},
			{"payload that ends in a group", "UPLOAD a.bin 5\r\n\r\nQUJDR", ready + "ERROR Invalid Base64 data stream\r\n\r\n", nil},
			{"padding in the middle", "UPLOAD a.bin 8\r\n\r\nQUI=QUI=", ready + "ERROR Invalid Base64 data stream\r\n\r\n", nil},
			{"not Base64", "UPLOAD a.bin 8\r\n\r\nQUJ!QUJD", ready + "ERROR Invalid Base64 data stream\r\n\r\n", nil},
			{"wrong checksum", "UPLOAD a.bin 4 crc32c=00000000\r\n\r\nQUJD", ready + "ERROR Checksum mismatch\r\n\r\n", nil},
			{"at the limit", "UPLOAD a.bin 1048576\r\n\r\n" + strings.Repeat("QUJD", size/4), ready + complete,
				map[string]string{"a.bin": strings.Repeat("ABC", size/4)}},
			{"beyond the limit", "UPLOAD a.bin 1048577\r\n\r\n" + strings.Repeat("QUJD", size/4), "ERROR Payload too large\r\n\r\n", nil},
			{"beyond all numbers", "UPLOAD a.bin 99999999999999999999\r\n\r\n", "ERROR Payload too large\r\n\r\n", nil},
			{"no size", "UPLOAD a.bin\r\n\r\n", "ERROR No size provided for UPLOAD\r\n\r\n", nil},
			{"bad size", "UPLOAD a.bin ten\r\n\r\n", "ERROR Invalid size format\r\n\r\n", nil},
			{"path", uploadOf("../../etc/a.bin", "hello"), ready + complete, map[string]string{"a.bin": "hello"}},
			{"absolute path", uploadOf("/etc/passwd", "hello"), ready + complete, map[string]string{"passwd": "hello"}},
			{"only slashes", uploadOf("///", "hello"), "ERROR Bad request\r\n\r\n", nil},
			{"upwards", uploadOf("..", "hello"), "ERROR Bad request\r\n\r\n", nil},
			{"NUL", uploadOf("a\x00b", "hello"), "ERROR Bad request\r\n\r\n", nil},
			{"4,000 characters", uploadOf(long, "hello"), "ERROR Server file error\r\n\r\n", nil},
			{"255 characters", uploadOf(long[:255], "hello"), ready + complete, map[string]string{long[:255]: "hello"}},
			{"a reserved name", uploadOf(".poolbench-upload-1-1", "hello"), "ERROR Bad request\r\n\r\n", nil},
			{"get a missing file", "GET a.bin\r\n\r\n", "ERROR File not found\r\n\r\n", nil},
			{"get 4,000 characters", "GET " + long + "\r\n\r\n", "ERROR File not found\r\n\r\n", nil},
			{"get upwards", "GET ../..\r\n\r\n", "ERROR Bad request\r\n\r\n", nil},
			{"unknown command", "DELETE a.bin\r\n\r\n", "ERROR Unknown command\r\n\r\n", nil},
			{"one word", "GET\r\n\r\n", "ERROR Bad request\r\n\r\n", nil},
			{"header too large", strings.Repeat("x", 20_000), "ERROR Header too large\r\n\r\n", nil},
			{"header cut short", "GET a", "ERROR Bad request\r\n\r\n", nil},
			{"no word at all", "", "", nil},
		} {
			t.Run(row.name, func(t *testing.T) {
				assert.Equal(t, row.want, ask(t, s, row.request))
				stored := files(t, storage)
				if row.stored == nil {
					assert.Empty(t, stored)
				} else {
					assert.Equal(t, row.stored, stored)
				}
				for name := range stored {
					require.NoError(t, os.Remove(filepath.Join(storage, name)))
				}
			})
		}
	})
}

func TestHeaderSplitIntoSingleBytes(t *testing.T) {
	forEachPool(t, server.Config{}, func(t *testing.T, s *server.Server, storage string) {
		conn := dial(t, s)
		for _, c := range []byte(uploadOf("a.bin", "hello")) {
			_, err := conn.Write([]byte{c})
			require.NoError(t, err)
		}
		answer, err := io.ReadAll(conn)
		require.NoError(t, err)
		assert.Equal(t, ready+complete, string(answer))
		assert.Equal(t, map[string]string{"a.bin": "hello"}, files(t, storage))
	})
}

// A client that does not end its side gets the file and sees the connection close.
func TestDownload(t *testing.T) {
	forEachPool(t, server.Config{}, func(t *testing.T, s *server.Server, storage string) {
		for _, size := range []int{0, 1, 8191, 5 << 20} {
			data := strings.Repeat("poolbench", size/9+1)[:size]
			require.NoError(t, os.WriteFile(filepath.Join(storage, "a.bin"), []byte(data), 0o644))
			conn := dial(t, s)
			_, err := io.WriteString(conn, "get ../a.bin\r\n\r\n")
			require.NoError(t, err)
			answer, err := io.ReadAll(conn)
			require.NoError(t, err)
			assert.True(t, fmt.Sprintf("OK %d\r\n\r\n%s", size, data) == string(answer), "%d bytes", size)
		}
	})
}

func TestDownloadStaysInTheFolder(t *testing.T) {
	outside := filepath.Join(t.TempDir(), "secret")
	require.NoError(t, os.WriteFile(outside, []byte("secret"), 0o644))
	s, storage := startWith(t, server.Config{})
	require.NoError(t, os.Symlink(outside, filepath.Join(storage, "link")))
	require.NoError(t, os.Mkdir(filepath.Join(storage, "folder"), 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(storage, ".poolbench-upload-1-1"), []byte("half"), 0o644))
	for _, name := range []string{"link", "folder", ".poolbench-upload-1-1"} {
		assert.Equal(t, "ERROR File not found\r\n\r\n", ask(t, s, "GET "+name+"\r\n\r\n"), name)
	}
	// An upload replaces the link and does not follow it.
	assert.Equal(t, ready+complete, ask(t, s, uploadOf("link", "hello")))
	kept, err := os.ReadFile(outside)
	require.NoError(t, err)
	assert.Equal(t, "secret", string(kept))
	assert.Equal(t, "ERROR Server file error\r\n\r\n", strings.TrimPrefix(ask(t, s, uploadOf("folder", "hello")), ready))
	left, err := filepath.Glob(filepath.Join(storage, ".poolbench-upload-*"))
	require.NoError(t, err)
	assert.Equal(t, []string{filepath.Join(storage, ".poolbench-upload-1-1")}, left, "a file that could not be renamed was left")
}

func startWith(t *testing.T, config server.Config) (*server.Server, string) {
	t.Helper()
	config.Storage = t.TempDir()
	return servertest.Start(t, config), config.Storage
}

func TestDiscard(t *testing.T) {
	forEachPool(t, server.Config{Discard: true}, func(t *testing.T, s *server.Server, storage string) {
		require.NoError(t, os.WriteFile(filepath.Join(storage, "a.bin"), []byte("old"), 0o644))
		assert.Equal(t, ready+complete, ask(t, s, uploadOf("a.bin", "hello")))
		assert.Equal(t, ready+"ERROR Checksum mismatch\r\n\r\n", ask(t, s, "UPLOAD a.bin 4 crc32c=00000000\r\n\r\nQUJD"))
		assert.Equal(t, "OK 3\r\n\r\nold", ask(t, s, "GET a.bin\r\n\r\n"))
		assert.Equal(t, map[string]string{"a.bin": "old"}, files(t, storage))
	})
}

func TestStats(t *testing.T) {
	forEachPool(t, server.Config{Workers: 3}, func(t *testing.T, s *server.Server, storage string) {
		upload := uploadOf("a.bin", "hello") // 8 bytes of Base64
		ask(t, s, upload)
		ask(t, s, upload)
		ask(t, s, "UPLOAD a.bin 9\r\n\r\nQUJD")
		ask(t, s, "UPLOAD a.bin 4\r\n\r\nQ!!!")
		ask(t, s, "GET a.bin\r\n\r\n")
		ask(t, s, "GET b.bin\r\n\r\n")
		ask(t, s, "HELLO you\r\n\r\n")
		ask(t, s, "")

		size, body, found := strings.Cut(strings.TrimPrefix(ask(t, s, "STATS json\r\n\r\n"), "OK "), "\r\n\r\n")
		require.True(t, found)
		assert.Equal(t, fmt.Sprint(len(body)), size)
		var stats protocol.Stats
		require.NoError(t, json.Unmarshal([]byte(body), &stats))

		assert.NotEmpty(t, stats.Version)
		assert.Equal(t, 3, stats.Workers)
		assert.Equal(t, os.Getpid(), stats.PIDs[0])
		pids := 1
		if stats.Pool == "process" {
			pids = 1 + stats.Workers
		}
		assert.Len(t, stats.PIDs, pids)
		busy := 0
		for _, w := range stats.PerWorker {
			assert.Contains(t, stats.PIDs, w.PID)
			if w.State == "busy" {
				busy++
			} else {
				assert.Equal(t, protocol.StateIdle, w.State)
			}
		}
		assert.Equal(t, 1, busy, "the worker that answers")
		assert.Contains(t, server.Pools(), server.Pool(stats.Pool))
		assert.Len(t, stats.PerWorker, 3)
		assert.Positive(t, stats.GOMAXPROCS)
		total := stats.Total()
		assert.EqualValues(t, 9, total.Accepted)
		assert.EqualValues(t, 8+8+4+4, total.BytesIn)
		assert.EqualValues(t, 5, total.BytesOut)
		assert.Positive(t, total.StorageNS)
		assert.Equal(t, map[protocol.Op]protocol.Ends{
			"upload":   {OK: 2, Failed: map[protocol.Reason]int64{"cut short": 1, "invalid Base64": 1}},
			"download": {OK: 1, Failed: map[protocol.Reason]int64{"not found": 1}},
			"request":  {Failed: map[protocol.Reason]int64{"bad request": 1, "cut short": 1}},
		}, total.Ops, "the STATS that asks is not in it")
		assert.EqualValues(t, 1, s.Stats().Total().Ops["stats"].OK)
	})
}

func TestListenErrors(t *testing.T) {
	taken := servertest.Start(t, server.Config{})
	for _, row := range []struct {
		name   string
		config server.Config
		want   string
	}{
		{"no storage", server.Config{}, "server: no storage folder: name one that exists"},
		{"storage that is not there", server.Config{Storage: "/no/such/folder"}, "server: storage: open /no/such/folder: no such file or directory"},
		{"storage that is a file", server.Config{Storage: "/dev/null"}, "server: storage: open /dev/null: not a directory"},
		{"unknown pool", server.Config{Storage: "x", Pool: "fibre"}, `server: unknown pool "fibre": known are thread, process, goroutine`},
		{"negative workers", server.Config{Storage: "x", Workers: -1}, "server: -1 workers: want one or more"},
		{"negative timeout", server.Config{Storage: "x", IdleTimeout: -1}, "server: idle timeout -1ns: want a positive duration"},
		{"negative limit", server.Config{Storage: "x", MaxUpload: -1}, "server: largest upload of -1 bytes: want a positive number"},
		{"no port", server.Config{Storage: ".", Addr: "localhost"}, "server: address localhost: missing port in address"},
		{"port taken", server.Config{Storage: ".", Addr: taken.Addr().String()}, "address already in use"},
		{"port taken, processes", server.Config{Storage: ".", Addr: taken.Addr().String(), Pool: server.Process}, "address already in use"},
		{"negative GOMAXPROCS", server.Config{Storage: "x", WorkerGOMAXPROCS: -1}, "server: worker GOMAXPROCS of -1: want one or more"},
	} {
		t.Run(row.name, func(t *testing.T) {
			_, err := server.Listen(row.config)
			assert.ErrorContains(t, err, row.want)
			if checked := row.config.Check(); checked != nil {
				assert.Equal(t, err, checked)
			}
		})
	}
}

func TestCheck(t *testing.T) {
	assert.NoError(t, server.Config{Storage: "/no/such/folder"}.Check(), "the storage is not checked")
	assert.NoError(t, server.Config{Storage: "x", Pool: server.Process, Workers: 1024}.Check())
	assert.NoError(t, server.Config{Storage: "x", Pool: server.Thread, Workers: 1025}.Check())
	assert.EqualError(t, server.Config{Storage: "x", Pool: server.Process, Workers: 1025}.Check(),
		"server: 1025 worker processes: want at most 1024")
}

func TestShutdownWithoutServe(t *testing.T) {
	s, err := server.Listen(server.Config{Addr: "127.0.0.1:0", Storage: t.TempDir()})
	require.NoError(t, err)
	require.NoError(t, s.Shutdown(context.Background()))
	assert.Equal(t, server.ErrClosed, s.Serve())
}

func TestServeIsCalledOnce(t *testing.T) {
	s := servertest.Start(t, server.Config{})
	ask(t, s, "GET a.bin\r\n\r\n") // it serves
	assert.Equal(t, server.ErrClosed, s.Serve())
}

// A server removes what a killed one has left, and says so.
func TestListenSweeps(t *testing.T) {
	for left, want := range []string{"", `level=WARN msg="removed files of unfinished uploads" files=1`} {
		var log bytes.Buffer
		storage := t.TempDir()
		for i := range left {
			require.NoError(t, os.WriteFile(filepath.Join(storage, fmt.Sprint(".poolbench-upload-", i)), nil, 0o644))
		}
		servertest.Start(t, server.Config{Storage: storage, Logger: slog.New(slog.NewTextHandler(&log, nil))})
		assert.Equal(t, left, strings.Count(log.String(), "\n"))
		assert.Contains(t, log.String(), want)
		assert.Empty(t, files(t, storage))
	}
}
