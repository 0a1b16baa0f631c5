package main

import (
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"poolbench/server"
	"poolbench/server/servertest"
)

// forEachPool runs a test against a server of each pool, all pools in parallel.
func forEachPool(t *testing.T, test func(t *testing.T, p *process), args ...string) {
	t.Helper()
	t.Parallel()
	for _, pool := range server.Pools() {
		t.Run(string(pool), func(t *testing.T) {
			t.Parallel()
			test(t, serve(t, append([]string{"--pool", string(pool)}, args...)...))
		})
	}
}

func TestDrain(t *testing.T) {
	forEachPool(t, func(t *testing.T, p *process) {
		conn := p.begin(t, "a.bin")
		p.signal(t, syscall.SIGTERM)
		p.await(t, `poolserver: terminated: no more connections are taken; busy workers: 1, which have up to 1m0s\n`)
		require.Eventually(t, func() bool {
			other, err := net.Dial("tcp", p.addr)
			if err == nil {
				_ = other.Close()
			}
			return err != nil
		}, guard, time.Millisecond, "it still takes connections")
		write(t, conn, "QUJD")
		expect(t, conn, stored)
		assert.Equal(t, drained, p.status(t))
		assert.Regexp(t, `poolserver: stopped after \d+s: requests ok 1, failed \d+\n$`, p.said(t))
		assert.Equal(t, []string{"a.bin"}, names(t, p.storage))
	}, "--drain-timeout=1m")
}

// Transfers that do not end are cut off, and leave no file.
func TestCutOff(t *testing.T) {
	for _, row := range []struct {
		name, timeout string
		signals       int
		want          string
	}{
		{"timeout", "50ms", 1, "not drained within 50ms: what was left was cut off"},
		{"second signal", "1h", 2, "not drained before the second signal: what was left was cut off"},
	} {
		t.Run(row.name, func(t *testing.T) {
			forEachPool(t, func(t *testing.T, p *process) {
				p.begin(t, "a.bin")
				require.Eventually(t, func() bool { return len(names(t, p.storage)) == 1 }, guard, time.Millisecond, "a temporary file")
				for range row.signals {
					p.signal(t, os.Interrupt)
					p.await(t, "poolserver: interrupt: no more")
				}
				assert.Equal(t, cutOff, p.status(t))
				assert.True(t, strings.HasSuffix(p.said(t), "poolserver: "+row.want+"\n"), p.said(t))
				assert.Contains(t, p.said(t), "requests ok 0, failed 1\n")
				assert.Empty(t, names(t, p.storage))
			}, "--drain-timeout", row.timeout)
		})
	}
}

// As logrotate does it: the file is renamed, and the server gets a signal.
func TestReopenLog(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "logs")
	require.NoError(t, os.Mkdir(dir, 0o755))
	log, old := filepath.Join(dir, "log"), filepath.Join(dir, "log.1")
	p := serve(t, "--pool=process", "--log", log)
	lines := func(path string) (lines []string) {
		text, err := os.ReadFile(path)
		require.NoError(t, err)
		for line := range strings.Lines(string(text)) {
			_, message, _ := strings.Cut(line, "msg=")
			lines = append(lines, strings.Trim(strings.Fields(message)[0], `"`))
		}
		return lines
	}
	request := "GET missing\r\n\r\n"
	require.NotEmpty(t, p.ask(t, request))
	logged := func(path string, want ...string) {
		t.Helper()
		require.Eventually(t, func() bool { return slices.Equal(want, lines(path)) }, guard, time.Millisecond, "%s: %v", path, want)
	}
	logged(log, "serving", "transfer")

	require.NoError(t, os.Rename(log, old))
	p.signal(t, syscall.SIGHUP)
	p.await(t, "poolserver: SIGHUP: opened the log anew\n")
	require.NotEmpty(t, p.ask(t, request))
	logged(log, "SIGHUP:", "transfer")
	logged(old, "serving", "transfer")

	// If it cannot be opened, the old one goes on.
	require.NoError(t, os.Rename(dir, dir+".1"))
	p.signal(t, syscall.SIGHUP)
	p.await(t, "poolserver: SIGHUP: cannot open the log anew, so the old one goes on: open "+log+": no such file or directory\n")
	require.NotEmpty(t, p.ask(t, request))
	logged(filepath.Join(dir+".1", "log"), "SIGHUP:", "transfer", "SIGHUP:", "transfer")
}

