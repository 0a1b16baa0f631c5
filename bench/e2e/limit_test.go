package e2e_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"poolbench/bench"
	"poolbench/bench/analysis"
	"poolbench/server"
	"poolbench/server/servertest"
)

// limits returns the words for the cells of a run, by op.
func limits(t *testing.T, results string) map[bench.Op]analysis.Limit {
	t.Helper()
	words := map[bench.Op]analysis.Limit{}
	for _, s := range analysis.New(samples(t, results)).Summaries() {
		words[s.Cell.Op] = s.Limit
	}
	return words
}

// One worker for many clients.
func TestLimitIsTheQueue(t *testing.T) {
	if runtime.NumCPU() == 1 {
		t.Skip("a worker is all that one processor can do")
	}
	t.Parallel()
	results := t.TempDir()
	got := run(t, "-clients=8", "-volume=1MiB", "-op=upload", "-storage=discard", "-results="+results)
	require.Equal(t, 0, got.status, got.stdout)
	limit := limits(t, results)[bench.Upload]
	assert.Equal(t, analysis.Queue, limit.Word, limit.Evidence)
}

// The kernel drops what comes while a backlog is full, and the client asks again after a
// second.
func TestLimitIsConnecting(t *testing.T) {
	t.Parallel()
	results := t.TempDir()
	got := remote(t, narrow(t), "-clients=4", "-op=download", "-warmup=0", "-results="+results)
	require.Equal(t, 0, got.status, got.stdout)
	limit := limits(t, results)[bench.Download]
	assert.Equal(t, analysis.Connect, limit.Word, limit.Evidence)
}

// narrow returns the address of a server of ours behind a backlog of one: it takes a
// connection only when the one before has ended.
func narrow(t *testing.T) string {
	t.Helper()
	s := servertest.Start(t, server.Config{})
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	require.NoError(t, err)
	require.NoError(t, unix.Bind(fd, &unix.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}))
	require.NoError(t, unix.Listen(fd, 0))
	file := os.NewFile(uintptr(fd), "listener")
	listener, err := net.FileListener(file)
	require.NoError(t, err)
	require.NoError(t, file.Close())
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			relay(conn, s.Addr().String())
		}
	}()
	t.Cleanup(func() {
		assert.NoError(t, listener.Close())
		<-done
	})
	return listener.Addr().String()
}

// relay passes a connection on, both ways, until it has ended.
func relay(conn net.Conn, addr string) {
	defer conn.Close()
	to, err := net.Dial("tcp", addr)
	if err != nil {
		return
	}
	defer to.Close()
	go func() {
		_, _ = io.Copy(to, conn)
	}()
	_, _ = io.Copy(conn, to)
}

// A quota of the processors for the benchmark and its servers, or for the clients alone.
func TestLimitIsCPU(t *testing.T) {
	t.Parallel()
	elsewhere := servertest.Start(t, server.Config{Workers: 4}).Addr().String()
	for _, row := range []struct {
		name  string
		flags []string
		op    bench.Op
		want  analysis.LimitWord
	}{
		{"the server's", []string{"-pool=thread", "-workers=1"}, bench.Upload, analysis.ServerCPU},
		{"the clients'", []string{"-target=" + elsewhere}, bench.Download, analysis.ClientCPU},
	} {
		t.Run(row.name, func(t *testing.T) {
			results := t.TempDir()
			cmd := command(t.Context(), append(row.flags, "-clients=1", "-volume=50MiB", "-op="+string(row.op), "-results="+results)...)
			quota(t, cmd, 0.05)
			got := finish(t, cmd)
			require.Equal(t, 0, got.status, got.stdout)
			limit := limits(t, results)[row.op]
			assert.Equal(t, row.want, limit.Word, limit.Evidence)
			assert.Contains(t, got.stdout, "\ncpu-quota: 0.05\n")
			assert.Contains(t, limit.Evidence, "of 0.05 processors")
			run := samples(t, results)
			assert.Positive(t, run.Results[0].Rounds[0].Throttled)
		})
	}
}

