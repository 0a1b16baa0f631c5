package e2e_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"poolbench/bench/session"
)

// What ends a job reaches every process of it. The benchmark ends in order, and the page
// is written.
func TestSignalToTheProcessGroup(t *testing.T) {
	t.Parallel()
	results, temporary := t.TempDir(), t.TempDir()
	shell := exec.CommandContext(t.Context(), "make", "bench", "RESULTS="+results,
		"BENCHFLAGS=-budget=1m -volume=1KiB -fixtures="+cache+" "+strings.Join(matrix, " "))
	shell.Dir, shell.Env, shell.SysProcAttr = root, append(os.Environ(), "TMPDIR="+temporary), &unix.SysProcAttr{Setpgid: true}
	r := start(t, shell)
	r.until(t, "Benchmark", 20)
	require.NoError(t, unix.Kill(-shell.Process.Pid, unix.SIGTERM))
	got := r.end(t)
	assert.NotZero(t, got.status)
	assert.Regexp(t, `\n# broken off after \d pass(es)?: terminated signal received\n`, got.stdout)
	assert.Regexp(t, `\n# verdict: .*Uploads: `, got.stdout)
	assert.Regexp(t, `\n# 16 cells, \d+ ops, 0 failed\n`, got.stdout)
	page := filepath.Join(results, "report.html")
	assert.Contains(t, got.stdout, "\n# the page: "+page+"\n")
	assert.Contains(t, kept(t, results, "report.html"), "</html>")
	run := samples(t, results)
	assert.Equal(t, "terminated signal received", run.Why)
	holdRows(t, results, run)
	left, err := os.ReadDir(temporary)
	require.NoError(t, err)
	assert.Empty(t, left)
}

// Who reads the rows may go away: the folder of results has all of them.
func TestReaderGoesAway(t *testing.T) {
	t.Parallel()
	results := t.TempDir()
	r := start(t, command(t.Context(), slices.Concat(matrix, []string{"-passes=2", "-results=" + results})...))
	r.until(t, "Benchmark", 1)
	require.NoError(t, r.pipe.Close())
	require.NoError(t, r.cmd.Wait())
	assert.Empty(t, r.stderr.String())
	run := samples(t, results)
	assert.Len(t, run.Results, 16*2)
	assert.True(t, run.Ended)
	assert.Empty(t, run.Why)
	holdRows(t, results, run)
	assert.Contains(t, kept(t, results, session.TextName), "\n# 16 cells, 48 ops, 0 failed\n")
}

// The benchmark's file may be built again while it runs: what it starts is still itself.
func TestProgramIsBuiltAgain(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name  string
		build func(path string) error
	}{
		{"removed", os.Remove},
		{"replaced", func(path string) error {
			other := path + "-new"
			if err := os.WriteFile(other, []byte("#!/bin/sh\nexit 7\n"), 0o755); err != nil {
				return err
			}
			return os.Rename(other, path)
		}},
	} {
		t.Run(row.name, func(t *testing.T) {
			program := filepath.Join(t.TempDir(), "poolbench.test")
			text, err := os.ReadFile(binary)
			require.NoError(t, err)
			require.NoError(t, os.WriteFile(program, text, 0o755))
			cmd := command(t.Context(), slices.Concat(matrix, []string{"-client-pool=process", "-passes=2"})...)
			cmd.Path, cmd.Args[0] = program, program
			r := start(t, cmd)
			r.until(t, "Benchmark", 1)
			require.NoError(t, row.build(program))
			got := r.end(t)
			assert.Zero(t, got.status)
			assert.Empty(t, got.stderr)
			assert.Len(t, got.rows(t), 16*2)
			assert.Contains(t, got.stdout, "\n# 16 cells, 48 ops, 0 failed\n")
		})
	}
}
