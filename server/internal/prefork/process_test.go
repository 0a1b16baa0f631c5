package prefork

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"strings"
	"sync/atomic"
	"testing"
	"time"
	"unsafe"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
	"golang.org/x/sys/unix"
)

// supervising, in the environment, makes this program a supervisor that a test
// can kill.
const supervising = "PREFORK_TEST_SUPERVISOR"

func TestMain(m *testing.M) {
	worker, err := Join()
	switch {
	case err != nil:
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	case worker != nil:
		os.Exit(work(worker))
	case os.Getenv(supervising) != "":
		os.Exit(supervise())
	}
	// A process with the race detector sleeps for a second before it ends.
	_ = os.Setenv("GORACE", "atexit_sleep_ms=0")
	goleak.VerifyTestMain(m)
}

// work answers each connection with its slot and process number, and keeps it until the
// client closes.
func work(w *Worker) int {
	payload := string(w.Payload)
	if payload == "unable" {
		_ = w.Ready(errors.New("no storage"))
		return 1
	}
	if payload == "panic" {
		panic("at the disco")
	}
	if w.Shared != nil {
		memory, err := unix.Mmap(int(w.Shared[0].Fd()), 0, os.Getpagesize(), unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED)
		if err != nil {
			_ = w.Ready(err)
			return 1
		}
		w.Listener.CountWakeUps(&counters(memory)[w.Slot])
	}
	go func() {
		<-w.Retire
		_ = w.Listener.Close()
		<-w.Quit
		os.Exit(3)
	}()
	_ = w.Ready(nil)
	for {
		conn, _, err := w.Listener.AcceptTCP()
		if err != nil {
			return 0
		}
		fmt.Fprintf(conn, "%d %d\n", w.Slot, os.Getpid())
		_, _ = io.Copy(io.Discard, conn)
		_ = conn.Close()
	}
}

func counters(memory []byte) []atomic.Int64 {
	return unsafe.Slice((*atomic.Int64)(unsafe.Pointer(&memory[0])), len(memory)/8)
}

// real starts real workers.
func real(t testing.TB, config Config) (*Supervisor, *Listener) {
	t.Helper()
	l := listener(t)
	config.Listener, config.MaxWorkers = l, max(config.Workers, config.MaxWorkers)
	if config.Output == nil {
		config.Output = func(_ int, r io.Reader) { _, _ = io.Copy(os.Stderr, r) }
	}
	s, err := Start(t.Context(), config)
	require.NoError(t, err)
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		assert.NoError(t, s.Shutdown(ctx))
	})
	return s, l
}

// served is a connection that has a worker.
type served struct {
	net.Conn
	slot, pid int
}

func connect(t testing.TB, l *Listener) served {
	t.Helper()
	conn, err := net.Dial("tcp", l.Addr().String())
	require.NoError(t, err)
	t.Cleanup(func() { _ = conn.Close() })
	require.NoError(t, conn.SetDeadline(time.Now().Add(20*time.Second)))
	s := served{Conn: conn}
	_, err = fmt.Fscanln(bufio.NewReader(conn), &s.slot, &s.pid)
	require.NoError(t, err)
	return s
}

// alive reports whether a process is still alive after a time.
func alive(t testing.TB, pid int, within time.Duration) bool {
	t.Helper()
	fd, err := unix.PidfdOpen(pid, 0)
	if errors.Is(err, unix.ESRCH) {
		return false
	}
	require.NoError(t, err)
	defer unix.Close(fd)
	n, err := 0, error(unix.EINTR)
	for errors.Is(err, unix.EINTR) { // by the end of some other child
		n, err = unix.Poll([]unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}, int(within/time.Millisecond))
	}
	require.NoError(t, err)
	return n == 0
}

