package e2e_test

import (
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"poolbench/bench/journal"
	"poolbench/bench/session"
)

func TestMistakes(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(file, nil, 0o644))
	const fixed = "-passes fixes the number of passes, which -budget and -precision would decide: give one of them"
	paced := func(theirs, ours string) string {
		return "poolbench: -" + theirs + " makes the testing package measure one cell after another, and -" + ours + " is for a run of passes: give one of them"
	}
	for _, row := range []struct {
		flags []string
		want  string
	}{
		{[]string{"-pool=fibre"}, `-pool: there is no pool "fibre"; known are thread, process, goroutine`},
		{[]string{"-client-pool=fibre"}, `invalid value "fibre" for flag -client-pool: unknown; known are thread, process`},
		{[]string{"-volume=10"}, `size "10" is not a whole number with a unit: write it like 10MiB, 512KiB or 1GiB`},
		{[]string{"-precision=200%"}, `invalid value "200%" for flag -precision: "200%" is not a share between 0 and 1: write it like 5% or 0.05`},
		{[]string{"-budget=6"}, `invalid value "6" for flag -budget: `},
		{[]string{"-passes=0"}, `invalid value "0" for flag -passes: "0" is not a whole number from 1`},
		{[]string{"-rounds=2"}, "flag provided but not defined: -rounds"},
		{[]string{"-passes=2", "-budget=1m"}, fixed},
		{[]string{"-passes=2", "-precision=1%"}, fixed},
		{[]string{"-passes=2", "-test.count=6"}, paced("count", "passes")},
		{[]string{"-budget=1m", "-test.count=6"}, paced("count", "budget")},
		{[]string{"-precision=1%", "-test.benchtime=1x"}, paced("benchtime", "precision")},
		{[]string{"-seed=2", "-test.benchtime=1x"}, paced("benchtime", "seed")},
		{[]string{"-control", "-test.count=6"}, paced("count", "control")},
		{[]string{"-test.count=0"}, "poolbench: -count=0: want one or more"},
		{[]string{"-test.cpu=2,1"}, "poolbench: -cpu=2,1: give one value; several need a run each"},
		{[]string{"-target-pool=thread"}, "poolbench: -target-pool is about the server at -target, and there is no -target"},
		{[]string{".", "-clients=5"}, `poolbench: "-clients=5" is not read: write the flags before the package, and nothing after it`},
		{[]string{"-results=" + file}, "poolbench: -results: mkdir " + file + ": not a directory"},
		{[]string{"-fixtures=" + file + "/fixtures"}, "poolbench: -fixtures: fixtures: mkdir " + file + ": not a directory"},
		{[]string{"-storage=/no/such/folder"}, `poolbench: -storage="/no/such/folder" is neither an existing folder nor discard`},
		{[]string{"-resume"}, "poolbench: -resume needs -results: the folder of the run to continue"},
		{[]string{"-resume", "-results=" + t.TempDir()}, "there is no run to resume"},
		{[]string{"-plan", "-resume", "-results=" + t.TempDir()}, "poolbench: -plan estimates a whole run, and -resume continues one: give one of them"},
		{[]string{"-plan", "-test.bench="}, "poolbench: -plan needs -bench: it says how long that would take"},
	} {
		t.Run(strings.Join(row.flags, " "), func(t *testing.T) { holdMistake(t, run(t, row.flags...), row.want) })
	}
	t.Run("control of a target", func(t *testing.T) {
		holdMistake(t, remote(t, "127.0.0.1:1", "-control"), "poolbench: -control starts a second server, and -target names one that runs: give one of them")
	})
	t.Run("no temporary folder", func(t *testing.T) {
		cmd := command(t.Context())
		cmd.Env = append(os.Environ(), "TMPDIR=/no/such")
		holdMistake(t, finish(t, cmd), "poolbench: the temporary folder /no/such does not exist: TMPDIR names it")
	})
}

// holdMistake holds that nothing was begun, and that one line says why.
func holdMistake(t *testing.T, got outcome, want string) {
	t.Helper()
	assert.Equal(t, 2, got.status)
	assert.Empty(t, got.stdout, "something was begun")
	assert.Contains(t, got.stderr, want)
	assert.Equal(t, 1, strings.Count(got.stderr, "\n"), "one line: %s", got.stderr)
}

// files are all files in a folder.
func files(t *testing.T, dir string) map[string]string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	all := map[string]string{}
	for _, entry := range entries {
		all[entry.Name()] = kept(t, dir, entry.Name())
	}
	return all
}

// A run that is refused leaves the run that the folder has as it was.
func TestRefusedRunChangesNothing(t *testing.T) {
	t.Parallel()
	results := filepath.Join(t.TempDir(), "my results")
	require.Zero(t, run(t, "-results="+results).status)
	for _, name := range []string{session.TextName, "server.log"} {
		require.NoError(t, os.WriteFile(filepath.Join(results, name), []byte("what was in "+name), 0o644))
	}
	before := files(t, results)
	assert.Len(t, before, 3)
	for _, row := range []struct {
		flags []string
		want  string
	}{
		{[]string{"-pools=thread"}, "flag provided but not defined: -pools"},
		{[]string{"-passes=2", "-budget=1m"}, "give one of them"},
		{[]string{"-test.bench=Transfer/op=move"}, "poolbench: -bench matches no cell"},
		{[]string{"-fixtures=/dev/null/fixtures"}, "poolbench: -fixtures: "},
		{[]string{"-resume", "-verify=off"}, `the run to resume was different: -verify was "on" and is "off"`},
	} {
		t.Run(strings.Join(row.flags, " "), func(t *testing.T) {
			holdMistake(t, run(t, append(row.flags, "-results="+results)...), row.want)
			assert.Equal(t, before, files(t, results))
		})
	}
}

// Nor does a second run write where one goes on.
func TestSecondRunInAFolder(t *testing.T) {
	t.Parallel()
	results := t.TempDir()
	asked := make(chan struct{})
	addr := listen(t, func(conn *net.TCPConn) {
		asked <- struct{}{}
		_, _ = io.Copy(io.Discard, conn)
	})
	first := start(t, command(t.Context(), "-target="+addr, "-op=upload", "-warmup=0", "-results="+results))
	for range 2 { // its clients, who wait
		<-asked
	}
	require.NoError(t, os.WriteFile(filepath.Join(results, "server.log"), []byte("what was logged"), 0o644))
	before := files(t, results)
	assert.Contains(t, before, session.TextName)
	assert.Contains(t, before, journal.FileName)
	for _, flags := range [][]string{{}, {"-resume"}} {
		holdMistake(t, run(t, append(flags, "-results="+results)...), "another run writes to it")
		assert.Equal(t, before, files(t, results))
	}
	require.NoError(t, first.cmd.Process.Signal(unix.SIGINT))
	got := first.end(t)
	assert.Equal(t, 1, got.status)
	holdText(t, got, results)
}