// quota has a command run in a cgroup with so many processors' worth of CPU time.
func quota(t *testing.T, cmd *exec.Cmd, processors float64) {
	t.Helper()
	const period = 100_000 // microseconds
	const procs = "cgroup.procs"
	for _, version := range []struct{ root, limit, text string }{
		{"/sys/fs/cgroup", "cpu.max", fmt.Sprintf("%.0f %d", processors*period, period)},
		{"/sys/fs/cgroup/cpu", "cpu.cfs_quota_us", fmt.Sprintf("%.0f", processors*period)},
	} {
		dir := filepath.Join(version.root, "poolbench-"+filepath.Base(t.TempDir())+fmt.Sprint(os.Getpid()))
		if _, err := os.Stat(filepath.Join(version.root, procs)); err != nil || os.Mkdir(dir, 0o755) != nil {
			continue
		}
		if os.WriteFile(filepath.Join(dir, version.limit), []byte(version.text), 0o600) != nil {
			_ = os.Remove(dir)
			continue
		}
		t.Cleanup(func() {
			assert.Eventually(t, func() bool { return os.Remove(dir) == nil }, time.Minute, 10*time.Millisecond)
		})
		cmd.Args = append([]string{"sh", "-c", `echo $$ > "$0" && exec "$@"`, filepath.Join(dir, procs), cmd.Path}, cmd.Args[1:]...)
		cmd.Path = "/bin/sh"
		return
	}
	t.Skip("no cgroup can be made here")
}

// A slow link between two network namespaces.
func TestLimitIsTheLink(t *testing.T) {
	t.Parallel()
	addr, inside := link(t, "rate 100mbit burst 32kbit latency 50ms")
	for _, op := range bench.Ops() {
		t.Run(string(op), func(t *testing.T) {
			results := t.TempDir()
			cmd := command(t.Context(), "-target="+addr, "-volume=3MiB", "-clients=5", "-op="+string(op), "-results="+results)
			inside(cmd)
			got := finish(t, cmd)
			require.Equal(t, 0, got.status, "%s%s", got.stdout, got.stderr)
			limit := limits(t, results)[op]
			assert.Equal(t, analysis.Link, limit.Word, limit.Evidence)
		})
	}
}

// link starts a server of ours in a network namespace of its own, and returns its address
// as seen from another, and what has a command run there. Both ends of the link between
// them are shaped by tc's token bucket filter.
func link(t *testing.T, shape string) (addr string, inside func(*exec.Cmd)) {
	t.Helper()
	if os.Getuid() != 0 {
		t.Skip("network namespaces need root")
	}
	near, far := fmt.Sprintf("pbn%d", os.Getpid()), fmt.Sprintf("pbf%d", os.Getpid())
	ip := func(args string) {
		out, err := exec.Command("sh", "-c", args).CombinedOutput()
		if err != nil {
			t.Skipf("%s: %v: %s", args, err, out)
		}
	}
	t.Cleanup(func() {
		for _, name := range []string{near, far} {
			_ = exec.Command("ip", "netns", "delete", name).Run() // it may not have been made
		}
	})
	for _, args := range []string{
		"ip netns add " + near, "ip netns add " + far,
		fmt.Sprintf("ip link add veth netns %s type veth peer name veth netns %s", near, far),
		fmt.Sprintf("ip -n %s addr add 10.77.0.1/24 dev veth && ip -n %s link set veth up && ip -n %s link set lo up", near, near, near),
		fmt.Sprintf("ip -n %s addr add 10.77.0.2/24 dev veth && ip -n %s link set veth up && ip -n %s link set lo up", far, far, far),
		fmt.Sprintf("ip netns exec %s tc qdisc add dev veth root tbf %s", near, shape),
		fmt.Sprintf("ip netns exec %s tc qdisc add dev veth root tbf %s", far, shape),
	} {
		ip(args)
	}
	server := filepath.Join(t.TempDir(), "poolserver")
	build := exec.Command("go", "build", "-o", server, "./server/cmd/poolserver")
	build.Dir = root
	out, err := build.CombinedOutput()
	require.NoError(t, err, string(out))
	ctx, cancel := context.WithCancel(context.Background())
	cmd := exec.CommandContext(ctx, "ip", "netns", "exec", far, server, "--host", "10.77.0.2", "--port", "8889", "--workers", "5", "--storage", t.TempDir())
	cmd.Cancel = func() error { return cmd.Process.Signal(unix.SIGTERM) }
	stderr, err := cmd.StderrPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	t.Cleanup(func() {
		cancel()
		_ = cmd.Wait() // "signal: terminated" or 0
	})
	said := make([]byte, 1<<12)
	for text := ""; !strings.Contains(text, "serving on"); {
		n, err := stderr.Read(said)
		text += string(said[:n])
		require.NoError(t, err, text)
	}
	go func() { _, _ = io.Copy(io.Discard, stderr) }()
	return "10.77.0.2:8889", func(cmd *exec.Cmd) {
		cmd.Args = append([]string{"ip", "netns", "exec", near, cmd.Path}, cmd.Args[1:]...)
		cmd.Path, err = exec.LookPath("ip")
		require.NoError(t, err)
	}
}
