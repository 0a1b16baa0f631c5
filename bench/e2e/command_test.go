package e2e_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"poolbench/bench"
	"poolbench/bench/journal"
)

// labScripts returns the folder of the lab's servers.
func labScripts(t *testing.T) string {
	t.Helper()
	if _, err := exec.LookPath("python3"); err != nil {
		t.Skip("the lab's servers need python3")
	}
	scripts, err := filepath.Abs(filepath.Join(root, "server/servertest/python"))
	require.NoError(t, err)
	return scripts
}

// lab returns the flags that measure the lab's two servers.
func lab(t *testing.T) []string {
	t.Helper()
	scripts := labScripts(t)
	const rest = ".py' --port {port} --workers {workers} --storage {storage} --log {log}"
	return []string{
		"-server=py-thread=python3 '" + scripts + "/thread_pool" + rest,
		"-server=py-process=python3 '" + scripts + "/processing_pool" + rest,
	}
}

// The servers of commands are measured as ours are.
func TestCommands(t *testing.T) {
	t.Parallel()
	results := t.TempDir()
	got := runMatrix(t, append(lab(t), "-pool=thread,py-thread,py-process", "-volume=100KiB", "-results="+results)...)
	run := holdServed(t, got, results)
	assert.Equal(t, map[string]int{"thread": 8, "py-thread": 8, "py-process": 8}, visits(run))
	assert.Regexp(t, "\n# verdict: .*py-process servers", got.stdout)
	assert.Contains(t, got.stdout, "\n# verify: uploads to py-thread, py-process count as not verified, ")
	assert.Contains(t, kept(t, results, "server.log"), "py-process: listening on ")
}

// holdServed holds that servers of this machine served every op of a run, and returns it.
func holdServed(t *testing.T, got outcome, results string) journal.Run {
	t.Helper()
	require.Equal(t, 0, got.status, "%s%s", got.stdout, got.stderr)
	run := samples(t, results)
	holdRows(t, results, run)
	for _, r := range run.Results {
		assert.Equal(t, bench.OK, r.Outcome(), r.Cell.String())
		assert.Positive(t, r.ServerPeak, r.Cell.String())
		assert.Positive(t, r.Server)
	}
	for _, row := range got.rows(t) {
		assert.Positive(t, value(row, "server-cpu-ns/op"), nameOf(row))
		assert.Zero(t, value(row, "fail/op"), nameOf(row))
	}
	return run
}

// visits counts the visits to each pool.
func visits(run journal.Run) map[string]int {
	counts := map[string]int{}
	for _, r := range run.Results {
		counts[r.Cell.Pool]++
	}
	return counts
}

// mortal is a server that ends at its first upload of more than a warm-up has, but once.
const mortal = `
import os, sys
sys.path.insert(0, os.environ["LAB"])
import lab
args = lab.arguments()
died, upload = args.log + ".died", lab.upload
def die(conn, path, size, rest):
    if size > 1 << 17 and not os.path.exists(died):
        open(died, "w")
        print("out of memory", flush=True)
        os._exit(3)
    upload(conn, path, size, rest)
lab.upload = die
with lab.listen(args) as listener:
    while True:
        conn, _ = listener.accept()
        lab.serve(conn, args.storage)
`

// A server that dies in mid-run is started again, and the ops that it took with it say how
// it ended.
func TestCommandDiesInMidRun(t *testing.T) {
	t.Parallel()
	scripts := labScripts(t)
	dir := t.TempDir()
	script := filepath.Join(dir, "mortal.py")
	require.NoError(t, os.WriteFile(script, []byte(mortal), 0o600))
	server := "-server=mortal=env 'LAB=" + scripts + "' python3 '" + script + "' --port {port} --storage {storage} --log {log}"
	got := finish(t, command(t.Context(), server, "-workers=1", "-op=upload", "-volume=100KiB", "-passes=3", "-results="+dir))
	assert.Equal(t, 1, got.status, got.stderr)
	run := samples(t, dir)
	require.Len(t, run.Results, 3)
	for failure, n := range run.Results[0].Failures() {
		assert.Equal(t, bench.ServerDied, failure.Reason)
		assert.Regexp(t, "^exit status 3, its last output: listening on [0-9]+ \\| out of memory; the op: (reset|cut short|refused)", failure.Detail)
		assert.Positive(t, n)
	}
	assert.Equal(t, bench.Failed, run.Results[0].Outcome())
	for i, r := range run.Results[1:] {
		assert.Equal(t, bench.OK, r.Outcome(), r.Reasons())
		assert.Equal(t, i+2, r.Server)
	}
	assert.Contains(t, strings.Join(run.Results[1].Notes, " "), "a server before this one: mortal died: exit status 3")
}

// Nothing of a server outlives a benchmark that is killed, however it forked.
func TestKilledBenchmarkLeavesNoCommand(t *testing.T) {
	t.Parallel()
	temporary := t.TempDir()
	flags := append(lab(t), "-workers=3", "-passes=100000")
	flags[1] = strings.Replace(flags[1], "py-process=", "py-process=setsid -f ", 1) // its parent is gone at once
	cmd := command(t.Context(), flags...)
	cmd.Env = append(os.Environ(), "TMPDIR="+temporary)
	r := start(t, cmd)
	r.until(t, "Benchmark", 2)
	processes := find(cmd.Process.Pid, "PATH=")
	assert.GreaterOrEqual(t, len(processes), 2+1+4, "two guards, a server of threads, one of processes")
	kill(t, cmd, processes)
	_ = r.pipe.Close()
	left, err := os.ReadDir(temporary)
	require.NoError(t, err)
	for _, entry := range left {
		assert.True(t, strings.HasSuffix(entry.Name(), ".log"), entry.Name())
	}
}

func TestCommandThatIsRefused(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "results")
	got := run(t, "-pool=mine", "-server=mine=no-such-program {port}", "-results="+dir)
	assert.Equal(t, 2, got.status)
	assert.Contains(t, got.stderr, `mine: exec: "no-such-program": executable file not found in $PATH`)
	assert.NoDirExists(t, dir)
}
