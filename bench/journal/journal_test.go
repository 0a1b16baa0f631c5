package journal_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"poolbench/bench"
	"poolbench/bench/journal"
	"poolbench/fixtures"
)

var (
	upload   = bench.Cell{Op: bench.Upload, Volume: 10 * fixtures.MiB, Clients: 2, Workers: 5, Pool: "thread"}
	download = bench.Cell{Op: bench.Download, Volume: fixtures.KiB, Clients: 1, ClientPool: bench.ProcessClients, Pool: "remote"}
)

func head(edit ...func(h *journal.Head)) journal.Head {
	h := journal.Head{
		Plan:   journal.Plan{Base: "thread", Count: 2, Flags: map[string]string{"verify": "on"}},
		Commit: "0123456789ab", Program: strings.Repeat("0", 64),
		Environment: map[string]string{"kernel": "Linux 6.1", "cpus": "2"}, Flags: map[string]string{"verify": "on", "results": "r"},
		ID: "1f3a9c2e", Target: map[string]string{"workers": "5"}, Given: []string{"-verify=on"},
		Warnings: []bench.Warning{{Kind: bench.SharedCores, Value: 2, Text: "two processors"}},
	}
	for _, e := range edit {
		e(&h)
	}
	h.Plan = h.Plan.Of([]bench.Cell{upload, download})
	return h
}

// results has one of each outcome: ok, partial and failed.
func results() []bench.Result {
	good := bench.Sample{Client: 0, Connected: 1, Sent: 2, FirstByte: 3, Done: 4, Wire: 1000}
	bad := bench.Sample{Client: 1, Connected: 1, Failure: bench.Failure{Reason: bench.ServerSaidNo, Detail: `"No \u2028 room"`}}
	lost := bench.Sample{Client: 0, Failure: bench.Failure{Reason: bench.Refused}}
	machine := bench.MachineUse{Steal: time.Second, ContextSwitches: 7, Load1: 0.25}
	return []bench.Result{
		{Cell: upload, Pass: 1, Server: 3, Took: 17, Rounds: []bench.Round{
			{Samples: []bench.Sample{good, good}, Makespan: 4, LoadCPU: 5, ServerCPU: 6, MachineUse: machine, Stalled: time.Second},
			{Samples: []bench.Sample{good, bad}, Makespan: 9},
		}, LoadPeak: 7, ServerPeak: 8, Told: &bench.Told{Storage: 11, OK: 3, Failed: 1, Reasons: map[string]int64{"storage full": 1}}, Notes: []string{"a note"}},
		{Cell: download, Rounds: []bench.Round{{Samples: []bench.Sample{lost}}}, WarmUpFailed: 1},
		{Cell: upload, Rounds: []bench.Round{{Samples: []bench.Sample{good, good}, Makespan: 4}}},
	}
}

// passes returns the head of a run of passes.
func passes(h *journal.Head) {
	h.Plan.Count, h.Plan.Budget, h.Plan.Precision = 0, time.Minute, 0.05
}

// times counts the visits to a cell in the resumed results.
func times(j *journal.Journal, c bench.Cell) int {
	n := 0
	for _, r := range j.Resumed() {
		if r.Cell == c {
			n++
		}
	}
	return n
}

func open(t *testing.T, dir string, h journal.Head, resume bool) *journal.Journal {
	t.Helper()
	j, err := journal.Open(dir, h, resume)
	require.NoError(t, err)
	return j
}

func text(t *testing.T, dir string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(dir, journal.FileName))
	require.NoError(t, err)
	return string(data)
}

func TestRoundTrip(t *testing.T) {
	dir := t.TempDir()
	j := open(t, dir, head(), false)
	for i, r := range results() {
		require.NoError(t, j.Add(r))
		run, err := journal.Read(dir)
		require.NoError(t, err)
		assert.Equal(t, results()[:i+1], run.Results, "while the run goes on")
		assert.False(t, run.Ended)
	}
	require.NoError(t, j.Close("interrupted"))
	run, err := journal.Read(dir)
	require.NoError(t, err)
	assert.Equal(t, results(), run.Results)
	assert.True(t, run.Ended)
	assert.Equal(t, "interrupted", run.Why)
	assert.Equal(t, head().Plan, run.Head.Plan)
	assert.Equal(t, head().Environment, run.Head.Environment)
	assert.Equal(t, head().Warnings, run.Head.Warnings)
	assertValid(t, dir)
	assert.Contains(t, text(t, dir), `"outcome":"partial"`)
	assert.Contains(t, text(t, dir), `"reasons":{"refused":1}`)
}

// A run is appended after the previous one, and is read alone.
func TestRunsAreAppended(t *testing.T) {
	dir := t.TempDir()
	for _, r := range results() {
		j := open(t, dir, head(), false)
		require.NoError(t, j.Add(r))
		require.NoError(t, j.Close(""))
	}
	assert.Equal(t, len(results()), strings.Count(text(t, dir), `"kind":"run"`))
	run, err := journal.Read(dir)
	require.NoError(t, err)
	assert.Equal(t, results()[2:], run.Results)
	assert.True(t, run.Ended)
	assert.Empty(t, run.Why)
}

