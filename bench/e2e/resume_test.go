package e2e_test

import (
	"bufio"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"poolbench/bench/journal"
)

// matrix is a small one, of 16 cells.
var matrix = []string{"-volume=1KiB,1MiB", "-clients=1,2", "-workers=1,2", "-pool=thread"}

// broken starts a run of the matrix and ends it with a signal when so many rows
// have come.
func broken(t *testing.T, results string, rows int, signal unix.Signal, flags ...string) outcome {
	t.Helper()
	return breakOff(t, command(t.Context(), append(append([]string{"-results=" + results}, matrix...), flags...)...), "Benchmark", rows, signal)
}

// breakOff ends a run with a signal when so many lines have come that begin so.
func breakOff(t *testing.T, cmd *exec.Cmd, beginning string, rows int, signal unix.Signal) outcome {
	t.Helper()
	var stderr strings.Builder
	cmd.Stderr = &stderr
	pipe, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	var stdout strings.Builder
	lines := bufio.NewReader(pipe)
	for n := 0; n < rows; {
		line, err := lines.ReadString('\n')
		require.NoError(t, err, &stderr)
		stdout.WriteString(line)
		if strings.HasPrefix(line, beginning) {
			n++
		}
	}
	require.NoError(t, cmd.Process.Signal(signal))
	_, err = io.Copy(&stdout, lines)
	require.NoError(t, err)
	_ = cmd.Wait()
	return outcome{stdout.String(), stderr.String(), cmd.ProcessState.ExitCode()}
}

// samples reads a run, and holds each line of its file to the schema.
func samples(t *testing.T, results string) journal.Run {
	t.Helper()
	compiler := jsonschema.NewCompiler()
	compiler.AssertFormat()
	schema, err := compiler.Compile(filepath.Join(root, "bench/journal/schema.json"))
	require.NoError(t, err)
	text, err := os.ReadFile(filepath.Join(results, journal.FileName))
	require.NoError(t, err)
	for line := range strings.Lines(string(text)) {
		value, err := jsonschema.UnmarshalJSON(strings.NewReader(line))
		require.NoError(t, err, line)
		assert.NoError(t, schema.Validate(value), line)
	}
	run, err := journal.Read(results)
	require.NoError(t, err)
	return run
}

// A run that was broken off, however, and one that resumes it are one run: each
// cell that was planned is there, and none twice.
func TestResume(t *testing.T) {
	for _, row := range []struct {
		name   string
		signal unix.Signal
		flags  []string
		cells  int
		count  int
	}{
		{"killed", unix.SIGKILL, nil, 16, 1},
		{"interrupted", unix.SIGINT, nil, 16, 1},
		{"terminated, of cells that are measured twice", unix.SIGTERM, []string{"-test.count=2"}, 16, 2},
		{"killed in the second round", unix.SIGKILL, []string{"-rounds=3"}, 16, 3},
		{"interrupted in the second round", unix.SIGINT, []string{"-rounds=3"}, 16, 3},
	} {
		t.Run(row.name, func(t *testing.T) {
			results := filepath.Join(t.TempDir(), "results")
			require.NoError(t, os.Mkdir(results, 0o755))
			rows := 5
			if row.count == 3 {
				rows += row.cells
			}
			first := broken(t, results, rows, row.signal, row.flags...)
			if row.signal != unix.SIGKILL {
				assert.Equal(t, 1, first.status)
				if row.count < 3 {
					assert.Regexp(t, `\n# skipped: op=download/.*: (interrupt|terminated) signal received\n`, first.stdout)
					assert.Regexp(t, `\n# 16 cells, \d+ ops, 0 failed, \d+ cells skipped\n`, first.stdout)
				}
				if row.count == 3 {
					assert.Regexp(t, `\n# broken off: \d+ cells were to be measured 3 times and were not: interrupt signal received\n`, first.stdout)
				}
				run := samples(t, results)
				assert.True(t, run.Ended)
				assert.Contains(t, run.Why, "signal received")
			}
			flags := append(append([]string{"-results=" + results, "-resume"}, matrix...), row.flags...)
			second := finish(t, command(t.Context(), flags...))
			assert.Zero(t, second.status, second.stderr+second.stdout)
			assert.Contains(t, second.stdout, "\n# 16 cells, ", "the table is of both")
			assert.NotContains(t, second.stdout, "skipped")

			run := samples(t, results)
			times := map[string]int{}
			for _, r := range run.Results {
				times[r.Cell.String()]++
			}
			assert.Len(t, times, row.cells)
			for cell, n := range times {
				assert.Equal(t, row.count, n, cell)
			}
			assert.True(t, run.Ended)
			assert.Empty(t, run.Why)
			lines := append((outcome{stdout: first.stdout}).rows(t), second.rows(t)...)
			skipped := 0 // repetitions that were broken off
			for _, r := range lines {
				if value(r, "skipped/op") > 0 {
					skipped++
				}
			}
			assert.GreaterOrEqual(t, len(lines)-skipped, row.cells*row.count)

			third := finish(t, command(t.Context(), flags...))
			assert.Zero(t, third.status, third.stderr)
			assert.Empty(t, third.rows(t), "there is nothing left to measure")
			assert.Contains(t, third.stdout, "\n# 16 cells, ")
		})
	}
}

