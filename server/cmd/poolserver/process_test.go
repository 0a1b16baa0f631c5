package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"poolbench/protocol"
)

// TestMain makes the test binary the command, and its workers, too.
func TestMain(m *testing.M) {
	if os.Getenv("POOLSERVER_MAIN") != "" {
		main()
	}
	goleak.VerifyTestMain(m)
}

// guard bounds the wait for something that will come.
const guard = 20 * time.Second

const (
	ready  = "OK Ready to receive\r\n\r\n"
	stored = "OK Upload complete\r\n\r\n"
)

// process is a poolserver in a process of its own.
type process struct {
	cmd     *exec.Cmd
	storage string
	addr    string // empty until it has been awaited
	done    chan struct{}

	mu     sync.Mutex
	stderr strings.Builder
	more   chan struct{} // closed when there is more in stderr
}

// Write receives the process's standard error.
func (p *process) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	close(p.more)
	p.more = make(chan struct{})
	return p.stderr.Write(b)
}

// launch starts a poolserver with a storage of its own and a free port.
func launch(t *testing.T, args ...string) *process {
	t.Helper()
	p := &process{storage: t.TempDir(), done: make(chan struct{}), more: make(chan struct{})}
	p.cmd = exec.CommandContext(t.Context(), os.Args[0], append([]string{"--port=0", "--storage", p.storage}, args...)...)
	// A process with the race detector sleeps for a second before it ends.
	p.cmd.Env, p.cmd.Stderr = append(os.Environ(), "POOLSERVER_MAIN=1", "GORACE=atexit_sleep_ms=0"), p
	return p
}

// serve starts a poolserver and returns when it serves.
func serve(t *testing.T, args ...string) *process {
	t.Helper()
	return launch(t, args...).start(t)
}

func (p *process) start(t *testing.T) *process {
	t.Helper()
	require.NoError(t, p.cmd.Start())
	go func() {
		_ = p.cmd.Wait() // its status is read
		close(p.done)
	}()
	t.Cleanup(func() {
		_ = p.cmd.Process.Kill()
		<-p.done
	})
	p.addr = p.await(t, `poolserver: serving on (\S+),`)[1]
	return p
}

// await waits until the process has written a pattern, and returns the match.
func (p *process) await(t *testing.T, pattern string) []string {
	t.Helper()
	said := regexp.MustCompile(pattern)
	for late := time.After(guard); ; {
		p.mu.Lock()
		text, more := p.stderr.String(), p.more
		p.mu.Unlock()
		if match := said.FindStringSubmatch(text); match != nil {
			return match
		}
		select {
		case <-more:
		case <-late:
			require.Failf(t, "not said", "%s in %q", pattern, text)
		}
	}
}

func (p *process) signal(t *testing.T, sig os.Signal) {
	t.Helper()
	require.NoError(t, p.cmd.Process.Signal(sig))
}

// status waits for the end and returns the exit status.
func (p *process) status(t *testing.T) int {
	t.Helper()
	select {
	case <-p.done:
	case <-time.After(guard):
		require.Fail(t, "it does not end")
	}
	return p.cmd.ProcessState.ExitCode()
}

// said returns what the process has written until its end.
func (p *process) said(t *testing.T) string {
	t.Helper()
	p.status(t)
	return p.stderr.String()
}

func (p *process) dial(t *testing.T) *net.TCPConn {
	t.Helper()
	conn, err := net.Dial("tcp", p.addr)
	require.NoError(t, err)
	require.NoError(t, conn.SetDeadline(time.Now().Add(guard)))
	t.Cleanup(func() { _ = conn.Close() })
	return conn.(*net.TCPConn)
}

// ask sends a request and returns all that comes back.
func (p *process) ask(t *testing.T, request string) string {
	t.Helper()
	conn := p.dial(t)
	write(t, conn, request)
	answer, err := io.ReadAll(conn)
	require.NoError(t, err)
	return string(answer)
}

// begin begins an upload of 4 bytes and sends none.
func (p *process) begin(t *testing.T, name string) *net.TCPConn {
	t.Helper()
	conn := p.dial(t)
	write(t, conn, "UPLOAD "+name+" 4\r\n\r\n")
	expect(t, conn, ready)
	return conn
}

func (p *process) stats(t *testing.T) (stats protocol.Stats) {
	t.Helper()
	_, body, _ := strings.Cut(p.ask(t, "STATS json\r\n\r\n"), "\r\n\r\n")
	require.NoError(t, json.Unmarshal([]byte(body), &stats))
	return stats
}

// children returns the server's worker processes. STATS would not do: a worker that is about
// to end does not answer.
func (p *process) children(t *testing.T) (pids []int) {
	t.Helper()
	// Each thread has its own list.
	lists, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", p.cmd.Process.Pid))
	require.NoError(t, err)
	for _, list := range lists {
		text, _ := os.ReadFile(list) // the thread may have ended
		for _, child := range strings.Fields(string(text)) {
			pid, err := strconv.Atoi(child)
			require.NoError(t, err)
			pids = append(pids, pid)
		}
	}
	return pids
}

func write(t *testing.T, conn net.Conn, text string) {
	t.Helper()
	_, err := io.WriteString(conn, text)
	require.NoError(t, err)
}

// expect reads as many bytes as are wanted, and compares them.
func expect(t *testing.T, conn net.Conn, want string) {
	t.Helper()
	got := make([]byte, len(want))
	_, err := io.ReadFull(conn, got)
	require.NoError(t, err)
	require.Equal(t, want, string(got))
}

// names returns the names in a folder.
func names(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	names := []string{}
	for _, entry := range entries {
		names = append(names, entry.Name())
	}
	return names
}
