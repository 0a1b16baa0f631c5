// Package e2e_test runs the benchmark as its users do: built, started as a
// process, its output and its exit status read.
package e2e_test

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/perf/benchfmt"

	"poolbench/server/servertest"
)

// root is the module's folder.
const root = "../.."

// binary is the benchmark, and cache the folder of its fixtures.
var binary, cache string

func TestMain(m *testing.M) {
	servertest.Main()
	flag.Parse() // a mistake there must not leave the folder
	dir, err := os.MkdirTemp("", "poolbench-e2e-")
	if err != nil {
		panic(err)
	}
	binary, cache = filepath.Join(dir, "poolbench.test"), filepath.Join(dir, "fixtures")
	build := exec.Command("go", "test", "-c", "-o", binary, ".")
	build.Dir, build.Stderr = root, os.Stderr
	status := 1
	if build.Run() == nil {
		status = m.Run()
	}
	_ = os.RemoveAll(dir)
	os.Exit(status)
}

// outcome is what a run of the benchmark left.
type outcome struct {
	stdout, stderr string
	status         int
}

// command is the benchmark with these flags and quick ones.
func command(ctx context.Context, flags ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, binary, append([]string{
		"-test.run=^$", "-test.bench=Transfer", "-test.benchtime=1x", "-fixtures=" + cache, "-volume=1KiB", "-clients=2",
	}, flags...)...)
	cmd.Dir = root
	return cmd
}

// run runs the benchmark against servers of its own.
func run(t *testing.T, flags ...string) outcome {
	t.Helper()
	return finish(t, command(t.Context(), append([]string{"-workers=1", "-pool=thread"}, flags...)...))
}

// remote runs the benchmark against a target.
func remote(t *testing.T, addr string, flags ...string) outcome {
	t.Helper()
	return finish(t, command(t.Context(), append([]string{"-target=" + addr}, flags...)...))
}

func finish(t *testing.T, cmd *exec.Cmd) outcome {
	t.Helper()
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		require.NoError(t, err)
	}
	return outcome{stdout.String(), stderr.String(), cmd.ProcessState.ExitCode()}
}

// rows returns the benchmark lines, and holds that every other line is one that
// x/perf's reader knows, or a comment.
func (o outcome) rows(t *testing.T) []*benchfmt.Result {
	t.Helper()
	other := regexp.MustCompile(`^(PASS|FAIL|# .*|[a-z][a-z-]*: .*|Unit .* better=(higher|lower)|Benchmark.*)$`)
	for line := range strings.Lines(o.stdout) {
		assert.Regexp(t, other, strings.TrimSuffix(line, "\n"))
	}
	var rows []*benchfmt.Result
	reader := benchfmt.NewReader(strings.NewReader(o.stdout), "stdout")
	for reader.Scan() {
		switch record := reader.Result().(type) {
		case *benchfmt.SyntaxError:
			assert.NoError(t, record)
		case *benchfmt.Result:
			rows = append(rows, record.Clone())
		}
	}
	require.NoError(t, reader.Err())
	return rows
}

// value returns a row's value in a unit, or NaN's stand-in -1 if it has none.
func value(row *benchfmt.Result, unit string) float64 {
	for _, v := range row.Values {
		if v.Unit == unit || v.OrigUnit == unit {
			if v.OrigUnit == unit {
				return v.OrigValue
			}
			return v.Value
		}
	}
	return -1
}