func TestResumeOfAnotherRun(t *testing.T) {
	results := t.TempDir()
	assert.Zero(t, run(t, "-results="+results).status)
	for _, row := range []struct {
		flags []string
		want  string
	}{
		{[]string{"-verify=off"}, `-verify was "on" and is "off"`},
		{[]string{"-storage=discard"}, `-storage was "" and is "discard"`},
		{[]string{"-volume=2KiB"}, `-volume was "1KiB" and is "2KiB"`},
		{[]string{"-test.cpu=1"}, `-cpu was "" and is "1"`},
		{[]string{"-test.count=2"}, "each cell was to be measured 1 times, and is 2 times"},
	} {
		got := run(t, append(row.flags, "-results="+results, "-resume")...)
		assert.Equal(t, 2, got.status)
		assert.Contains(t, got.stderr, "poolbench: -results: journal: ")
		assert.Contains(t, got.stderr, row.want)
		assert.Empty(t, got.stdout)
	}
	got := run(t, "-results="+t.TempDir(), "-resume")
	assert.Contains(t, got.stderr, "there is no run to resume")
	got = run(t, "-resume")
	assert.Contains(t, got.stderr, "poolbench: -resume goes on with the run in the folder of -results, which is not given")
}

// Cells for which there was no time are in the table, and in the exit status.
func TestDeadline(t *testing.T) {
	results := t.TempDir()
	got := run(t, "-results="+results, "-deadline=1ns")
	assert.Equal(t, 1, got.status)
	assert.Empty(t, got.rows(t))
	assert.Contains(t, got.stdout, "\n# skipped: op=upload/volume=1KiB/clients=2/workers=1/pool=thread: the deadline of 1ns had passed\n")
	assert.Contains(t, got.stdout, "\n# 2 cells, 0 ops, 0 failed, 2 cells skipped\n")
	assert.Equal(t, "the deadline of 1ns had passed", samples(t, results).Why)
	assert.Zero(t, run(t, "-results="+results, "-resume", "-deadline=1h").status)
	assert.Len(t, samples(t, results).Results, 2)
}

// What failed before a run was broken off has failed in the run that resumes it.
func TestResumeOfAFailedRun(t *testing.T) {
	results := t.TempDir()
	first := run(t, "-results="+results, "-op=upload", "-op-timeout=1ns")
	assert.Equal(t, 1, first.status)
	second := run(t, "-results="+results, "-op=upload", "-op-timeout=1ns", "-resume")
	assert.Equal(t, 1, second.status)
	assert.Empty(t, second.rows(t), "it is not repeated")
	assert.Contains(t, second.stdout, "# exit status 1 because ops failed")
}

// Cells that the testing package was told to leave out were planned all the same.
func TestSkippedByTheTestingPackage(t *testing.T) {
	results := t.TempDir()
	got := run(t, "-results="+results, "-test.skip=BenchmarkTransfer/op=download")
	assert.Equal(t, 1, got.status)
	assert.Contains(t, got.stdout, "# skipped: op=download/volume=1KiB/clients=2/workers=1/pool=thread: the testing package did not run it\n")
	assert.Equal(t, "the testing package did not run it", samples(t, results).Why)
	again := run(t, "-results="+results)
	assert.Zero(t, again.status)
	assert.Contains(t, again.stdout, "# the run before this one in "+results+" was not finished; it is kept, and -resume would have gone on with it\n")
}
