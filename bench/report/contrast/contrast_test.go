package contrast_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"poolbench/bench"
	"poolbench/bench/journal"
	"poolbench/bench/report/contrast"
	"poolbench/fixtures"
)

func cell(workers int, pool string) bench.Cell {
	return bench.Cell{Op: bench.Upload, Volume: 10 * fixtures.MiB, Clients: 5, Workers: workers, Pool: pool}
}

// result is one of rounds of so many ms; a round of none has failed.
func result(c bench.Cell, makespans ...float64) bench.Result {
	r := bench.Result{Cell: c}
	for _, ms := range makespans {
		round := bench.Round{Makespan: time.Duration(ms * float64(time.Millisecond)), Samples: []bench.Sample{{Done: 1, Wire: 1}}}
		if ms == 0 {
			round.Samples[0].Failure = bench.Failure{Reason: bench.Reset}
		}
		r.Rounds = append(r.Rounds, round)
	}
	return r
}

func times(factor float64, values ...float64) []float64 {
	scaled := make([]float64, len(values))
	for i, v := range values {
		scaled[i] = factor * v
	}
	return scaled
}

var noisy = []float64{100, 101, 102, 103, 104, 105, 106, 107}

// The cells of a run, each against the base's, which is thread.
func TestOfCells(t *testing.T) {
	results := []bench.Result{
		result(cell(1, "thread"), noisy...), result(cell(1, "process"), times(0.8, noisy...)...),
		result(cell(5, "thread"), noisy...), result(cell(5, "process"), noisy...),
		result(cell(6, "thread"), noisy...), result(cell(6, "process"), times(1.5, noisy...)...),
		result(cell(7, "thread"), 100, 101), result(cell(7, "process"), 80, 81),
		result(cell(8, "thread"), noisy...), result(cell(8, "process"), 0),
		result(cell(9, "thread"), noisy...),
	}
	run := journal.Run{Results: results}
	all := contrast.Of(run)
	want := []struct {
		workers int
		verdict bench.Verdict
		word    string
		says    string
	}{
		{1, bench.Faster, "+25 %", `^upload of 10 MiB, 5 clients, 1 worker: process by throughput \+25 %, 95 % interval \+2\d … \+2\d %, p <0\.001 after Holm$`},
		{5, bench.NoDifference, "≈", `process by throughput \+0\.0 %, 95 % interval −\d\.\d … \+\d\.\d %, p 1\.000 after Holm: no difference that this run can show$`},
		{6, bench.Slower, "−33 %", `−33 %`},
		{7, bench.TooFew, "?", `process by throughput \+25 %, of too few rounds to say more$`},
		{8, bench.NotCompared, "?", `no rounds without a failure to compare$`},
	}
	require.Len(t, all, len(want), "what has no base is not there")
	for i, row := range want {
		c := all[i]
		assert.Equal(t, cell(row.workers, "process"), c.Cell)
		assert.Equal(t, "thread", c.Base)
		assert.Equal(t, row.verdict, c.Verdict)
		assert.Equal(t, row.word, c.Word())
		assert.Regexp(t, row.says, c.String())
		assert.False(t, c.Paired)
		assert.Zero(t, c.Floor)
	}
	assert.InEpsilon(t, 1.25, all[0].Ratio, 1e-9, "a pool that takes 0.8 of the time moves 1.25 times as much")
}

