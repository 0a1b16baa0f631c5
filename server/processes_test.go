package server_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
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

// busy returns the workers that serve a connection.
func busy(s *server.Server) (workers []protocol.WorkerStats) {
	for _, w := range s.Stats().PerWorker {
		if w.State == "busy" {
			workers = append(workers, w)
		}
	}
	return workers
}

// eventually waits for something that other processes do.
func eventually(t *testing.T, what func() bool, msg string) {
	t.Helper()
	require.Eventually(t, what, 20*time.Second, time.Millisecond, msg)
}

// Killing a worker during an upload costs that upload and nothing else.
func TestWorkerKilledDuringUpload(t *testing.T) {
	t.Parallel()
	storage := t.TempDir()
	var log syncBuffer
	s := servertest.Start(t, server.Config{
		Pool: server.Process, Workers: 2, Storage: storage, Logger: slog.New(slog.NewTextHandler(&log, nil)),
	})
	before := s.Stats().PIDs
	victim := begin(t, s, "a.bin", 4000)
	write(t, victim, strings.Repeat("QUJD", 500))
	killed := busy(s)
	require.Len(t, killed, 1)
	survivor := begin(t, s, "b.bin", 4)
	eventually(t, func() bool { return len(files(t, storage)) == 2 }, "two uploads are under way")

	require.NoError(t, unix.Kill(killed[0].PID, unix.SIGKILL))
	_, err := io.ReadAll(victim)
	assert.NotErrorIs(t, err, os.ErrDeadlineExceeded)
	eventually(t, func() bool {
		now := s.Stats().PerWorker[killed[0].Worker]
		return now.PID != killed[0].PID && now.State == "idle"
	}, "it is replaced")
	assert.Len(t, files(t, storage), 1, "its file is removed")
	write(t, survivor, "QUJD")
	expect(t, survivor, complete)
	assert.Equal(t, map[string]string{"b.bin": "ABC"}, files(t, storage))

	eventually(t, func() bool { return len(busy(s)) == 0 }, "")
	stats := s.Stats()
	assert.EqualValues(t, 1, stats.Restarts)
	assert.Equal(t, map[protocol.Op]protocol.Ends{"upload": {OK: 1, Failed: map[protocol.Reason]int64{"worker died": 1}}}, stats.Total().Ops)
	assert.NotContains(t, stats.PIDs, killed[0].PID)
	assert.Equal(t, before[0], stats.PIDs[0])
	assert.Contains(t, log.String(), `msg="a worker died and is replaced" worker=`)
	assert.Contains(t, log.String(), `end="signal: killed"`)
}

// Killing an idle worker costs nothing.
func TestIdleWorkerKilled(t *testing.T) {
	t.Parallel()
	s := servertest.Start(t, server.Config{Pool: server.Process, Workers: 1})
	assert.Equal(t, ready+complete, ask(t, s, uploadOf("a.bin", "hello")))
	eventually(t, func() bool { return len(busy(s)) == 0 }, "")
	require.NoError(t, unix.Kill(s.Stats().PIDs[1], unix.SIGKILL))
	assert.Equal(t, "OK 5\r\n\r\nhello", ask(t, s, "GET a.bin\r\n\r\n"), "the connection waits for the new worker")
	assert.EqualValues(t, 1, s.Stats().Restarts)
	assert.Nil(t, s.Stats().Total().Ops["upload"].Failed)
}

// loader uploads and downloads a file, and checks that each download is one of its
// versions, whole.
type loader struct {
	versions, requests []string
	known              string // the version that is stored; empty if it may be either
	ok, failed         int64
}

// newLoader stores the file.
func newLoader(t *testing.T, s *server.Server, name string) *loader {
	const size = 3 << 20
	versions := []string{strings.Repeat("A", size), strings.Repeat("B", size)}
	l := &loader{versions: versions, known: versions[1],
		requests: []string{uploadOf(name, versions[0]), uploadOf(name, versions[1]), "GET " + name + "\r\n\r\n"}}
	require.Equal(t, ready+complete, ask(t, s, l.requests[1]))
	return l
}