func TestRowsOfOurOwnServer(t *testing.T) {
	got := run(t, "-pool=thread,process,goroutine", "-clients=1,3", "-workers=2", "-volume=1KiB,1MiB", "-test.benchtime=2x", "-test.count=2")
	assert.Zero(t, got.status, got.stderr)
	assert.Empty(t, got.stderr)
	rows := got.rows(t)
	require.Len(t, rows, 3*2*2*2*2, "pools, ops, volumes, clients, times")
	for _, row := range rows {
		assert.Equal(t, 2, row.Iters)
		assert.Zero(t, value(row, "fail/op"), string(row.Name))
		for _, unit := range []string{"ns/op", "MB/s", "p50-ns", "p90-ns", "p99-ns", "max-ns", "wait-p50-ns", "client-MB/s", "fairness",
			"server-cpu-ns/op", "server-peak-B", "load-cpu-ns/op", "load-peak-B"} {
			assert.Positive(t, value(row, unit), "%s of %s", unit, row.Name)
		}
		assert.Equal(t, strings.Contains(string(row.Name), "op=upload"), value(row, "storage-ns/op") > 0)
	}
	assert.Equal(t, "Transfer/op=upload/volume=1KiB/clients=1/workers=2/pool=thread", nameOf(rows[0]))
	assert.Contains(t, got.stdout, "\n# 24 cells, 192 ops, 0 failed\n")
	assert.Contains(t, got.stdout, "\n# warning: server and clients share this machine's processors, of which there are ")
	assert.Contains(t, got.stdout, "\n# warning R: 24 of 24 cells: too few rounds")
	assert.NotContains(t, got.stdout, "servers' log")
}

func TestRowsOfClientProcesses(t *testing.T) {
	got := run(t, "-client-pool=process", "-clients=3", "-volume=1MiB", "-test.benchtime=2x")
	assert.Zero(t, got.status, got.stderr)
	assert.Empty(t, got.stderr)
	rows := got.rows(t)
	require.Len(t, rows, 2)
	assert.Equal(t, "Transfer/op=upload/volume=1MiB/clients=3/workers=1/pool=thread", nameOf(rows[0]))
	for _, row := range rows {
		assert.Equal(t, 2, row.Iters)
		assert.Zero(t, value(row, "fail/op"))
		assert.Positive(t, value(row, "load-cpu-ns/op"))
		assert.Equal(t, "process", row.GetConfig("client-pool"))
		assert.Equal(t, "1", row.GetConfig("client-gomaxprocs"))
	}
	assert.NotContains(t, got.stdout, "client pool")

	both := run(t, "-client-pool=thread,process", "-op=upload", "-test.bench=Transfer/op=upload/.*/.*/.*/client-pool=(thread|process)/pool=thread")
	assert.Zero(t, both.status, both.stderr)
	rows = both.rows(t)
	require.Len(t, rows, 2)
	for i, pool := range []string{"thread", "process"} {
		assert.Equal(t, "Transfer/op=upload/volume=1KiB/clients=2/workers=1/client-pool="+pool+"/pool=thread", nameOf(rows[i]))
		assert.Equal(t, "thread,process", rows[i].GetConfig("client-pool"))
		assert.Regexp(t, `\n# +upload +1KiB +2 +1 +`+pool+` +thread +1 `, both.stdout)
	}
	assert.Greater(t, value(rows[1], "load-peak-B"), value(rows[0], "load-peak-B"), "processes take more than goroutines")
}

// nameOf is the row's name without the number of processors.
func nameOf(row *benchfmt.Result) string {
	return regexp.MustCompile(`-\d+$`).ReplaceAllString(string(row.Name), "")
}

// The elements of a pattern mean the whole value: clients=1 is not clients=10.
func TestPatternIsExact(t *testing.T) {
	got := run(t, "-test.bench=Transfer/op=.*/volume=1KiB/clients=1/workers=1/pool=(thread|goroutine)$", "-pool=thread,goroutine",
		"-clients=1,10", "-workers=1,10")
	assert.Zero(t, got.status)
	assert.Len(t, got.rows(t), 4)
}

func TestPatternThatMatchesNothing(t *testing.T) {
	for _, pattern := range []string{"Nothing", "Transfer/clients=3"} {
		got := run(t, "-test.bench="+pattern)
		assert.Equal(t, 2, got.status)
		assert.Contains(t, got.stderr, "poolbench: -bench matches no cell\n")
		assert.Empty(t, got.rows(t))
	}
	assert.Zero(t, run(t, "-test.list=.").status, "a list is no run")
}

