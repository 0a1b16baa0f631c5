package server_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"poolbench/protocol"
	"poolbench/server"
	"poolbench/server/servertest"
)

func TestTimeouts(t *testing.T) {
	const soon, never = 50 * time.Millisecond, time.Hour
	for _, row := range []struct {
		name    string
		config  server.Config
		request string
		trickle bool // goes on sending, so that it is never idle
		want    string
		reason  protocol.Reason
		op      protocol.Op
	}{
		{"header", server.Config{HeaderTimeout: soon, IdleTimeout: never}, "UPLO", false,
			"ERROR Bad request\r\n\r\n", "timeout (header)", "request"},
		{"idle", server.Config{IdleTimeout: soon, TransferTimeout: never}, "UPLOAD a.bin 400000000\r\n\r\nQUJD", false,
			ready + "ERROR Upload incomplete\r\n\r\n", "timeout (idle)", "upload"},
		{"transfer", server.Config{IdleTimeout: never, TransferTimeout: soon}, "UPLOAD a.bin 400000000\r\n\r\n", true,
			ready + "ERROR Upload incomplete\r\n\r\n", "timeout (transfer)", "upload"},
	} {
		t.Run(row.name, func(t *testing.T) {
			forEachPool(t, row.config, func(t *testing.T, s *server.Server, storage string) {
				conn := dial(t, s)
				write(t, conn, row.request)
				var sender sync.WaitGroup
				if row.trickle {
					sender.Go(func() {
						for {
							if _, err := io.WriteString(conn, "QUJD"); err != nil {
								return
							}
						}
					})
				}
				expect(t, conn, row.want)
				_ = conn.Close()
				sender.Wait()
				// The worker is free again.
				assert.Equal(t, "ERROR File not found\r\n\r\n", ask(t, s, "GET a.bin\r\n\r\n"))
				assert.Equal(t, map[protocol.Reason]int64{row.reason: 1}, s.Stats().Total().Ops[row.op].Failed)
				assert.Empty(t, files(t, storage))
			})
		})
	}
}

// A download that nobody reads is idle.
func TestUnreadDownload(t *testing.T) {
	const size = 64 << 20 // more than the sockets' buffers hold
	forEachPool(t, server.Config{IdleTimeout: 50 * time.Millisecond, TransferTimeout: time.Hour}, func(t *testing.T, s *server.Server, storage string) {
		file, err := os.Create(filepath.Join(storage, "a.bin"))
		require.NoError(t, err)
		require.NoError(t, file.Truncate(size))
		require.NoError(t, file.Close())
		write(t, dial(t, s), "GET a.bin\r\n\r\n")
		assert.Equal(t, "ERROR File not found\r\n\r\n", ask(t, s, "GET b.bin\r\n\r\n"), "the only worker is free again")
		assert.EqualValues(t, 1, s.Stats().Total().Ops["download"].Failed["timeout (idle)"])
	})
}

// A file that becomes shorter while it is sent ends the download. The client has been
// told a size, so nothing else may follow the data.
func TestFileThatShrinks(t *testing.T) {
	const size, left = 64 << 20, 32 << 20 // both more than the sockets' buffers hold
	s, storage := startWith(t, server.Config{})
	path := filepath.Join(storage, "a.bin")
	require.NoError(t, os.WriteFile(path, nil, 0o644))
	require.NoError(t, os.Truncate(path, size))
	conn := dial(t, s)
	write(t, conn, "GET a.bin\r\n\r\n")
	expect(t, conn, fmt.Sprintf("OK %d\r\n\r\n", size))
	require.NoError(t, os.Truncate(path, left))
	data, err := io.ReadAll(conn)
	require.NoError(t, err)
	assert.Equal(t, left, len(data))
	assert.Equal(t, left, bytes.Count(data, []byte{0}))
	assert.Equal(t, map[protocol.Reason]int64{"file error": 1}, s.Stats().Total().Ops["download"].Failed)
}