func (l *loader) run(t *testing.T, s *server.Server, stop <-chan struct{}) {
	for i := 0; ; i++ {
		select {
		case <-stop:
			return
		default:
		}
		answer, err := exchange(s, l.requests[i%3])
		upload := i%3 < 2
		_, body, _ := strings.Cut(answer, "\r\n\r\n")
		switch {
		case upload && err == nil && answer == ready+complete:
			l.ok++
			l.known = l.versions[i%3]
		case upload:
			l.failed++
			l.known = ""
		case err == nil && len(body) == len(l.versions[0]):
			l.ok++
			assert.True(t, body == l.known || l.known == "" && slices.Contains(l.versions, body), "wrong bytes")
		default:
			l.failed++
		}
	}
}

// exchange is ask that may fail.
func exchange(s *server.Server, request string) (string, error) {
	conn, err := net.Dial("tcp", s.Addr().String())
	if err != nil {
		return "", err
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(20 * time.Second)); err != nil {
		return "", err
	}
	if _, err := io.WriteString(conn, request); err != nil {
		return "", err
	}
	answer, err := io.ReadAll(conn)
	return string(answer), err
}

// Workers that are killed under load, over and over, are all replaced, and every transfer
// that they took with them is counted. With the race detector a process takes a tenth of a
// second to start, so fewer are killed.
func TestManyWorkersKilled(t *testing.T) {
	const workers = 4
	kills := 60
	if testing.Short() {
		kills = 20
	}
	descriptors := func() int {
		entries, err := os.ReadDir("/proc/self/fd")
		require.NoError(t, err)
		return len(entries)
	}
	storage := t.TempDir()
	s := servertest.Start(t, server.Config{Pool: server.Process, Workers: workers, Storage: storage})
	var loaders []*loader
	var clients sync.WaitGroup
	stop := make(chan struct{})
	for i := range 3 {
		l := newLoader(t, s, fmt.Sprintf("file%d", i))
		loaders = append(loaders, l)
		clients.Go(func() { l.run(t, s, stop) })
	}
	open := descriptors()
	killed := 0
	for killed < kills {
		var victims []protocol.WorkerStats
		eventually(t, func() bool { victims = busy(s); return len(victims) > 0 }, "nobody is busy")
		victims = victims[:min(len(victims), kills-killed)]
		for _, victim := range victims {
			require.NoError(t, unix.Kill(victim.PID, unix.SIGKILL))
			killed++
		}
		eventually(t, func() bool {
			return !slices.ContainsFunc(victims, func(victim protocol.WorkerStats) bool {
				now := s.Stats().PerWorker[victim.Worker]
				return now.PID == victim.PID || now.State != "idle" && now.State != "busy"
			})
		}, "one is not replaced")
	}
	close(stop)
	clients.Wait()
	eventually(t, func() bool { return len(busy(s)) == 0 }, "")

	var ok, failed int64
	for _, l := range loaders {
		ok, failed = ok+l.ok, failed+l.failed
	}
	stats := s.Stats()
	assert.EqualValues(t, kills, stats.Restarts)
	assert.Len(t, stats.PIDs, 1+workers)
	var died int64
	for _, ends := range stats.Total().Ops {
		died += ends.Failed["worker died"]
	}
	// A worker may be killed after its client has got the answer and before the op is
	// counted, so more may have died than failed. It may also be killed between
	// accepting a connection and counting that, which are microseconds apart.
	assert.LessOrEqual(t, failed, died+2, "ops failed that nobody counted")
	assert.LessOrEqual(t, died, int64(kills))
	assert.Positive(t, ok)
	assert.Positive(t, died, "none was killed at work")
	assert.Len(t, files(t, storage), 3, "no temporary file is left")
	assert.LessOrEqual(t, descriptors(), open+1, "descriptors were leaked")
}