// The server outlives its terminal.
func TestHangUpWithoutLog(t *testing.T) {
	t.Parallel()
	p := serve(t)
	p.signal(t, syscall.SIGHUP)
	p.await(t, "poolserver: SIGHUP: the log is standard error, which cannot be opened anew\n")
	assert.Equal(t, ready+stored, p.ask(t, "UPLOAD a.bin 4\r\n\r\nQUJD"))
}

func TestResize(t *testing.T) {
	t.Parallel()
	p := serve(t, "--pool=process", "--workers=1")
	for _, step := range []struct {
		signal  os.Signal
		said    string
		workers int
	}{
		{syscall.SIGTTIN, "SIGTTIN: workers 2", 2},
		{syscall.SIGTTIN, "SIGTTIN: workers 3", 3},
		{syscall.SIGTTOU, "SIGTTOU: workers 2", 2},
		{syscall.SIGTTOU, "SIGTTOU: workers 1", 1},
		{syscall.SIGTTOU, "SIGTTOU: server: prefork: 0 workers: want 1 to 1024", 1},
	} {
		p.signal(t, step.signal)
		p.await(t, "poolserver: "+step.said+"\n")
		require.Eventually(t, func() bool { return len(p.children(t)) == step.workers }, guard, time.Millisecond, step.said)
	}
	other := serve(t, "--pool=thread")
	other.signal(t, syscall.SIGTTIN)
	other.await(t, "poolserver: SIGTTIN: server: a pool of threads keeps its number of workers; one of processes can change it\n")
	assert.Equal(t, 5, other.stats(t).Workers)
}

// No worker outlives its server, however that ends.
func TestKilled(t *testing.T) {
	t.Parallel()
	p := serve(t, "--pool=process", "--workers=3")
	pids := p.stats(t).PIDs
	require.Len(t, pids, 4)
	assert.Equal(t, p.cmd.Process.Pid, pids[0])
	var handles []int
	for _, pid := range pids[1:] {
		fd, err := unix.PidfdOpen(pid, 0)
		require.NoError(t, err)
		defer unix.Close(fd)
		handles = append(handles, fd)
	}
	p.signal(t, os.Kill)
	p.status(t)
	for _, handle := range handles {
		assert.True(t, servertest.Ended(t, handle, guard), "a worker is still alive")
	}
}

// A server whose workers die too often gives up, and says so.
func TestWorkersDieTooOften(t *testing.T) {
	if testing.Short() {
		t.Skip("it starts four hundred processes")
	}
	log := filepath.Join(t.TempDir(), "log")
	p := serve(t, "--pool=process", "--workers=40", "--log", log)
	require.Eventually(t, func() bool {
		for _, pid := range p.children(t) {
			_ = unix.Kill(pid, unix.SIGKILL) // may be dead already
		}
		select {
		case <-p.done:
			return true
		default:
			return false
		}
	}, guard, time.Millisecond)
	assert.Equal(t, failed, p.status(t))
	assert.Regexp(t, `\npoolserver: server: prefork: worker \d+: .*signal: killed\)?; it is not replaced, as 400 workers have been within 1m0s\n$`, p.said(t))
	text, err := os.ReadFile(log)
	require.NoError(t, err)
	assert.Regexp(t, `level=ERROR msg=ended error=".*it is not replaced`, string(text))
}

// The server notifies systemd of its start and its end, and its workers do not.
func TestNotify(t *testing.T) {
	t.Parallel()
	name := filepath.Join(t.TempDir(), "notify")
	socket, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: name, Net: "unixgram"})
	require.NoError(t, err)
	defer socket.Close()
	require.NoError(t, socket.SetDeadline(time.Now().Add(guard)))
	p := launch(t, "--pool=process")
	p.cmd.Env = append(p.cmd.Env, "NOTIFY_SOCKET="+name)
	p.start(t)
	heard := func() string {
		message := make([]byte, 4096)
		n, err := socket.Read(message)
		require.NoError(t, err)
		return string(message[:n])
	}
	assert.Regexp(t, `^READY=1\nSTATUS=serving on 127\.0\.0\.1:\d+, pool process, workers 5, storage /\S+$`, heard())
	p.signal(t, syscall.SIGTERM)
	assert.Equal(t, "STOPPING=1", heard())
	assert.Equal(t, drained, p.status(t))
	require.NoError(t, socket.SetDeadline(time.Now()))
	_, err = socket.Read(make([]byte, 1))
	assert.ErrorIs(t, err, os.ErrDeadlineExceeded, "nothing else was said")
}