// The testing package's own flags do not spoil the output.
func TestFlagsOfTheTestingPackage(t *testing.T) {
	for _, flags := range [][]string{{"-test.v"}, {"-test.benchmem"}, {"-test.cpu=1"}, {"-test.run=."}} {
		t.Run(flags[0], func(t *testing.T) {
			got := run(t, flags...)
			assert.Zero(t, got.status)
			rows := got.rows(t)
			require.Len(t, rows, 2)
			if flags[0] == "-test.cpu=1" {
				assert.Equal(t, nameOf(rows[0]), string(rows[0].Name), "one processor has no number")
				assert.Contains(t, got.stdout, "load-gomaxprocs: 1\n")
			}
		})
	}
}

func TestBenchtimeIsATime(t *testing.T) {
	got := run(t, "-test.benchtime=100ms", "-op=download", "-warmup=0")
	rows := got.rows(t)
	require.Len(t, rows, 1)
	assert.Greater(t, rows[0].Iters, 1)
}

func TestOtherWays(t *testing.T) {
	for _, row := range []struct {
		flag   string
		config string
	}{
		{"-verify=off", "verify: off"},
		{"-sink=file", "sink: file"},
		{"-storage=discard", "storage: discard"},
		{"-storage=" + os.TempDir(), "storage: "},
		{"-warmup=0", "warmup: 0"},
	} {
		t.Run(row.flag, func(t *testing.T) {
			got := run(t, row.flag)
			assert.Zero(t, got.status)
			assert.Contains(t, got.stdout, row.config)
			assert.Contains(t, got.stdout, "\n# 2 cells, 4 ops, 0 failed\n")
			assert.Len(t, got.rows(t), 2)
		})
	}
}

func TestMistakes(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(file, nil, 0o644))
	for _, row := range []struct {
		flags []string
		want  string
	}{
		{[]string{"-pool=fibre"}, `invalid value "fibre" for flag -pool: unknown; known are thread, process, goroutine`},
		{[]string{"-client-pool=fibre"}, `invalid value "fibre" for flag -client-pool: unknown; known are thread, process`},
		{[]string{"-volume=10"}, `size "10" is not a whole number with a unit: write it like 10MiB, 512KiB or 1GiB`},
		{[]string{"-target-pool=thread"}, "poolbench: -target-pool says what the server at -target is, and there is no -target"},
		{[]string{".", "-clients=5"}, `poolbench: "-clients=5" is not read: write the flags before the package, and nothing behind it`},
		{[]string{"-results=" + file}, "poolbench: -results: mkdir " + file + ": not a directory"},
		{[]string{"-storage=/no/such/folder"}, `poolbench: -storage="/no/such/folder" is not a folder that exists, nor discard`},
		{[]string{"-rounds=2", "-test.count=6"}, "poolbench: -count=6 repeats each cell back to back, and -rounds=2 all cells in turn: give one of them"},
		{[]string{"-rounds=2", "-test.cpuprofile=cpu"}, "poolbench: -cpuprofile ends with the first turn, and -rounds=2 takes 2: give one of them"},
		{[]string{"-plan", "-resume", "-results=" + t.TempDir()}, "poolbench: -plan tells of a whole run, and -resume goes on with one: give one of them"},
		{[]string{"-plan", "-test.bench="}, "poolbench: -plan tells what -bench would take, which is not given"},
		{[]string{"-seed=2"}, "poolbench: -seed decides the orders of -rounds, which is not given"},
		{[]string{"-test.cpu=2,1"}, "poolbench: -cpu=2,1: give one value; several need a run each"},
	} {
		t.Run(row.want, func(t *testing.T) {
			got := run(t, row.flags...)
			assert.Equal(t, 2, got.status)
			assert.Empty(t, got.stdout, "something was begun")
			assert.Contains(t, got.stderr, row.want)
			assert.Equal(t, 1, strings.Count(got.stderr, "\n"), "one line: %s", got.stderr)
		})
	}
}

func TestHelp(t *testing.T) {
	got := run(t, "-h")
	assert.Contains(t, got.stderr, "-op-timeout time")
	assert.NotContains(t, got.stderr, "-test.")
	assert.Empty(t, got.stdout)
}
