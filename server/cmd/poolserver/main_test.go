package main

import (
	"bytes"
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

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"poolbench/protocol"
)

// TestMain is also the command itself, and its workers.
func TestMain(m *testing.M) {
	if os.Getenv("POOLSERVER_MAIN") != "" {
		main()
	}
	goleak.VerifyTestMain(m)
}

// guard is how long a test waits for what is sure to come.
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

// Write takes what the process says.
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
	// The race detector lets each process sleep for a second before it ends.
	p.cmd.Env, p.cmd.Stderr = append(os.Environ(), "POOLSERVER_MAIN=1", "GORACE=atexit_sleep_ms=0"), p
	return p
}

// serve starts one and returns when it serves.
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

// await waits until the process has said something and returns the match.
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

// said is what the process has said until its end.
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

// ask sends a request with all that belongs to it and returns what comes back.
func (p *process) ask(t *testing.T, request string) string {
	t.Helper()
	conn := p.dial(t)
	write(t, conn, request)
	answer, err := io.ReadAll(conn)
	require.NoError(t, err)
	return string(answer)
}

// begin begins an upload of 4 bytes, "QUJD", which are missing.
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

// children are the server's processes. None of them has to be asked, which one
// that is about to end would not answer.
func (p *process) children(t *testing.T) (pids []int) {
	t.Helper()
	// Each thread has its own.
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

// expect reads so many bytes as are wanted.
func expect(t *testing.T, conn net.Conn, want string) {
	t.Helper()
	got := make([]byte, len(want))
	_, err := io.ReadFull(conn, got)
	require.NoError(t, err)
	require.Equal(t, want, string(got))
}

// names are the names of what is in a folder.
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

// call runs a command that is not expected to serve in this process.
func call(args ...string) (status int, stdout, stderr string) {
	var out, err bytes.Buffer
	status = run(args, nil, &out, &err)
	return status, out.String(), err.String()
}

// A wrong call is one line on standard error, and nothing is begun.
func TestMistakes(t *testing.T) {
	for _, row := range []struct {
		args []string
		want string
	}{
		{[]string{"start"}, `it takes flags only, and not "start": see poolserver --help`},
		{[]string{"--fast"}, "unknown flag: --fast"},
		{[]string{"--host=[::1]"}, `--host="[::1]" is not an address: write it like 0.0.0.0, ::1 or lab.example`},
		{[]string{"--port=99999"}, `invalid argument "99999" for "--port" flag`},
		{[]string{"--pool=fibre"}, `server: unknown pool "fibre": known are thread, process, goroutine`},
		{[]string{"--workers=0"}, "--workers=0: want one or more"},
		{[]string{"--workers=-3"}, "--workers=-3: want one or more"},
		{[]string{"--pool=process", "--workers=1025"}, "server: 1025 worker processes: want at most 1024"},
		{[]string{"--pool=process", "--worker-gomaxprocs=0"}, "--worker-gomaxprocs=0: want one or more"},
		{[]string{"--worker-gomaxprocs=2"}, "--worker-gomaxprocs is for --pool=process"},
		{[]string{"--storage="}, "--storage is empty: name a folder"},
		{[]string{"--max-upload=16"}, `--max-upload="16" is not a size of one byte or more: write it like 512MiB or 16GiB`},
		{[]string{"--max-upload=0B"}, `--max-upload="0B" is not a size of one byte or more`},
		{[]string{"--max-upload=-1GiB"}, `--max-upload="-1GiB" is not a size of one byte or more`},
		{[]string{"--max-upload=8EiB"}, `--max-upload="8EiB" is not a size of one byte or more`},
		{[]string{"--header-timeout=0s"}, "--header-timeout=0s is not a positive time: write it like 30s or 5m"},
		{[]string{"--idle-timeout=-1s"}, "--idle-timeout=-1s is not a positive time"},
		{[]string{"--transfer-timeout=0s"}, "--transfer-timeout=0s is not a positive time"},
		{[]string{"--drain-timeout=0s"}, "--drain-timeout=0s is not a positive time"},
		{[]string{"--drain-timeout=soon"}, `invalid argument "soon" for "--drain-timeout" flag`},
		{[]string{"--log-level=loud"}, `--log-level="loud" is unknown; known are debug, info, warn, error`},
		{[]string{"--metrics=9090"}, `--metrics="9090" is not a host and a port: write it like 127.0.0.1:9090`},
		{[]string{"--pprof"}, "--pprof needs --metrics=host:port, where it is to answer"},
		{[]string{"--pprof", "--metrics=0.0.0.0:0"}, "--pprof with --metrics=0.0.0.0:0 would let other machines look into the server: want a loopback address"},
	} {
		t.Run(strings.Join(row.args, " "), func(t *testing.T) {
			t.Chdir(t.TempDir())
			status, stdout, stderr := call(row.args...)
			assert.Equal(t, misused, status)
			assert.Empty(t, stdout)
			assert.True(t, strings.HasPrefix(stderr, "poolserver: "+row.want), stderr)
			assert.Equal(t, 1, strings.Count(stderr, "\n"), "one line: %s", stderr)
			assert.Empty(t, names(t, "."))
		})
	}
}

// What the machine does not allow is one line, too.
func TestCannotStart(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer taken.Close()
	_, port, err := net.SplitHostPort(taken.Addr().String())
	require.NoError(t, err)
	file := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(file, nil, 0o644))
	for _, row := range []struct {
		name string
		args []string
		want string
	}{
		{"port taken", []string{"--port", port}, "server: listen tcp 127.0.0.1:" + port + ": bind: address already in use"},
		{"port taken, processes", []string{"--port", port, "--pool=process"}, "server: listen tcp 127.0.0.1:" + port + ": bind: address already in use"},
		{"metrics' port taken", []string{"--port=0", "--metrics", taken.Addr().String()}, "metrics: listen tcp 127.0.0.1:" + port + ": bind: address already in use"},
		{"no such host", []string{"--host=nowhere.invalid"}, "server: lookup nowhere.invalid"},
		{"no such storage", []string{"--storage=missing"}, "the storage missing does not exist: make the folder, or name another with --storage"},
		{"storage is a file", []string{"--storage", file}, "server: storage: "},
		{"no folder for the log", []string{"--log=missing/log"}, "log: open missing/log: no such file or directory"},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Chdir(t.TempDir())
			status, stdout, stderr := call(row.args...)
			assert.Equal(t, failed, status)
			assert.Empty(t, stdout)
			assert.True(t, strings.HasPrefix(stderr, "poolserver: "+row.want), stderr)
			assert.Equal(t, 1, strings.Count(stderr, "\n"), "one line: %s", stderr)
		})
	}
}