// Each connection gets a worker of its own, which drains when it is told to.
func TestRealWorkers(t *testing.T) {
	before := descriptors(t)
	t.Run("serve", func(t *testing.T) {
		s, l := real(t, Config{Workers: 3})
		pids := map[int]bool{}
		var conns []served
		for range 3 {
			conn := connect(t, l)
			pids[conn.pid] = true
			conns = append(conns, conn)
		}
		assert.Len(t, pids, 3)
		for _, status := range statuses(s) {
			assert.True(t, pids[status.PID])
			assert.Equal(t, Serving, status.State)
		}
		down := make(chan error)
		go func() { down <- s.Shutdown(context.Background()) }()
		for i, conn := range conns {
			assert.Eventually(t, func() bool { return len(statuses(s)) == 3-i }, 10*time.Second, time.Millisecond)
			require.NoError(t, conn.Close())
		}
		assert.NoError(t, <-down)
		for pid := range pids {
			assert.False(t, alive(t, pid, 0))
		}
	})
	assert.Equal(t, before, descriptors(t))
}

// A worker has the supervisor's environment, in which Env replaces what it names.
func TestEnvironment(t *testing.T) {
	t.Setenv("PREFORK_TEST_REPLACED", "before")
	t.Setenv("PREFORK_TEST_KEPT", "as it was")
	s, _ := real(t, Config{Workers: 1, Env: []string{"PREFORK_TEST_REPLACED=now"}})
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/environ", statuses(s)[0].PID))
	require.NoError(t, err)
	var got []string
	for _, line := range strings.Split(string(text), "\x00") {
		if strings.HasPrefix(line, "PREFORK_TEST_") {
			got = append(got, line)
		}
	}
	assert.ElementsMatch(t, []string{"PREFORK_TEST_REPLACED=now", "PREFORK_TEST_KEPT=as it was"}, got)
}

// A worker whose connection does not end is ended.
func TestRealWorkersAreCutOff(t *testing.T) {
	s, l := real(t, Config{Workers: 2})
	conn := connect(t, l)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	assert.ErrorIs(t, s.Shutdown(ctx), context.Canceled)
	_, err := io.ReadAll(conn)
	assert.NotErrorIs(t, err, os.ErrDeadlineExceeded)
}

func TestRealWorkerThatCannotStart(t *testing.T) {
	before := descriptors(t)
	for _, row := range []struct{ payload, want string }{
		{"unable", "no storage (exit status 1)"},
		{"panic", "ended before it was ready (exit status 2)"},
	} {
		t.Run(row.payload, func(t *testing.T) {
			l := listener(t)
			var output strings.Builder
			_, err := Start(t.Context(), Config{Workers: 1, MaxWorkers: 1, Listener: l, Payload: []byte(row.payload),
				Output: func(_ int, r io.Reader) { _, _ = io.Copy(&output, r) }})
			assert.EqualError(t, err, "prefork: worker 0: "+row.want)
			assert.Equal(t, row.payload == "panic", strings.Contains(output.String(), "panic: at the disco"))
		})
	}
	assert.Equal(t, before, descriptors(t))
}

// Passing the socket to another worker must not make it blocking for the others: a worker
// that waits for a connection would not hear the order to drain.
func TestSocketStaysNonBlocking(t *testing.T) {
	s, l := real(t, Config{Workers: 2})
	first, second := statuses(s)[0].PID, statuses(s)[1].PID
	require.NoError(t, unix.Kill(first, unix.SIGKILL))
	assert.Eventually(t, func() bool {
		status := statuses(s)
		return len(status) == 2 && status[0].PID != first && status[0].State == Serving
	}, 10*time.Second, time.Millisecond, "it is replaced")
	flags, err := unix.FcntlInt(uintptr(l.fd), unix.F_GETFL, 0)
	require.NoError(t, err)
	assert.NotZero(t, flags&unix.O_NONBLOCK)

	require.NoError(t, s.Resize(1))
	assert.False(t, alive(t, second, 10*time.Second), "the sibling does not hear that it is to end")
	assert.Zero(t, connect(t, l).slot, "the one that was replaced serves")
}