func TestShutdownLetsTransfersEnd(t *testing.T) {
	t.Parallel()
	for _, pool := range server.Pools() {
		t.Run(string(pool), func(t *testing.T) {
			t.Parallel()
			s, err := server.Listen(server.Config{
				Addr: "127.0.0.1:0", Pool: pool, Workers: 2, Storage: t.TempDir(), HeaderTimeout: time.Hour,
			})
			require.NoError(t, err)
			served := make(chan error, 1)
			go func() { served <- s.Serve() }()
			silent := dial(t, s)
			conn := begin(t, s, "a.bin", 4)

			down := make(chan error, 1)
			go func() { down <- s.Shutdown(context.Background()) }()
			_, err = io.ReadAll(silent)
			assert.NotErrorIs(t, err, os.ErrDeadlineExceeded, "it had said nothing")
			write(t, conn, "QUJD")
			expect(t, conn, complete)
			assert.NoError(t, <-down)
			assert.Equal(t, server.ErrClosed, <-served)
			_, err = net.Dial("tcp", s.Addr().String())
			assert.ErrorIs(t, err, unix.ECONNREFUSED)
		})
	}
}

func TestShutdownCutsOffWhenItsTimeIsUp(t *testing.T) {
	t.Parallel()
	for _, pool := range server.Pools() {
		t.Run(string(pool), func(t *testing.T) {
			t.Parallel()
			storage := t.TempDir()
			s, err := server.Listen(server.Config{Addr: "127.0.0.1:0", Pool: pool, Storage: storage})
			require.NoError(t, err)
			served := make(chan error, 1)
			go func() { served <- s.Serve() }()
			conn := begin(t, s, "a.bin", 4)
			waiting := dial(t, s)
			ended, cancel := context.WithCancel(context.Background())
			cancel()
			assert.ErrorIs(t, s.Shutdown(ended), context.Canceled)
			assert.Equal(t, server.ErrClosed, <-served)
			for _, c := range []net.Conn{conn, waiting} {
				_, err = io.ReadAll(c)
				assert.NotErrorIs(t, err, os.ErrDeadlineExceeded, "left open")
			}
			assert.Empty(t, files(t, storage))
			assert.EqualValues(t, 1, s.Stats().Total().Ops["upload"].Failed["shutdown"])
		})
	}
}

func TestLog(t *testing.T) {
	for _, row := range []struct {
		level slog.Level
		want  []string
	}{
		{slog.LevelInfo, []string{"level=INFO msg=transfer op=upload name=a.bin bytes=8", "end=ok",
			"level=WARN msg=transfer op=download name=b.bin", `end="not found"`, "client=127.0.0.1:"}},
		{slog.LevelWarn, []string{"level=WARN msg=transfer op=download name=b.bin"}},
	} {
		t.Run(row.level.String(), func(t *testing.T) {
			var log bytes.Buffer
			s := servertest.Start(t, server.Config{
				Logger: slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: row.level})),
			})
			ask(t, s, uploadOf("a.bin", "hello"))
			ask(t, s, "GET b.bin\r\n\r\n")
			require.NoError(t, s.Shutdown(context.Background()))
			for _, want := range row.want {
				assert.Contains(t, log.String(), want)
			}
			lines := 1
			if row.level == slog.LevelInfo {
				lines = 2
			}
			assert.Equal(t, lines, strings.Count(log.String(), "\n"), log.String())
		})
	}
}

func TestStorageFull(t *testing.T) {
	storage := t.TempDir()
	if err := unix.Mount("tmpfs", storage, "tmpfs", 0, "size=64k"); err != nil {
		t.Skip("cannot mount a small filesystem here:", err)
	}
	t.Cleanup(func() { assert.NoError(t, unix.Unmount(storage, 0)) })
	s := servertest.Start(t, server.Config{Storage: storage})
	assert.Equal(t, ready+"ERROR Server file error\r\n\r\n", ask(t, s, uploadOf("a.bin", strings.Repeat("A", 1<<20))))
	assert.Equal(t, map[protocol.Reason]int64{"storage full": 1}, s.Stats().Total().Ops["upload"].Failed)
	assert.Empty(t, files(t, storage))
	assert.Equal(t, ready+complete, ask(t, s, uploadOf("a.bin", "hello")), "there is room again")
	require.NoError(t, s.Shutdown(context.Background()))
}