// Of very many rounds the p-value is 0, which is no lack of one; and what is planned
// and yet to be measured is one more that chance could have made.
func TestFamily(t *testing.T) {
	var many []float64
	for i := range 1200 {
		many = append(many, 100+float64(i)/1000)
	}
	run := journal.Run{Results: []bench.Result{result(cell(1, "thread"), many...), result(cell(1, "process"), times(0.5, many...)...)}}
	assert.Equal(t, bench.Faster, contrast.Of(run)[0].Verdict)

	run.Results = []bench.Result{result(cell(1, "thread"), noisy[:5]...), result(cell(1, "process"), times(0.8, noisy[:5]...)...)}
	planned := []bench.Cell{cell(1, "thread"), cell(1, "process")}
	run.Head.Plan = journal.NewPlan(planned, 1, false, nil)
	assert.Equal(t, bench.Faster, contrast.Of(run)[0].Verdict, "p 0.008 of one")
	for i := range 10 {
		planned = append(planned, cell(5+i, "thread"), cell(5+i, "process"))
	}
	run.Head.Plan = journal.NewPlan(planned, 1, false, nil)
	all := contrast.Of(run)
	require.Len(t, all, 1)
	assert.Equal(t, bench.TooFew, all[0].Verdict, "of eleven")
	assert.InDelta(t, 11*2./252, all[0].PHolm, 1e-9)
}

// A pair has the word over what was measured of its cells, and a noise floor.
func TestOfPairs(t *testing.T) {
	against := func(workers int, pool string, makespans []float64) bench.Pair {
		return bench.Pair{Cell: cell(workers, pool), Base: "thread", BaseSide: result(cell(workers, "thread"), noisy...), PoolSide: result(cell(workers, pool), makespans...)}
	}
	itself := []float64{101, 100, 103, 102, 105, 104, 107, 106}
	run := journal.Run{
		Results: []bench.Result{result(cell(1, "thread"), noisy...), result(cell(1, "process"), times(2, noisy...)...)},
		Pairs: []bench.Pair{
			against(1, "thread", itself), against(1, "process", times(0.8, noisy...)),
			against(5, "thread", itself), against(5, "process", times(1.001, noisy...)),
			against(6, "process", times(0.8, noisy...)),
		},
	}
	var planned []bench.Cell
	for _, p := range run.Pairs {
		planned = append(planned, p.Cell)
	}
	run.Head.Plan = journal.NewPlan([]bench.Cell{cell(1, "thread"), cell(1, "process")}, 1, false, nil).With(planned, "thread")
	all := contrast.Of(run)
	require.Len(t, all, 3)
	for i, row := range []struct {
		verdict bench.Verdict
		says    string
	}{
		{bench.Faster, `\+25 %, .*, noise floor −\d\.\d … \+\d\.\d %$`},
		{bench.WithinFloor, `−0\.1 %, .*, noise floor −\d\.\d … \+\d\.\d %: no difference that this run can show$`},
		{bench.NoFloor, `\+25 %, .*: no noise floor$`},
	} {
		assert.Equal(t, row.verdict, all[i].Verdict)
		assert.Regexp(t, row.says, all[i].String())
		assert.True(t, all[i].Paired)
	}
	assert.Greater(t, all[0].Floor, 1.0)
	assert.Zero(t, all[2].Floor)
}

func TestMaps(t *testing.T) {
	var results []bench.Result
	for _, workers := range []int{50, 1} {
		for _, pool := range []string{"thread", "process", "goroutine"} {
			results = append(results, result(cell(workers, pool), noisy...))
		}
	}
	maps := contrast.Maps(contrast.Of(journal.Run{Results: results}))
	require.Len(t, maps, 2)
	assert.Equal(t, "upload: process against thread", maps[0].Title())
	assert.Equal(t, "upload: goroutine against thread", maps[1].Title())
	assert.Equal(t, []int{1, 50}, maps[0].Workers)
	assert.Equal(t, []int{5}, maps[0].Clients)
	assert.Equal(t, []fixtures.Size{10 * fixtures.MiB}, maps[0].Volumes)
	c, there := maps[0].At(10*fixtures.MiB, 50, 5)
	assert.True(t, there)
	assert.Equal(t, cell(50, "process"), c.Cell)
	_, there = maps[0].At(10*fixtures.MiB, 5, 5)
	assert.False(t, there)
	assert.Empty(t, contrast.Of(journal.Run{}))
	assert.Empty(t, contrast.Maps(nil))
}