// One connection wakes one of fifty waiting workers.
func TestOneConnectionWakesOneWorker(t *testing.T) {
	const workers = 50
	fd, err := unix.MemfdCreate("wake-ups", unix.MFD_CLOEXEC)
	require.NoError(t, err)
	defer unix.Close(fd)
	require.NoError(t, unix.Ftruncate(fd, int64(os.Getpagesize())))
	memory, err := unix.Mmap(fd, 0, os.Getpagesize(), unix.PROT_READ, unix.MAP_SHARED)
	require.NoError(t, err)
	defer func() { assert.NoError(t, unix.Munmap(memory)) }()

	began := time.Now()
	s, l := real(t, Config{Workers: workers, Shared: []int{fd}})
	t.Logf("%d workers were ready in %v", workers, time.Since(began))
	sum := func() (n int64) {
		for i := range workers {
			n += counters(memory)[i].Load()
		}
		return n
	}
	const connections = 20
	for range connections {
		require.NoError(t, connect(t, l).Close())
	}
	// The worker of the connection before, about to wait, may see the next one before
	// the worker that was woken for it has accepted it.
	assert.GreaterOrEqual(t, sum(), int64(connections))
	assert.LessOrEqual(t, sum(), int64(2*connections))
	t.Logf("%d connections were %d wake-ups", connections, sum())
	// All of them still serve.
	slots := map[int]bool{}
	for range workers {
		slots[connect(t, l).slot] = true
	}
	assert.Len(t, slots, workers)
	assert.Len(t, statuses(s), workers)
}

// supervise runs a supervisor that prints its workers, and waits.
func supervise() int {
	tcp, err := net.ListenTCP("tcp", &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		return 1
	}
	l, err := Share(tcp)
	if err != nil {
		return 1
	}
	s, err := Start(context.Background(), Config{Workers: 5, MaxWorkers: 5, Listener: l,
		Output: func(_ int, r io.Reader) { _, _ = io.Copy(os.Stderr, r) }})
	if err != nil {
		return 1
	}
	_ = json.NewEncoder(os.Stdout).Encode(map[string]any{"addr": l.Addr().String(), "workers": statuses(s)})
	<-s.Done()
	return 0
}

// Workers end with their supervisor, even during their work.
func TestWorkersEndWithTheirSupervisor(t *testing.T) {
	self, err := os.Executable()
	require.NoError(t, err)
	cmd := exec.Command(self)
	cmd.Env = append(os.Environ(), supervising+"=1")
	cmd.Stderr = os.Stderr
	stdout, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	var said struct {
		Addr    string
		Workers []Status
	}
	require.NoError(t, json.NewDecoder(stdout).Decode(&said))
	require.Len(t, said.Workers, 5)
	conn, err := net.Dial("tcp", said.Addr)
	require.NoError(t, err)
	defer conn.Close()
	_, err = bufio.NewReader(conn).ReadString('\n')
	require.NoError(t, err)

	require.NoError(t, cmd.Process.Kill())
	_ = cmd.Wait() // "signal: killed"
	began := time.Now()
	for _, worker := range said.Workers {
		assert.False(t, alive(t, worker.PID, 10*time.Second), "a worker outlives its supervisor")
	}
	t.Logf("the last worker was gone %v after its supervisor", time.Since(began))
}

// Workers ignore the signals that end a whole job.
func TestWorkersLeaveSignalsToTheSupervisor(t *testing.T) {
	s, l := real(t, Config{Workers: 1})
	pid := statuses(s)[0].PID
	for _, sig := range []unix.Signal{unix.SIGINT, unix.SIGQUIT, unix.SIGTERM, unix.SIGHUP, unix.SIGUSR1, unix.SIGUSR2} {
		require.NoError(t, unix.Kill(pid, sig))
	}
	conn := connect(t, l)
	assert.Equal(t, pid, conn.pid)
}
