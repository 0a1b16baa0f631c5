package child_test

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
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
	"golang.org/x/sys/unix"

	"poolbench/protocol"
	"poolbench/server"
	"poolbench/server/child"
	"poolbench/server/servertest"
)

// orphan, in the environment, makes the test binary a parent that a test can kill. It waits
// for the end of its input, starts a server with its storage in the folder named there,
// prints the server's process number and address, and waits.
const orphan = "CHILD_TEST_ORPHAN"

// forgetful, in the environment, makes the test binary a program that does not call Main.
const forgetful = "CHILD_TEST_FORGETFUL"

func TestMain(m *testing.M) {
	if os.Getenv(forgetful) != "" {
		os.Exit(7)
	}
	child.Main()
	if dir := os.Getenv(orphan); dir != "" {
		_, _ = io.Copy(io.Discard, os.Stdin)
		p, err := child.Start(context.Background(), config(dir))
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		fmt.Println(p.PID(), p.Addr())
		select {}
	}
	// A process with the race detector sleeps for a second before it ends.
	_ = os.Setenv("GORACE", "atexit_sleep_ms=0")
	goleak.VerifyTestMain(m)
}

func config(storageIn string) child.Config {
	return child.Config{
		Server:     server.Config{Addr: "127.0.0.1:0", Workers: 2},
		StorageIn:  storageIn,
		GOMAXPROCS: 3,
	}
}

// offer puts a file with five bytes into a server's storage.
func offer(t *testing.T, p *child.Process) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "a.bin")
	require.NoError(t, os.WriteFile(path, []byte("hello"), 0o644))
	require.NoError(t, p.Storage().Put(path))
}

// assertEmpty checks that a folder is empty.
func assertEmpty(t *testing.T, dir string) {
	t.Helper()
	left, err := os.ReadDir(dir)
	require.NoError(t, err)
	assert.Empty(t, left)
}

func ask(t *testing.T, addr, request string) string {
	t.Helper()
	conn, err := net.Dial("tcp", addr)
	require.NoError(t, err)
	defer conn.Close()
	_, err = io.WriteString(conn, request)
	require.NoError(t, err)
	answer, err := io.ReadAll(conn)
	require.NoError(t, err)
	return string(answer)
}

func TestStartProcess(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	p, err := child.Start(t.Context(), config(dir))
	require.NoError(t, err)
	offer(t, p)
	assert.Equal(t, dir, filepath.Dir(p.Storage().Dir()))
	assert.Equal(t, "OK 5\r\n\r\nhello", ask(t, p.Addr(), "GET a.bin\r\n\r\n"))

	var stats protocol.Stats
	_, body, _ := strings.Cut(ask(t, p.Addr(), "STATS json\r\n\r\n"), "\r\n\r\n")
	require.NoError(t, json.Unmarshal([]byte(body), &stats))
	assert.Equal(t, []int{p.PID()}, stats.PIDs)
	assert.NotEqual(t, os.Getpid(), p.PID())
	assert.Equal(t, 3, stats.GOMAXPROCS)

	require.NoError(t, p.Stop())
	assertEmpty(t, dir)
	assert.NoError(t, p.Stop(), "a second time is nothing")
}

func TestStartProcessErrors(t *testing.T) {
	t.Parallel()
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	for _, row := range []struct {
		name string
		ctx  context.Context
		edit func(*child.Config)
		want string
	}{
		{"the server's own word", t.Context(), func(c *child.Config) { c.Server.Pool = "fibre" },
			`child: start: server: unknown pool "fibre": known are thread, process, goroutine`},
		{"no folder for the log", t.Context(), func(c *child.Config) { c.Log = "/no/such/folder/log" },
			"child: start: open /no/such/folder/log: no such file or directory"},
		{"no folder for the storage", t.Context(), func(c *child.Config) { c.StorageIn = "/no/such/folder" },
			"child: start: child: storage: stat /no/such/folder: no such file or directory"},
		{"context ended", ended, func(*child.Config) {}, "context canceled"},
	} {
		t.Run(row.name, func(t *testing.T) {
			dir := t.TempDir()
			c := config(dir)
			row.edit(&c)
			_, err := child.Start(row.ctx, c)
			assert.ErrorContains(t, err, row.want)
			assertEmpty(t, dir)
		})
	}
}