func TestHelp(t *testing.T) {
	for _, row := range []struct {
		args []string
		want []string
	}{
		{[]string{"--help"}, []string{"--host address", "--port port", "--workers", "--storage folder", "--log file", "--metrics host:port", "Signals: SIGINT", "Exit status: 0"}},
		{[]string{"__complete", "--pool", ""}, []string{"thread\nprocess\ngoroutine\n:4\n"}},
		{[]string{"__complete", "--log", ""}, []string{":0\n"}},
		{[]string{"__complete", "--port", ""}, []string{":4\n"}},
	} {
		t.Run(strings.Join(row.args, " "), func(t *testing.T) {
			status, stdout, _ := call(row.args...)
			assert.Zero(t, status)
			for _, want := range row.want {
				assert.Contains(t, stdout, want)
			}
		})
	}
}

// What is dangerous about a call is said, in a line each, before what is served.
func TestWarnings(t *testing.T) {
	for _, row := range []struct {
		args  []string
		lines []string
	}{
		{nil, nil},
		{[]string{"--host=localhost"}, nil},
		{[]string{"--host=::1"}, nil},
		{[]string{"--host=0.0.0.0", "--pool=process"}, []string{
			`poolserver: WARNING: port \d+ of every address of this machine can be reached from other machines, and this wire knows neither authentication nor encryption: whoever reaches it can read, store and overwrite the files in /\S+`}},
		{[]string{"--host=", "--metrics=0.0.0.0:0"}, []string{"poolserver: WARNING: port .*",
			`poolserver: WARNING: the metrics on port \d+ of every address of this machine can be read from other machines`}},
	} {
		t.Run(strings.Join(row.args, " "), func(t *testing.T) {
			log := filepath.Join(t.TempDir(), "log")
			p := serve(t, append(row.args, "--log", log)...)
			p.signal(t, os.Interrupt)
			require.Equal(t, drained, p.status(t))
			want := "^" + strings.Join(append(row.lines, "poolserver: serving on .*"), "\n") + "\n"
			assert.Regexp(t, want, p.said(t))
			logged, err := os.ReadFile(log)
			require.NoError(t, err)
			assert.Equal(t, len(row.lines), strings.Count(string(logged), `level=WARN msg="WARNING: `), "%s", logged)
		})
	}
}

// The default storage is made where there is none.
func TestDefaultStorage(t *testing.T) {
	p := launch(t)
	p.cmd.Dir = t.TempDir()
	p.cmd.Args = []string{os.Args[0], "--port=0", "--discard"}
	p.start(t)
	assert.Equal(t, []string{defaultStorage}, names(t, p.cmd.Dir))
	assert.Equal(t, ready+stored, p.ask(t, "UPLOAD a.bin 4\r\n\r\nQUJD"))
	assert.Empty(t, names(t, filepath.Join(p.cmd.Dir, defaultStorage)))
	p.await(t, fmt.Sprintf(`pool thread, workers 5, storage %s \(uploads are discarded\)\n`, filepath.Join(p.cmd.Dir, defaultStorage)))
}
