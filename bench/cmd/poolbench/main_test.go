package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
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
	"go.uber.org/goleak"

	benchserver "poolbench/server"
	"poolbench/server/servertest"
)

// TestMain runs the command itself if a test has started it as a process.
func TestMain(m *testing.M) {
	if os.Getenv("POOLBENCH_MAIN") != "" {
		main()
	}
	goleak.VerifyTestMain(m)
}

// call runs the command in this process.
func call(ctx context.Context, args ...string) (status int, stdout, stderr string) {
	var out, err bytes.Buffer
	status = run(ctx, args, &out, &err)
	return status, out.String(), err.String()
}

// write writes a file of size bytes into a fresh folder.
func write(t *testing.T, name string, size int) (path string, data []byte) {
	t.Helper()
	data = make([]byte, size)
	for i := range data {
		data[i] = byte(i*7 + i>>8)
	}
	path = filepath.Join(t.TempDir(), name)
	require.NoError(t, os.WriteFile(path, data, 0o644))
	return path, data
}

// names returns the names of the files in a folder.
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

// peer serves each connection by answer, once it has read the header of a request.
func peer(t *testing.T, answer func(conn net.Conn, request string)) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	var conns sync.WaitGroup
	conns.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			conns.Go(func() {
				defer conn.Close()
				_ = conn.SetDeadline(time.Now().Add(20 * time.Second))
				var request strings.Builder
				for one := make([]byte, 1); !strings.HasSuffix(request.String(), "\r\n\r\n"); request.Write(one) {
					if _, err := conn.Read(one); err != nil {
						return
					}
				}
				answer(conn, request.String())
			})
		}
	})
	t.Cleanup(func() {
		_ = listener.Close()
		conns.Wait()
	})
	return listener.Addr().String()
}

func TestRoundTrip(t *testing.T) {
	for _, row := range []struct {
		name     string
		start    func(dir string) string
		flags    []string
		verified string
	}{
		{"a server that checks", func(dir string) string {
			return servertest.Start(t, benchserver.Config{Storage: dir}).Addr().String()
		}, nil, "the server checked it"},
		{"an older server", func(dir string) string { return servertest.StartOld(t, dir) }, nil, "read back and compared"},
		{"an older server's word", func(dir string) string { return servertest.StartOld(t, dir) }, []string{"--verify", "off"}, "not verified"},
		{"both", func(dir string) string {
			return servertest.Start(t, benchserver.Config{Storage: dir}).Addr().String()
		}, []string{"--verify=readback"}, "read back and compared"},
	} {
		for _, size := range []int{0, 1, 1 << 20} {
			t.Run(fmt.Sprintf("%s/%d", row.name, size), func(t *testing.T) {
				storage, place := t.TempDir(), t.TempDir()
				addr := row.start(storage)
				path, data := write(t, "a.bin", size)
				status, stdout, stderr := call(t.Context(), append([]string{"put", path, "--addr", addr}, row.flags...)...)
				require.Zero(t, status, stderr)
				assert.Empty(t, stderr, "there is no terminal")
				assert.Regexp(t, fmt.Sprintf(`^put a\.bin: %d bytes, crc32c [0-9a-f]{8}, \d+\.\d\d s, \d+ MB/s; %s\n$`, size, row.verified), stdout)
				stored, err := os.ReadFile(filepath.Join(storage, "a.bin"))
				require.NoError(t, err)
				assert.True(t, bytes.Equal(data, stored))

				sum := stdout[strings.Index(stdout, "crc32c ")+7:][:8]
				output := filepath.Join(place, "b.bin")
				status, stdout, stderr = call(t.Context(), "get", "a.bin", "--addr", addr, "--output", output, "--crc32c", sum)
				require.Zero(t, status, stderr)
				assert.Empty(t, stderr)
				assert.Regexp(t, fmt.Sprintf(`^get a\.bin: %d bytes, crc32c %s, \d+\.\d\d s, \d+ MB/s; size and checksum are right\n$`, size, sum), stdout)
				got, err := os.ReadFile(output)
				require.NoError(t, err)
				assert.True(t, bytes.Equal(data, got))
				assert.Equal(t, []string{"b.bin"}, names(t, place))
			})
		}
	}
}