func TestProcessThatIsKilled(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	p, err := child.Start(t.Context(), config(dir))
	require.NoError(t, err)
	require.NoError(t, unix.Kill(p.PID(), unix.SIGKILL))
	<-p.Done()
	assert.EqualError(t, p.Stop(), "child: the server had ended before it was stopped: signal: killed")
	assertEmpty(t, dir)
}

func TestProgramThatDoesNotCallMain(t *testing.T) {
	t.Setenv(forgetful, "1")
	_, err := child.Start(t.Context(), config(t.TempDir()))
	assert.EqualError(t, err, "child: start: the server's process ended before it was ready (exit status 7); does the program call child.Main?")
}

// A server that does not end is killed, and its storage removed.
func TestServerThatDoesNotEnd(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	c := config(dir)
	c.StopTimeout = 50 * time.Millisecond
	p, err := child.Start(t.Context(), c)
	require.NoError(t, err)
	require.NoError(t, unix.Kill(p.PID(), unix.SIGSTOP))
	assert.EqualError(t, p.Stop(), "child: the server did not end within 50ms and was killed")
	assertEmpty(t, dir)
}

// A server that cannot remove its storage ends badly.
func TestServerThatEndsBadly(t *testing.T) {
	t.Parallel()
	p, err := child.Start(t.Context(), config(t.TempDir()))
	require.NoError(t, err)
	busy := filepath.Join(p.Storage().Dir(), "busy")
	require.NoError(t, os.Mkdir(busy, 0o755))
	if err := unix.Mount("tmpfs", busy, "tmpfs", 0, "size=64k"); err != nil {
		require.NoError(t, p.Stop())
		t.Skip("cannot mount a filesystem here:", err)
	}
	err = p.Stop()
	assert.NoError(t, unix.Unmount(busy, 0))
	assert.ErrorContains(t, err, "child: the server ended badly: exit status 1")
}

// A signal for a whole job is for the program that started the server.
func TestProcessOutlivesSignalsOfItsJob(t *testing.T) {
	t.Parallel()
	p, err := child.Start(t.Context(), config(t.TempDir()))
	require.NoError(t, err)
	offer(t, p)
	for _, signal := range []unix.Signal{unix.SIGINT, unix.SIGQUIT, unix.SIGTERM, unix.SIGHUP} {
		require.NoError(t, unix.Kill(p.PID(), signal))
	}
	assert.Equal(t, "OK 5\r\n\r\nhello", ask(t, p.Addr(), "GET a.bin\r\n\r\n"))
	assert.NoError(t, p.Stop())
}

func TestLog(t *testing.T) {
	t.Parallel()
	c := config(t.TempDir())
	c.Log = filepath.Join(t.TempDir(), "log")
	p, err := child.Start(t.Context(), c)
	require.NoError(t, err)
	offer(t, p)
	ask(t, p.Addr(), "GET a.bin\r\n\r\n")
	require.NoError(t, p.Stop())
	log, err := os.ReadFile(c.Log)
	require.NoError(t, err)
	assert.Contains(t, string(log), "level=INFO msg=transfer op=download name=a.bin bytes=5")

	c.Log = filepath.Join(t.TempDir(), "empty")
	p, err = child.Start(t.Context(), c)
	require.NoError(t, err)
	assert.FileExists(t, c.Log)
	require.NoError(t, p.Stop())
	assert.NoFileExists(t, c.Log)
}

