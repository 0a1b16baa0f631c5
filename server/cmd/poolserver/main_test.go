package main

import (
	"bytes"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// call runs a command that does not get as far as serving.
func call(args ...string) (status int, stdout, stderr string) {
	var out, err bytes.Buffer
	status = run(args, nil, &out, &err)
	return status, out.String(), err.String()
}

// A wrong call writes one line to standard error, and begins nothing.
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
		{[]string{"--max-upload=16"}, `--max-upload: size "16" is not a whole number with a unit: write it like 10MiB, 512KiB or 1GiB`},
		{[]string{"--max-upload=0B"}, `--max-upload: size "0B" is zero: the smallest is 1B`},
		{[]string{"--max-upload=-1GiB"}, `--max-upload: size "-1GiB" is negative: the smallest is 1B`},
		{[]string{"--max-upload=8589934592GiB"}, `--max-upload: size "8589934592GiB" is too large`},
		{[]string{"--header-timeout=0s"}, "--header-timeout=0s is not a positive time: write it like 30s or 5m"},
		{[]string{"--idle-timeout=-1s"}, "--idle-timeout=-1s is not a positive time"},
		{[]string{"--transfer-timeout=0s"}, "--transfer-timeout=0s is not a positive time"},
		{[]string{"--drain-timeout=0s"}, "--drain-timeout=0s is not a positive time"},
		{[]string{"--drain-timeout=soon"}, `invalid argument "soon" for "--drain-timeout" flag`},
		{[]string{"--log-level=loud"}, `--log-level="loud" is unknown; known are debug, info, warn, error`},
		{[]string{"--metrics=9090"}, `--metrics="9090" is not a host and a port: write it like 127.0.0.1:9090`},
		{[]string{"--pprof"}, "--pprof needs --metrics=host:port, where it is to answer"},
		{[]string{"--pprof", "--metrics=0.0.0.0:0"}, "--pprof with --metrics=0.0.0.0:0 would let other machines profile the server: want a loopback address"},
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

// So does a call that the machine refuses.
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

// Each danger of a call is a line of warning before the server serves.
func TestWarnings(t *testing.T) {
	t.Parallel()
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
			t.Parallel()
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

// The default storage is created if it is missing.
func TestDefaultStorage(t *testing.T) {
	t.Parallel()
	p := launch(t)
	p.cmd.Dir = t.TempDir()
	p.cmd.Args = []string{os.Args[0], "--port=0", "--discard"}
	p.start(t)
	assert.Equal(t, []string{defaultStorage}, names(t, p.cmd.Dir))
	assert.Equal(t, ready+stored, p.ask(t, "UPLOAD a.bin 4\r\n\r\nQUJD"))
	assert.Empty(t, names(t, filepath.Join(p.cmd.Dir, defaultStorage)))
	p.await(t, fmt.Sprintf(`pool thread, workers 5, storage %s \(uploads are discarded\)\n`, filepath.Join(p.cmd.Dir, defaultStorage)))
}