// A cell's last line has the warnings of all its rounds. The head has those of the run,
// including the storage of the previous run in the folder.
func TestWarnings(t *testing.T) {
	dir := t.TempDir()
	many := func(n int) bench.Result {
		r := results()[2]
		for len(r.Rounds) < n {
			r.Rounds = append(r.Rounds, r.Rounds[0])
		}
		return r
	}
	on := func(filesystem string) func(h *journal.Head) {
		return func(h *journal.Head) {
			h.Environment["storage-filesystem"] = filesystem
			h.Plan.Count = 3
		}
	}
	j := open(t, dir, head(on("ext4")), false)
	assert.Len(t, j.Warnings(), 1)
	require.NoError(t, j.Add(many(2)))
	require.NoError(t, j.Add(many(2)))
	assert.Equal(t, 2, strings.Count(text(t, dir), `"few-rounds"`))
	require.NoError(t, j.Add(many(2)))
	assert.Equal(t, 2, strings.Count(text(t, dir), `"few-rounds"`), "six are enough")
	require.NoError(t, j.Close("interrupted"))

	busy := func(h *journal.Head) {
		h.Warnings = []bench.Warning{{Kind: bench.MachineBusy, Value: 0.5, Text: "busy"}}
	}
	j = open(t, dir, head(on("ext4"), busy), true)
	require.NoError(t, j.Add(many(1)))
	assert.Equal(t, 2, strings.Count(text(t, dir), `"few-rounds"`), "with those of the run that it resumes")
	require.NoError(t, j.Close(""))
	run, err := journal.Read(dir)
	require.NoError(t, err)
	assert.Len(t, run.Head.Warnings, 2, "of both parts")

	j = open(t, dir, head(on("tmpfs")), false)
	assert.Equal(t, bench.StorageMoved, j.Warnings()[1].Kind)
	require.NoError(t, j.Close(""))
	assertValid(t, dir)
}

// A killed run can be resumed wherever it was killed.
func TestResume(t *testing.T) {
	once := func(h *journal.Head) { h.Plan.Count = 1 }
	whole := t.TempDir()
	j := open(t, whole, head(once), false)
	require.NoError(t, j.Add(results()[0]))
	begin := len(text(t, whole))
	require.NoError(t, j.Add(results()[1]))
	lines := text(t, whole)
	require.NoError(t, j.Close(""))
	for at := begin; at < len(lines); at += 11 {
		dir := t.TempDir()
		require.NoError(t, os.WriteFile(filepath.Join(dir, journal.FileName), []byte(lines[:at]), 0o644))
		j := open(t, dir, head(once), true)
		assert.Equal(t, 1, times(j, upload))
		assert.Equal(t, 0, times(j, download))
		for _, r := range results()[1:] {
			require.NoError(t, j.Add(r))
		}
		require.NoError(t, j.Close(""))
		run, err := journal.Read(dir)
		require.NoError(t, err)
		require.Equal(t, results(), run.Results)
		require.True(t, run.Ended)
		assertValid(t, dir)
	}
}

// If a cell is to be measured twice in a row, both of its visits are kept or neither is.
func TestResumePacedCell(t *testing.T) {
	dir := t.TempDir()
	j := open(t, dir, head(), false)
	for _, r := range []bench.Result{results()[0], results()[2], results()[1]} {
		require.NoError(t, j.Add(r))
	}
	require.NoError(t, j.Close("interrupted"))
	j = open(t, dir, head(), true)
	assert.Equal(t, 2, times(j, upload))
	assert.Equal(t, 0, times(j, download))
	require.NoError(t, j.Add(results()[1]))
	require.NoError(t, j.Add(results()[1]))
	require.NoError(t, j.Close(""))
	run, err := journal.Read(dir)
	require.NoError(t, err)
	assert.Len(t, run.Results, 4)
	assertValid(t, dir)
}

// A run of passes loses nothing.
func TestResumePass(t *testing.T) {
	dir := t.TempDir()
	j := open(t, dir, head(passes), false)
	require.NoError(t, j.Add(results()[0]))
	require.NoError(t, j.Close("interrupted"))
	j = open(t, dir, head(passes), true)
	assert.Equal(t, 1, times(j, upload))
	assert.Equal(t, 0, times(j, download))
	require.NoError(t, j.Close("interrupted again"))
	run, err := journal.Read(dir)
	require.NoError(t, err)
	assert.Equal(t, results()[:1], run.Results)
	assertValid(t, dir)
}