// The server and its storage are gone soon after its parent was killed, even during an
// upload.
func TestServerEndsWithItsParent(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	self, err := os.Executable()
	require.NoError(t, err)
	parent := exec.CommandContext(t.Context(), self)
	parent.Env = append(os.Environ(), orphan+"="+dir)
	parent.Stderr = os.Stderr
	stdout, err := parent.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, parent.Start())
	var (
		pid  int
		addr string
	)
	_, err = fmt.Fscan(bufio.NewReader(stdout), &pid, &addr)
	require.NoError(t, err)
	conn, err := net.Dial("tcp", addr)
	require.NoError(t, err)
	defer conn.Close()
	_, err = io.WriteString(conn, "UPLOAD b.bin 400\r\n\r\nQUJD")
	require.NoError(t, err)
	_, err = io.ReadFull(conn, make([]byte, len("OK Ready to receive\r\n\r\n")))
	require.NoError(t, err)

	server, err := unix.PidfdOpen(pid, 0)
	require.NoError(t, err)
	defer unix.Close(server)

	require.NoError(t, parent.Process.Kill())
	_ = parent.Wait() // "signal: killed"
	assert.True(t, servertest.Ended(t, server, 10*time.Second), "the server is still alive")
	assertEmpty(t, dir)
}

// A parent that is killed at the moment its server has created a storage leaves none.
func TestServerOfAParentThatWasKilledEarly(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	watch, err := unix.InotifyInit1(unix.IN_CLOEXEC)
	require.NoError(t, err)
	defer unix.Close(watch)
	_, err = unix.InotifyAddWatch(watch, dir, unix.IN_CREATE)
	require.NoError(t, err)
	for range 10 {
		parent := exec.CommandContext(t.Context(), os.Args[0])
		parent.Env = append(os.Environ(), orphan+"="+dir)
		// The server inherits this pipe, and holds it until it ends.
		r, w, err := os.Pipe()
		require.NoError(t, err)
		parent.ExtraFiles = []*os.File{w}
		require.NoError(t, parent.Start())
		require.NoError(t, w.Close())
		_, err = unix.Read(watch, make([]byte, unix.SizeofInotifyEvent+unix.NAME_MAX+1))
		require.NoError(t, err)
		require.NoError(t, parent.Process.Kill())
		_ = parent.Wait()
		_, err = io.Copy(io.Discard, r)
		require.NoError(t, err)
		require.NoError(t, r.Close())
		assertEmpty(t, dir)
	}
}

// The server is this program, whatever is at its path by now.
func TestProgramThatIsReplaced(t *testing.T) {
	t.Parallel()
	self, err := os.Executable()
	require.NoError(t, err)
	for _, row := range []struct {
		name    string
		replace func(path string) error
	}{
		{"removed", os.Remove},
		{"rebuilt", func(path string) error {
			return errors.Join(os.Remove(path), os.WriteFile(path, []byte("#!/bin/sh\nexit 7\n"), 0o755))
		}},
	} {
		t.Run(row.name, func(t *testing.T) {
			program := filepath.Join(t.TempDir(), "program")
			require.NoError(t, exec.CommandContext(t.Context(), "cp", self, program).Run())
			parent := exec.CommandContext(t.Context(), program)
			parent.Env = append(os.Environ(), orphan+"="+t.TempDir())
			parent.Stderr = os.Stderr
			stdin, err := parent.StdinPipe()
			require.NoError(t, err)
			stdout, err := parent.StdoutPipe()
			require.NoError(t, err)
			require.NoError(t, parent.Start())
			require.NoError(t, row.replace(program))
			require.NoError(t, stdin.Close())
			var (
				pid  int
				addr string
			)
			_, err = fmt.Fscan(stdout, &pid, &addr)
			require.NoError(t, err)
			assert.Equal(t, "ERROR File not found\r\n\r\n", ask(t, addr, "GET a.bin\r\n\r\n"))
			server, err := unix.PidfdOpen(pid, 0)
			require.NoError(t, err)
			defer unix.Close(server)
			require.NoError(t, parent.Process.Kill())
			_ = parent.Wait() // "signal: killed"
			// So that its storage is gone before the test's folder is removed.
			servertest.Ended(t, server, 10*time.Second)
		})
	}
}