// A usage error is one line on standard error, and no connection is made.
func TestMistakes(t *testing.T) {
	file, _ := write(t, "a b.bin", 1)
	addr := peer(t, func(net.Conn, string) { t.Error("connected") })
	for _, row := range []struct {
		args []string
		want string
	}{
		{[]string{"fetch"}, `unknown command "fetch" for "poolbench"`},
		{[]string{"put"}, "put wants one FILE and got 0: see poolbench put --help"},
		{[]string{"get", "a", "b"}, "get wants one NAME and got 2: see poolbench get --help"},
		{[]string{"put", file, "--fast"}, "unknown flag: --fast"},
		{[]string{"put", file}, `"a b.bin" is no name for a server's file: it wants printable characters without a blank or a slash; --name sets another`},
		{[]string{"put", file, "--name", "a\x00b"}, `"a\x00b" is no name for a server's file`},
		{[]string{"put", file, "--name", "a/b"}, `"a/b" is no name for a server's file`},
		{[]string{"put", file, "--name="}, `"" is no name for a server's file`},
		{[]string{"put", file, "--name=b", "--verify=maybe"}, `--verify="maybe" is unknown; known are auto, readback, off`},
		{[]string{"get", "a\nb"}, `"a\nb" is no name for a server's file`},
		{[]string{"get", ".."}, `".." is no name for a server's file`},
		{[]string{"get", "a", "--crc32c=12"}, `--crc32c="12" is not 8 hexadecimal digits`},
		{[]string{"get", "a", "--crc32c=+1234567"}, `--crc32c="+1234567" is not 8 hexadecimal digits`},
		{[]string{"get", "a", "--output="}, "--output is empty: name a file, or - for standard output"},
		{[]string{"get", "a", "--timeout=0s"}, "--timeout=0s is not a positive time: write it like 30s or 5m"},
		{[]string{"get", "a", "--timeout=soon"}, `invalid argument "soon" for "--timeout" flag`},
		{[]string{"get", "a", "--addr=lab"}, `--addr="lab" is not a host and a port: write it like lab.example:8889`},
	} {
		t.Run(strings.Join(row.args, " "), func(t *testing.T) {
			t.Chdir(t.TempDir())
			args := row.args
			if args[0] != "fetch" {
				args = slices.Insert(slices.Clone(args), 1, "--addr", addr)
			}
			status, stdout, stderr := call(t.Context(), args...)
			assert.Equal(t, 2, status)
			assert.Empty(t, stdout)
			assert.True(t, strings.HasPrefix(stderr, "poolbench: "+row.want), stderr)
			assert.Equal(t, 1, strings.Count(stderr, "\n"), "one line: %s", stderr)
			assert.Empty(t, names(t, "."))
		})
	}
}

func TestHelp(t *testing.T) {
	for _, row := range []struct {
		args []string
		want []string
	}{
		{nil, []string{"put ", "get ", "compare ", "gate ", "completion ", "Exit status"}},
		{[]string{"put", "--help"}, []string{"poolbench put FILE", "--addr host:port", "--name name", "--timeout time", "--verify", "Exit status"}},
		{[]string{"get", "--help"}, []string{"poolbench get NAME", "--addr host:port", "--output file", "--crc32c", "Exit status"}},
		{[]string{"completion", "bash"}, []string{"__start_poolbench"}},
		{[]string{"__complete", "put", "--verify", ""}, []string{"auto\nreadback\noff\n:4\n"}},
		{[]string{"__complete", "put", ""}, []string{":0\n"}},
		{[]string{"__complete", "put", "a.bin", ""}, []string{":4\n"}},
		{[]string{"__complete", "get", ""}, []string{":4\n"}},
	} {
		t.Run(strings.Join(row.args, " "), func(t *testing.T) {
			status, stdout, _ := call(t.Context(), row.args...)
			assert.Zero(t, status)
			for _, want := range row.want {
				assert.Contains(t, stdout, want)
			}
		})
	}
}

// A signal ends a transfer with one line, and leaves no partial file.
func TestInterrupt(t *testing.T) {
	begun := make(chan struct{})
	addr := peer(t, func(conn net.Conn, _ string) {
		_, _ = io.WriteString(conn, "OK 1000\r\n\r\nsome")
		begun <- struct{}{}
		_, _ = io.Copy(io.Discard, conn)
	})
	cmd := exec.CommandContext(t.Context(), os.Args[0], "get", "a.bin", "--addr", addr)
	cmd.Env, cmd.Dir = append(os.Environ(), "POOLBENCH_MAIN=1"), t.TempDir()
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	require.NoError(t, cmd.Start())
	<-begun
	require.NoError(t, cmd.Process.Signal(os.Interrupt))
	assert.Error(t, cmd.Wait())
	assert.Equal(t, 1, cmd.ProcessState.ExitCode())
	assert.Equal(t, "poolbench: get a.bin from "+addr+": interrupt signal received\n", stderr.String())
	assert.Empty(t, names(t, cmd.Dir))
}