func TestOpenErrors(t *testing.T) {
	for _, row := range []struct {
		name string
		edit func(h *journal.Head)
		want string
	}{
		{"another program", func(h *journal.Head) { h.Program, h.Commit = strings.Repeat("1", 64), "ba9876543210" },
			"the run to resume was different: the program was of commit 0123456789ab and is another, of commit ba9876543210"},
		{"another kernel", func(h *journal.Head) { h.Environment["kernel"] = "Linux 6.2" }, `kernel was "Linux 6.1" and is "Linux 6.2"`},
		{"another target", func(h *journal.Head) { h.Target["workers"] = "6" }, `the target's workers was "5" and is "6"`},
		{"another id", func(h *journal.Head) { h.ID = "00000000" }, ""},
		{"another flag", func(h *journal.Head) { h.Plan.Flags["verify"] = "off" }, `-verify was "on" and is "off"`},
		{"another count", func(h *journal.Head) { h.Plan.Count = 3 }, "it was to visit each cell 2 times in a row, and is to visit each cell 3 times in a row"},
		{"another pace", passes, "and is to visit each cell in passes"},
		{"another folder for results", func(h *journal.Head) { h.Flags["results"] = "s" }, ""},
	} {
		t.Run(row.name, func(t *testing.T) {
			dir := t.TempDir()
			require.NoError(t, open(t, dir, head(), false).Close(""))
			before := text(t, dir)
			j, err := journal.Open(dir, head(row.edit), true)
			if row.want == "" {
				require.NoError(t, err)
				assert.Equal(t, "1f3a9c2e", j.ID(), "that of the resumed run")
				require.NoError(t, j.Close(""))
				return
			}
			assert.ErrorContains(t, err, row.want)
			assert.Equal(t, before, text(t, dir), "nothing is lost")
		})
	}
	dir := t.TempDir()
	_, err := journal.Open(dir, head(), true)
	assert.ErrorContains(t, err, "there is no run to resume")
	j := open(t, dir, head(), false)
	_, err = journal.Open(dir, head(), false)
	assert.ErrorContains(t, err, "another run writes to it")
	require.NoError(t, j.Close(""))
	_, err = journal.Open(filepath.Join(dir, "none"), head(), false)
	assert.ErrorContains(t, err, "no such file or directory")
}

func TestReadErrors(t *testing.T) {
	for _, row := range []struct{ name, text, want string }{
		{"nothing", "", "there is no run in it"},
		{"no JSON", "{\"kind\":\n", "line 1: unexpected end of JSON input"},
		{"another kind", "{\"kind\":\"run\",\"schema\":2}\n{\"kind\":\"song\"}\n", `line 2: unknown kind "song"`},
		{"no head", "{\"kind\":\"op\"}\n", `line 1: a line of kind "op" before that of a run`},
		{"an earlier version", "{\"kind\":\"run\",\"schema\":1}\n", "line 1: it has schema 1, and this program reads 2: move it away, or name another folder"},
	} {
		t.Run(row.name, func(t *testing.T) {
			dir := t.TempDir()
			require.NoError(t, os.WriteFile(filepath.Join(dir, journal.FileName), []byte(row.text), 0o644))
			_, err := journal.Read(dir)
			assert.ErrorContains(t, err, row.want)
		})
	}
	_, err := journal.Read(t.TempDir())
	assert.ErrorContains(t, err, "no such file or directory")
}

// A full disk keeps what was written before.
func TestDiskFull(t *testing.T) {
	dir := t.TempDir()
	if err := unix.Mount("tmpfs", dir, "tmpfs", 0, "size=64k"); err != nil {
		t.Skip("cannot mount a small filesystem here:", err)
	}
	t.Cleanup(func() { assert.NoError(t, unix.Unmount(dir, 0)) })
	j := open(t, dir, head(), false)
	require.NoError(t, j.Add(results()[0]))
	large := results()[0]
	large.Notes = []string{strings.Repeat("a", 100<<10)}
	assert.ErrorContains(t, j.Add(large), "no space left on device")
	assert.ErrorContains(t, j.Add(results()[1]), "no space left on device", "nothing more is written")
	assert.ErrorContains(t, j.Close(""), "no space left on device")
	run, err := journal.Read(dir)
	require.NoError(t, err)
	assert.Equal(t, results()[:1], run.Results)
	assert.False(t, run.Ended)
	assertValid(t, dir)
}

// Reading never panics, whatever the file holds, and what it returns can be written again.
func FuzzRead(f *testing.F) {
	dir := f.TempDir()
	j, err := journal.Open(dir, head(), false)
	require.NoError(f, err)
	for _, r := range results() {
		require.NoError(f, j.Add(r))
	}
	require.NoError(f, j.Close(""))
	data, err := os.ReadFile(filepath.Join(dir, journal.FileName))
	require.NoError(f, err)
	f.Add(data)
	f.Add(bytes.ReplaceAll(data, []byte(`"kind":"op"`), []byte(`"kind":"round"`)))
	f.Fuzz(func(t *testing.T, data []byte) {
		dir := t.TempDir()
		require.NoError(t, os.WriteFile(filepath.Join(dir, journal.FileName), data, 0o644))
		run, err := journal.Read(dir)
		if err != nil {
			return
		}
		j, err := journal.Open(dir, run.Head, true)
		require.NoError(t, err)
		require.NoError(t, j.Close(""))
	})
}