func TestResize(t *testing.T) {
	t.Parallel()
	s := servertest.Start(t, server.Config{Pool: server.Process, Workers: 1})
	states := func() (states []protocol.State) {
		for _, w := range s.Stats().PerWorker {
			states = append(states, w.State)
		}
		return states
	}
	conn := begin(t, s, "a.bin", 4)
	waiting := dial(t, s)
	write(t, waiting, uploadOf("b.bin", "hello"))
	eventually(t, func() bool { return s.Stats().Queue == 1 }, "")
	require.NoError(t, s.Resize(3))
	expect(t, waiting, ready+complete)
	assert.Equal(t, 3, s.Stats().Workers)
	eventually(t, func() bool { return slices.Equal(states(), []protocol.State{"busy", "idle", "idle"}) }, "")

	require.NoError(t, s.Resize(1))
	eventually(t, func() bool { return len(s.Stats().PIDs) == 2 }, "")
	write(t, conn, "QUJD")
	expect(t, conn, complete)
	eventually(t, func() bool { return states()[0] == "idle" }, "")
	assert.EqualValues(t, 2, s.Stats().Total().Ops["upload"].OK, "nothing that was counted is lost")
	assert.Zero(t, s.Stats().Restarts)

	assert.EqualError(t, s.Resize(0), "server: prefork: 0 workers: want 1 to 1024")
	other := servertest.Start(t, server.Config{Pool: server.Thread})
	assert.EqualError(t, other.Resize(2), "server: a pool of threads keeps its number of workers; one of processes can change it")
}

// A surplus worker serves the client that it has, even if its request has not come yet.
func TestResizeLosesNobody(t *testing.T) {
	t.Parallel()
	s := servertest.Start(t, server.Config{Pool: server.Process, Workers: 2})
	first, second := dial(t, s), dial(t, s)
	eventually(t, func() bool { return len(busy(s)) == 2 }, "both have a worker")
	require.NoError(t, s.Resize(1))
	eventually(t, func() bool { return s.Stats().PerWorker[1].State == "stopping" }, "")
	for i, conn := range []net.Conn{first, second} {
		write(t, conn, uploadOf(fmt.Sprint(i), "hello"))
		expect(t, conn, ready+complete)
	}
	eventually(t, func() bool { return len(s.Stats().PIDs) == 2 }, "")
	require.NoError(t, s.Shutdown(context.Background()))
	assert.Equal(t, server.ErrClosed, s.Resize(1))
}

// A replaced worker serves the same folder as the others, whatever is at its path by then.
func TestWorkersKeepTheirStorage(t *testing.T) {
	t.Parallel()
	storage := filepath.Join(t.TempDir(), "storage")
	require.NoError(t, os.Mkdir(storage, 0o755))
	s := servertest.Start(t, server.Config{Pool: server.Process, Storage: storage})
	require.NoError(t, os.Rename(storage, storage+".old"))
	require.NoError(t, os.Mkdir(storage, 0o755))
	require.NoError(t, unix.Kill(s.Stats().PIDs[1], unix.SIGKILL))
	assert.Equal(t, ready+complete, ask(t, s, uploadOf("a.bin", "hello")))
	assert.Equal(t, map[string]string{"a.bin": "hello"}, files(t, storage+".old"))
	assert.Empty(t, files(t, storage))
}

// The log of worker processes is the server's.
func TestWorkersLog(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		level slog.Level
		lines int
	}{{slog.LevelInfo, 2}, {slog.LevelWarn, 1}, {slog.LevelError, 0}} {
		t.Run(row.level.String(), func(t *testing.T) {
			var log syncBuffer
			s := servertest.Start(t, server.Config{
				Pool: server.Process, Logger: slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: row.level})),
			})
			ask(t, s, uploadOf("a.bin", "hello"))
			ask(t, s, "GET b.bin\r\n\r\n")
			require.NoError(t, s.Shutdown(context.Background()))
			assert.Equal(t, row.lines, strings.Count(log.String(), "\n"), log.String())
			if row.level == slog.LevelInfo {
				assert.Regexp(t, `level=INFO msg=transfer op=upload name=a\.bin bytes=8 took=[\d.]+[mµ]?s worker=0 client=127\.0\.0\.1:\d+ end=ok\n`, log.String())
			}
		})
	}
}

// A program that was started as a worker and cannot be one ends, and does not go on as if a
// user had started it.
func TestWorkerThatCannotJoin(t *testing.T) {
	t.Parallel()
	for _, row := range []struct{ told, want string }{
		{"{", "prefork: POOLBENCH_WORKER: unexpected end of JSON input\n"},
		{"{}", "prefork: getsockname: "},
	} {
		cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^$")
		cmd.Env = append(os.Environ(), "POOLBENCH_WORKER="+row.told)
		output, err := cmd.CombinedOutput()
		assert.EqualError(t, err, "exit status 1")
		assert.True(t, strings.HasPrefix(string(output), row.want), "%s", output)
	}
}

// syncBuffer is a log that is read while it is written.
type syncBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *syncBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *syncBuffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}
