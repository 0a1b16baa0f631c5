package journal_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"poolbench/bench"
	"poolbench/bench/journal"
	"poolbench/fixtures"
)

// of returns a cell of uploads by one client.
func of(workers int, pool string) bench.Cell {
	return bench.Cell{Op: bench.Upload, Volume: fixtures.MiB, Clients: 1, Workers: workers, Pool: pool}
}

// part returns a complete run that visited each cell in two passes, each by a server of its
// own.
func part(dir string, cells ...bench.Cell) journal.Part {
	run := journal.Run{Ended: true, Head: journal.Head{
		Plan:   journal.Plan{Base: cells[0].Pool, Flags: map[string]string{"verify": "on", "target": "lab:1", "seed": "1"}}.Of(cells),
		Commit: "abc", Program: "0", Environment: map[string]string{"cpus": "2", "kernel": "6.1"}, Flags: map[string]string{"verify": "on"},
		Time: time.Unix(int64(len(dir)), 0),
	}}
	for pass := 1; pass <= 2; pass++ {
		for i, c := range cells {
			run.Results = append(run.Results, bench.Result{Cell: c, Pass: pass, Server: (pass-1)*len(cells) + i + 1, Rounds: []bench.Round{{Makespan: 1}}})
		}
	}
	return journal.Part{Dir: dir, Run: run}
}

func TestJoin(t *testing.T) {
	b, a := part("bb", of(5, "process"), of(1, "process")), part("a", of(5, "thread"), of(5, "process"))
	b.Why = "interrupted"
	run, err := journal.Join(b, a)
	require.NoError(t, err)
	assert.Equal(t, []bench.Cell{of(1, "process"), of(5, "process"), of(5, "thread")}, run.Head.Plan.Cells, "in the order of a matrix, pools as given")
	assert.Equal(t, "thread", run.Head.Plan.Base)
	assert.Equal(t, time.Unix(1, 0), run.Head.Time, "the earliest")
	assert.Equal(t, a.Head.Environment, run.Head.Environment)
	assert.Equal(t, "bb: interrupted", run.Unfinished())

	var passes, servers []int
	for _, r := range run.Results {
		passes, servers = append(passes, r.Pass), append(servers, r.Server)
	}
	assert.Equal(t, []int{1, 1, 2, 2, 3, 3, 4, 4}, passes)
	assert.Equal(t, []int{1, 2, 3, 4, 5, 6, 7, 8}, servers)
	assert.Equal(t, 1, a.Results[0].Pass, "the parts stay as they were")

	assert.Equal(t, []string{"bb", "a"}, run.Dirs(of(5, "process")))
	assert.Equal(t, []string{"a"}, run.Dirs(of(5, "thread")))
	for _, total := range run.Totals() {
		assert.Equal(t, 2*len(run.Dirs(total.Cell)), len(total.Rounds), "%v", total.Cell)
	}
}

// What a server did not tell is no number to count on.
func TestJoinUnknownNumbers(t *testing.T) {
	a, b := part("a", of(1, "thread")), part("b", of(5, "thread"))
	b.Results[0].Pass, b.Results[0].Server = 0, 0
	run, err := journal.Join(a, b)
	require.NoError(t, err)
	assert.Zero(t, run.Results[2].Pass)
	assert.Zero(t, run.Results[2].Server)
}

func TestJoinOfOne(t *testing.T) {
	a := part("a", of(1, "thread"))
	run, err := journal.Join(a)
	require.NoError(t, err)
	assert.Equal(t, a.Run, run)
}

func TestJoinSaysWhyNot(t *testing.T) {
	a, b, c := part("a", of(1, "thread")), part("b", of(5, "thread")), part("c", of(9, "thread"))
	a.Why, c.Ended = "interrupted", false
	run, err := journal.Join(a, b, c)
	require.NoError(t, err)
	assert.Equal(t, "a: interrupted", run.WhyNot(of(1, "thread")))
	assert.Equal(t, "b: the run ended before it", run.WhyNot(of(5, "thread")))
	assert.Equal(t, "c: the run was killed, or goes on", run.WhyNot(of(9, "thread")))
	assert.Equal(t, "interrupted", a.WhyNot(of(1, "thread")))
	assert.Equal(t, "a: interrupted; c: the run was killed, or goes on", run.Unfinished())
}

