// Package e2e_test runs the benchmark as its users do: built, started as a
// process, its output and its exit status read.
package e2e_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"flag"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/perf/benchfmt"
	"golang.org/x/sys/unix"

	"poolbench/bench/journal"
	"poolbench/bench/session"
	"poolbench/server/child"
)

// root is the module's folder.
const root = "../.."

// binary is the benchmark, and cache the folder of its fixtures.
var binary, cache string

func TestMain(m *testing.M) {
	child.Main()
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

// pace is a flag that says how long or how often cells are visited.
var pace = regexp.MustCompile(`^-(passes|budget|precision|test\.count|test\.benchtime)=`)

// ofTesting is a flag with which the testing package paces the run.
var ofTesting = regexp.MustCompile(`^-test\.(count|benchtime)=`)

// command is the benchmark with these flags and quick ones: one pass, unless the flags
// say otherwise, and one round a visit.
func command(ctx context.Context, flags ...string) *exec.Cmd {
	args := []string{"-test.run=^$", "-test.bench=Transfer", "-fixtures=" + cache, "-volume=1KiB", "-clients=2"}
	if !slices.ContainsFunc(flags, pace.MatchString) {
		args = append(args, "-passes=1")
	}
	if !slices.ContainsFunc(flags, ofTesting.MatchString) {
		args = append(args, "-visit=1ns") // one round
	}
	cmd := exec.CommandContext(ctx, binary, append(args, flags...)...)
	cmd.Dir = root
	return cmd
}

// run runs the benchmark against servers of its own.
func run(t *testing.T, flags ...string) outcome {
	t.Helper()
	return finish(t, command(t.Context(), append([]string{"-workers=1", "-pool=thread"}, flags...)...))
}

// matrix is a small one, of 16 cells at 8 points.
var matrix = []string{"-clients=1,2", "-workers=1,2", "-pool=thread,process"}

// runMatrix runs the benchmark with the matrix.
func runMatrix(t *testing.T, flags ...string) outcome {
	t.Helper()
	return finish(t, command(t.Context(), slices.Concat(matrix, flags)...))
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

// running is a benchmark that is read while it runs.
type running struct {
	cmd            *exec.Cmd
	pipe           io.Closer
	lines          *bufio.Reader
	stdout, stderr bytes.Buffer
}

// start starts a benchmark. It gets no more than a dozen rows ahead of its reader, so
// that it has not ended when that has seen enough.
func start(t *testing.T, cmd *exec.Cmd) *running {
	t.Helper()
	pipe, err := cmd.StdoutPipe()
	require.NoError(t, err)
	r := &running{cmd: cmd, pipe: pipe, lines: bufio.NewReaderSize(pipe, 512)}
	cmd.Stderr = &r.stderr
	_, err = unix.FcntlInt(pipe.(*os.File).Fd(), unix.F_SETPIPE_SZ, 4096)
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	return r
}

// until reads until so many more lines have come that begin so.
func (r *running) until(t *testing.T, beginning string, n int) {
	t.Helper()
	for n > 0 {
		line, err := r.lines.ReadString('\n')
		r.stdout.WriteString(line)
		require.NoError(t, err, "%s%s", &r.stdout, &r.stderr)
		if strings.HasPrefix(line, beginning) {
			n--
		}
	}
}

// end reads to the end, which is that of the last process that could write.
func (r *running) end(t *testing.T) outcome {
	t.Helper()
	_, err := io.Copy(&r.stdout, r.lines)
	require.NoError(t, err)
	_ = r.cmd.Wait() // the status says it
	return outcome{r.stdout.String(), r.stderr.String(), r.cmd.ProcessState.ExitCode()}
}

// rows returns the benchmark lines of what was printed.
func (o outcome) rows(t *testing.T) []*benchfmt.Result {
	t.Helper()
	return rowsOf(t, o.stdout)
}

// rowsOf returns the benchmark lines of a text, and holds that every other line is one
// that x/perf's reader knows, or a comment.
func rowsOf(t *testing.T, text string) []*benchfmt.Result {
	t.Helper()
	other := regexp.MustCompile(`^(PASS|FAIL|--- SKIP: .*|# .*|[a-z][a-z-]*: .*|Unit .* better=(higher|lower)|Benchmark.*)$`)
	for line := range strings.Lines(text) {
		assert.Regexp(t, other, strings.TrimSuffix(line, "\n"))
	}
	var rows []*benchfmt.Result
	reader := benchfmt.NewReader(strings.NewReader(text), "rows")
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

// nameOf is the row's name without the number of processors.
func nameOf(row *benchfmt.Result) string {
	return regexp.MustCompile(`-\d+$`).ReplaceAllString(string(row.Name), "")
}

// names are those of rows.
func names(rows []*benchfmt.Result) []string {
	all := make([]string, len(rows))
	for i, row := range rows {
		all[i] = nameOf(row)
	}
	return all
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

// kept is what a file in a folder of results has.
func kept(t *testing.T, results, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(results, name))
	require.NoError(t, err)
	return string(text)
}

// holdText holds that bench.txt has all that was printed, but for the testing package's
// own line.
func holdText(t *testing.T, got outcome, results string) {
	t.Helper()
	assert.Equal(t, strings.Replace(got.stdout, "PASS\n", "", 1), kept(t, results, session.TextName))
}

// samples reads a run, and holds each line of its file to the schema.
func samples(t *testing.T, results string) journal.Run {
	t.Helper()
	compiler := jsonschema.NewCompiler()
	compiler.AssertFormat()
	schema, err := compiler.Compile(filepath.Join(root, "bench/journal/schema.json"))
	require.NoError(t, err)
	for line := range strings.Lines(kept(t, results, journal.FileName)) {
		value, err := jsonschema.UnmarshalJSON(strings.NewReader(line))
		require.NoError(t, err, line)
		assert.NoError(t, schema.Validate(value), line)
	}
	run, err := journal.Read(results)
	require.NoError(t, err)
	return run
}

// holdRows holds that bench.txt has a row for each visit in the journal, in its order.
func holdRows(t *testing.T, results string, run journal.Run) {
	t.Helper()
	rows := rowsOf(t, kept(t, results, session.TextName))
	require.Len(t, rows, len(run.Results))
	for i, r := range run.Results {
		require.Equal(t, "Transfer/"+r.Cell.String(), nameOf(rows[i]), "row %d", i)
		assert.Equal(t, len(r.Rounds), rows[i].Iters)
		for _, m := range r.Metrics() {
			if m.Unit == "ns/op" && m.Value > 0 {
				assert.InEpsilon(t, m.Value, value(rows[i], "ns/op"), 1e-3, "row %d", i)
			}
		}
	}
}

func TestHelp(t *testing.T) {
	t.Parallel()
	got := run(t, "-h")
	assert.Contains(t, got.stderr, "-op-timeout time")
	assert.Contains(t, got.stderr, "-budget time")
	assert.NotContains(t, got.stderr, "-test.")
	assert.Empty(t, got.stdout)
}
