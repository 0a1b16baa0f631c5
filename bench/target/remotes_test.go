package target_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"poolbench/bench"
	"poolbench/bench/plan"
	"poolbench/bench/target"
	"poolbench/fixtures"
	"poolbench/server"
	"poolbench/server/servertest"
)

func TestNamesOfSeveralTargets(t *testing.T) {
	start := func(pool server.Pool, workers int) string {
		return servertest.Start(t, server.Config{Pool: pool, Workers: workers}).Addr().String()
	}
	threads, more, processes := start(server.Thread, 2), start(server.Thread, 2), start(server.Process, 3)
	silent := servertest.Peer(t, func(c *servertest.Caller) { c.Say("ERROR Unknown command\r\n\r\n") })
	for _, row := range []struct {
		name  string
		at    []target.Address
		pools []string
		notes []string // parts of them, in order
		err   string
	}{
		{name: "one without a label", at: []target.Address{{Addr: threads}}, pools: []string{"thread"}, notes: []string{"reports pool and workers"}},
		{name: "as they say", at: []target.Address{{Addr: threads, Label: "thread"}, {Addr: processes, Label: "process"}}, pools: []string{"thread", "process"},
			notes: []string{"target " + threads, "target " + processes, "different numbers of workers, so that no point has all of them: nothing is compared"}},
		{name: "names of their own", at: []target.Address{{Addr: threads, Label: "old"}, {Addr: more, Label: "new"}}, pools: []string{"old", "new"}, notes: []string{"", ""}},
		{name: "a label that is wrong", at: []target.Address{{Addr: threads, Label: "goroutine"}}, pools: []string{"thread"}, notes: []string{"it is called goroutine, and says that its pool is thread"}},
		{name: "a label for one that does not tell", at: []target.Address{{Addr: silent, Label: "process"}, {Addr: threads, Label: "thread"}}, pools: []string{"process", "thread"}, notes: []string{"has no STATS", "", "different numbers"}},
		{name: "two that are the same", at: []target.Address{{Addr: threads, Label: "thread"}, {Addr: more, Label: "process"}}, err: threads + " and " + more + " are both a pool thread: give each a name of its own"},
		{name: "one that is not there", at: []target.Address{{Addr: threads, Label: "a"}, {Addr: servertest.Nobody(t), Label: "b"}}, err: "nothing listens there"},
	} {
		t.Run(row.name, func(t *testing.T) {
			all, err := target.FindAll(t.Context(), row.at)
			if row.err != "" {
				assert.ErrorContains(t, err, row.err)
				return
			}
			require.NoError(t, err)
			assert.Equal(t, row.pools, all.Pools())
			notes := all.Notes()
			require.Len(t, notes, len(row.notes))
			for i, part := range row.notes {
				assert.Contains(t, notes[i], part)
			}
		})
	}
}

// Each cell goes to its own server.
func TestCellsOfSeveralTargets(t *testing.T) {
	dir := t.TempDir()
	a := servertest.Start(t, server.Config{Workers: 1, Storage: dir}).Addr().String()
	b := servertest.Start(t, server.Config{Workers: 4}).Addr().String()
	at := []target.Address{address(a), address(b)}
	at[0].Label, at[1].Label = "a", "b"
	all, err := target.FindAll(t.Context(), at)
	require.NoError(t, err)
	assert.Equal(t, []int{1, 4}, all.Workers())
	assert.True(t, all.Has(bench.Cell{Pool: "b", Workers: 4}))
	assert.False(t, all.Has(bench.Cell{Pool: "b", Workers: 1}))
	assert.Equal(t, a+","+b, all.Side().Target)
	words := all.Words()
	assert.Equal(t, "1", words["a-workers"])
	assert.Equal(t, "4", words["b-workers"])

	file := fixture(t, fixtures.KiB)
	server, failed := all.Server(t.Context(), bench.Cell{Op: bench.Download, Volume: file.Size, Pool: "a"}, plan.Lifetime{}, file)
	require.Zero(t, failed)
	assert.Equal(t, a, server.Addr)
	assert.FileExists(t, dir+"/"+file.Name())
	server, _ = all.Server(t.Context(), bench.Cell{Op: bench.Upload, Pool: "b"}, plan.Lifetime{}, file)
	assert.Equal(t, b, server.Addr)

	cells := []bench.Cell{{Op: bench.Download, Volume: file.Size, Clients: 1, Pool: "a"}, {Op: bench.Upload, Volume: file.Size, Clients: 1, Pool: "b"}}
	trial, err := all.Trial(t.Context(), cells)
	require.NoError(t, err)
	assert.Positive(t, trial.Rates[bench.Download])
	assert.Positive(t, trial.Rates[bench.Upload])
	assert.Empty(t, trial.Lacks, "a has the file, and b needs none")
	assert.Positive(t, trial.Left)
}