// Runs are told apart by what differs, and refused if a table could not tell their rows
// apart.
func TestJoinOfDifferentRuns(t *testing.T) {
	flag := func(name, value string) func(*journal.Head) {
		return func(h *journal.Head) { h.Plan.Flags[name] = value }
	}
	env := func(name, value string) func(*journal.Head) {
		return func(h *journal.Head) { h.Environment[name] = value }
	}
	program := func(h *journal.Head) { h.Program = "1" }
	const other, same = 5, 1 // numbers of workers
	for _, row := range []struct {
		name    string
		workers int
		change  func(*journal.Head)
		differs []string
		refused string
	}{
		{"the same", same, func(*journal.Head) {}, nil, ""},
		{"cells", same, flag("clients", "5"), []string{"-clients=5"}, ""},
		{"pace", same, flag("seed", "2"), nil, ""},
		{"target", other, flag("target", "lab:2"), []string{"-target=lab:2"}, ""},
		{"server", other, flag("server", "py=python3"), []string{"-server=py=python3"}, ""},
		{"kernel", other, env("kernel", "6.2"), []string{"kernel=6.2"}, ""},
		{"program", other, program, nil, ""},
		{"verification", other, flag("verify", "off"), nil, `journal: one report cannot hold a and b, which differ: -verify is "on" and "off"`},
		{"clients", other, flag("client-pool", "process"), nil, `journal: one report cannot hold a and b, which differ: -client-pool is "" and "process"`},
		{"machine", other, env("cpus", "4"), nil, `journal: one report cannot hold a and b, which differ: cpus is "2" and "4"`},
		{"kind of run", other, func(h *journal.Head) { h.Plan.Count = 1 }, nil, `journal: one report cannot hold a and b, which differ: pace is "passes" and "one cell after the other"`},
		{"target of a cell", same, flag("target", "lab:2"), nil,
			`journal: op=upload/volume=1MiB/clients=1/workers=1/pool=thread was measured in both of a and b, which differ: -target is "lab:1" and "lab:2": poolbench compare compares them`},
		{"kernel of a cell", same, env("kernel", "6.2"), nil, `which differ: kernel is "6.1" and "6.2"`},
		{"program of a cell", same, program, nil, `which differ: program is "0" and "1"`},
	} {
		t.Run(row.name, func(t *testing.T) {
			a, b := part("a", of(1, "thread")), part("b", of(row.workers, "thread"))
			row.change(&b.Head)
			run, err := journal.Join(a, b)
			if row.refused != "" {
				assert.ErrorContains(t, err, row.refused)
				return
			}
			require.NoError(t, err)
			assert.Equal(t, row.differs, run.Parts[1].Differs)
		})
	}
}

func TestJoinKeepsWarningsApart(t *testing.T) {
	a, b := part("a", of(1, "thread")), part("b", of(5, "thread"))
	shared, busy := bench.Warning{Kind: bench.SharedCores, Text: "shared"}, bench.Warning{Kind: bench.MachineBusy, Text: "busy"}
	a.Head.Warnings, b.Head.Warnings = []bench.Warning{shared}, []bench.Warning{busy, shared}
	run, err := journal.Join(a, b)
	require.NoError(t, err)
	busy.Text = "b: busy"
	assert.Equal(t, []bench.Warning{shared, busy}, run.Head.Warnings)
}

func TestReadAll(t *testing.T) {
	var dirs []string
	for _, workers := range []int{1, 5} {
		dir := t.TempDir()
		j, err := journal.Open(dir, journal.Head{Plan: journal.Plan{Base: "thread"}.Of([]bench.Cell{of(workers, "thread")})}, false)
		require.NoError(t, err)
		require.NoError(t, j.Close(""))
		dirs = append(dirs, dir)
	}
	run, err := journal.ReadAll(dirs...)
	require.NoError(t, err)
	assert.Equal(t, []bench.Cell{of(1, "thread"), of(5, "thread")}, run.Head.Plan.Cells)

	run, err = journal.ReadAll(dirs[0])
	require.NoError(t, err)
	assert.Nil(t, run.Parts)

	link := filepath.Join(t.TempDir(), "link")
	require.NoError(t, os.Symlink(dirs[0], link))
	copied := t.TempDir()
	require.NoError(t, os.CopyFS(copied, os.DirFS(dirs[0])))
	for _, again := range []string{dirs[0], link, copied} {
		_, err = journal.ReadAll(dirs[0], dirs[1], again)
		assert.EqualError(t, err, "journal: "+dirs[0]+" and "+again+" have the same run")
	}
	_, err = journal.ReadAll(dirs[0], "none")
	assert.ErrorIs(t, err, os.ErrNotExist)
}
