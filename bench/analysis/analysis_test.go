package analysis_test

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"poolbench/bench"
	"poolbench/bench/analysis"
	"poolbench/bench/journal"
	"poolbench/fixtures"
	"poolbench/protocol"
)

// quiet is a run on a machine where makespans spread by two percent.
type quiet struct {
	clients, workers []int
	pools            []string
	passes           int
	// factor is how much faster than usual a cell is.
	factor func(bench.Cell) float64
	plan   journal.Plan
	ended  bool
}

func (q quiet) cells() []bench.Cell {
	return bench.Matrix{
		Pools: q.pools, ClientPools: []bench.ClientPool{bench.ThreadClients}, Ops: bench.Ops(),
		Workers: q.workers, Volumes: []fixtures.Size{10 * fixtures.MiB, 50 * fixtures.MiB}, Clients: q.clients,
	}.Cells()
}

func (q quiet) run() journal.Run {
	rng := rand.New(rand.NewPCG(7, 7))
	run := journal.Run{Ended: q.ended}
	plan := q.plan
	plan.Base = protocol.PoolThread
	if plan.Precision == 0 {
		plan.Precision = 0.05
	}
	cells := q.cells()
	run.Head.Plan = plan.Of(cells)
	for pass := 1; pass <= q.passes; pass++ {
		for i, c := range cells {
			wire := fixtures.Spec{Size: c.Volume}.TextSize()
			seconds := float64(int64(c.Clients)*wire) / 1e9 / q.factor(c) * math.Exp(0.02*rng.NormFloat64())
			took := time.Duration(seconds * float64(time.Second))
			samples := make([]bench.Sample, c.Clients)
			for j := range samples {
				samples[j] = bench.Sample{Client: j, Sent: time.Millisecond, FirstByte: time.Millisecond + 50*time.Millisecond/time.Duration(c.Workers), Done: took, Wire: wire}
			}
			run.Results = append(run.Results, bench.Result{
				Cell: c, Pass: pass, Server: 1000*pass + i, Took: took, Rounds: []bench.Round{{Makespan: took, Samples: samples}},
			})
		}
	}
	return run
}

func one(bench.Cell) float64 { return 1 }

func effect(t *testing.T, a *analysis.Analysis, op bench.Op, axis, level string) analysis.Effect {
	t.Helper()
	for _, e := range a.Effects {
		if e.Op == op && e.Axis == axis && e.Level == level {
			return e
		}
	}
	require.Fail(t, "no such effect", "%s %s %s", op, axis, level)
	return analysis.Effect{}
}

// processIs makes processes faster by a factor where it applies.
func processIs(factor float64, where func(bench.Cell) bool) func(bench.Cell) float64 {
	return func(c bench.Cell) float64 {
		if c.Pool == protocol.PoolProcess && where(c) {
			return factor
		}
		return 1
	}
}

func TestEffects(t *testing.T) {
	uploads := func(c bench.Cell) bool { return c.Op == bench.Upload }
	a := analysis.New(quiet{[]int{1, 5}, []int{1, 5}, pools, 6, processIs(1.1, uploads), journal.Plan{Passes: 6}, true}.run())
	assert.Equal(t, 6, a.Passes)
	assert.Equal(t, 6, a.Looked)

	up := effect(t, a, bench.Upload, "", "")
	assert.True(t, up.Whole())
	assert.InEpsilon(t, 1.1, up.Ratio, 0.02)
	assert.True(t, up.Excludes(1))
	assert.Equal(t, 8, up.Points)
	assert.Equal(t, 6*8, up.N)
	assert.Equal(t, 6, up.Estimate.Passes)
	down := effect(t, a, bench.Download, "", "")
	assert.False(t, down.Excludes(1))
	assert.Less(t, down.Within(), 0.03)
	for _, e := range a.Effects {
		assert.False(t, e.StandsOut, "%v", e)
		assert.True(t, e.Bounded())
	}
	assert.Equal(t, 4, effect(t, a, bench.Upload, "clients", "5").Points)
	require.Len(t, a.Points, 16)
	for _, p := range a.Points {
		assert.False(t, p.StandsOut)
		assert.Equal(t, protocol.PoolProcess, p.Cell.Pool)
		assert.Equal(t, 6, p.N)
	}
}

func TestLevelsStandOut(t *testing.T) {
	alone := func(c bench.Cell) bool { return c.Workers == 1 && c.Op == bench.Download }
	a := analysis.New(quiet{[]int{1, 5}, []int{1, 5, 50}, pools, 8, processIs(0.8, alone), journal.Plan{Passes: 8}, true}.run())
	assert.True(t, effect(t, a, bench.Download, "workers", "1").StandsOut)
	assert.False(t, effect(t, a, bench.Upload, "workers", "1").StandsOut)
	assert.False(t, effect(t, a, bench.Download, "clients", "5").StandsOut)
	verdict := strings.Join(a.Verdict, "\n")
	assert.Regexp(t, `(?m)^It depends: for downloads with 1 worker processes move 2\d % less than threads \(.*%\), and 0\.\d % (more|less) elsewhere`, verdict)
	assert.LessOrEqual(t, len(a.Verdict), 5)
}

func TestPointsStandOut(t *testing.T) {
	special := func(c bench.Cell) bool {
		return c.Op == bench.Upload && c.Clients == 5 && c.Workers == 5 && c.Volume == 50*fixtures.MiB
	}
	q := quiet{[]int{1, 5}, []int{1, 5, 50}, pools, 8, processIs(1.5, special), journal.Plan{Passes: 8}, true}
	a := analysis.New(q.run())
	var out []bench.Cell
	for _, p := range a.Points {
		if p.StandsOut {
			out = append(out, p.Cell)
			assert.InEpsilon(t, 1.5, p.Ratio, 0.05)
		}
	}
	require.Len(t, out, 1)
	assert.True(t, special(out[0]))
	assert.Contains(t, strings.Join(a.Verdict, "\n"), "upload of 50 MiB, 5 clients, 5 workers: processes move ")

	q.passes, q.plan.Passes = 3, 3
	for _, p := range analysis.New(q.run()).Points {
		assert.False(t, p.StandsOut, "three visits are too few for a claim")
	}
}

func TestVerdict(t *testing.T) {
	for _, row := range []struct {
		name string
		q    quiet
		want []string
	}{
		{"a difference and none", quiet{[]int{1, 5}, []int{1, 5}, pools, 6, processIs(1.1, func(c bench.Cell) bool { return c.Op == bench.Upload }), journal.Plan{Passes: 6}, true}, []string{
			`^Uploads: processes move \d\d % more than threads in the same time \(\+\d.* … \+\d\d %; 8 points in 6 passes\)\.$`,
			`^Downloads: processes and threads are alike within \d\.\d % \(processes move \d\.\d % (more|less), (−|\+)\d\.\d … (−|\+)\d\.\d %; 8 points in 6 passes\)\.$`,
			`^That depends on nothing that stands out`,
			`^Enough workers are, for uploads 1 for 1 client \(.*\), 1 for 5 clients \(.*; for downloads .*\.$`,
			`^All 576 ops succeeded\.$`,
		}},
		{"first impressions", quiet{[]int{1, 5}, []int{1, 5}, pools, 1, one, journal.Plan{Passes: 1}, true}, []string{
			`^First impressions, of one pass: Uploads: processes and threads are alike within `, `^Downloads: `, `^That depends on nothing`, `^Enough workers`, `^All 96 ops succeeded`,
		}},
		{"one pool", quiet{[]int{1}, []int{1, 5}, []string{protocol.PoolThread}, 2, one, journal.Plan{Passes: 2}, true}, []string{`^Enough workers are, `, `^All 16 ops`}},
		{"nothing to compare", quiet{[]int{1}, []int{1}, []string{protocol.PoolThread}, 2, one, journal.Plan{Passes: 2}, true}, []string{`^All 8 ops`}},
		{"the testing package's pace", quiet{[]int{1}, []int{1}, pools, 1, one, journal.Plan{Count: 1}, true}, []string{`^Pools are not compared: the cells were measured one after the other`, `^All 8 ops`}},
		{"not begun", quiet{[]int{1}, []int{1}, pools, 0, one, journal.Plan{Passes: 2}, false}, []string{`^Nothing is compared yet: the first pass is not whole\.$`, `^Nothing was measured; 8 of 8 cells not measured: the run was killed, or goes on\.$`}},
	} {
		t.Run(row.name, func(t *testing.T) {
			got := analysis.New(row.q.run()).Verdict
			require.Len(t, got, len(row.want), "%q", got)
			for i, want := range row.want {
				assert.Regexp(t, want, got[i])
			}
		})
	}
}

// A round that failed or stalled does not count in any ratio.
func TestRoundsNotWhole(t *testing.T) {
	q := quiet{[]int{1}, []int{1, 5}, pools, 5, one, journal.Plan{Passes: 5}, true}
	run := q.run()
	run.Results[0].Rounds[0].Samples[0].Failure = bench.Failure{Reason: bench.Refused}
	run.Results[1].Rounds[0].Stalled = time.Second
	run.Results[1].Rounds[0].Makespan += 6 * time.Second
	a := analysis.New(run)
	assert.Equal(t, 4*5-2, effect(t, a, run.Results[0].Cell.Op, "", "").N)
	assert.Regexp(t, `^Of 80 ops 1 failed, most often, 1 time, with refused, but something stood still in rounds of 1 of 16 cells`, a.Verdict[len(a.Verdict)-1])
}

// If a cell was visited several times in one pass, the last visit counts: an interrupted
// point is repeated.
func TestLastVisitCounts(t *testing.T) {
	q := quiet{[]int{1}, []int{1, 5}, pools, 4, one, journal.Plan{Passes: 4}, true}
	run := q.run()
	again := run.Results[0]
	again.Rounds = []bench.Round{{Makespan: again.Rounds[0].Makespan / 100, Samples: again.Rounds[0].Samples}}
	run.Results = append([]bench.Result{again}, run.Results...)
	assert.Equal(t, analysis.New(q.run()).Effects, analysis.New(run).Effects)
}

// A run in progress is analysed as of its last look: after the first pass, and again when
// it has taken twice as long, if half of its time is left.
func TestLooks(t *testing.T) {
	for _, row := range []struct {
		passes, looked int
		ended          bool
	}{{0, 0, false}, {1, 1, false}, {2, 1, false}, {3, 2, false}, {4, 2, false}, {5, 4, false}, {8, 4, false}, {9, 8, false}, {16, 8, false}, {16, 16, true}, {20, 8, false}, {20, 20, true}} {
		q := quiet{[]int{1}, []int{1, 5}, pools, row.passes, one, journal.Plan{Passes: 20}, row.ended}
		a := analysis.New(q.run())
		assert.Equal(t, row.looked, a.Looked, "%d passes", row.passes)
		if row.looked == 0 {
			assert.Empty(t, a.Effects)
			continue
		}
		assert.Equal(t, row.looked, a.Effects[0].Estimate.Passes)
	}
	first := quiet{[]int{1}, []int{1, 5}, pools, 4, one, journal.Plan{Passes: 20}, false}
	last := first
	last.ended = true
	early, late := analysis.New(first.run()).Effects[0], analysis.New(last.run()).Effects[0]
	assert.Greater(t, early.HalfWidth(), late.HalfWidth(), "an early look may spend little")
}

func TestWanted(t *testing.T) {
	point := func(op bench.Op, clients int) bench.Cell {
		return bench.Cell{Op: op, Clients: clients, Workers: 1, Volume: 10 * fixtures.MiB}
	}
	q := quiet{[]int{1, 5}, []int{1, 5}, pools, 3, one, journal.Plan{Budget: time.Hour}, false}
	wanted := analysis.Wanted(q.run())
	assert.True(t, wanted(point(bench.Upload, 1)), "three passes may be narrow by chance")
	q.passes = 8
	assert.False(t, analysis.Wanted(q.run())(point(bench.Upload, 1)), "two per cent over eight passes is precise enough")
	q.plan.Precision = 0.0001
	assert.True(t, analysis.Wanted(q.run())(point(bench.Download, 5)))

	single := quiet{[]int{1}, []int{1}, []string{protocol.PoolThread}, 3, one, journal.Plan{Budget: time.Hour}, false}
	assert.True(t, analysis.Wanted(single.run())(point(bench.Upload, 1)), "no interval of its median yet")
	single.passes = 12
	assert.False(t, analysis.Wanted(single.run())(point(bench.Upload, 1)))
}

// A level with too few ratios shows nothing and does not stand out.
func TestLevelWithOneRatio(t *testing.T) {
	run := quiet{[]int{1}, []int{1}, pools, 1, one, journal.Plan{Passes: 1}, true}.run()
	a := analysis.New(run)
	for _, e := range a.Effects {
		assert.False(t, e.StandsOut, "%v", e)
	}
	assert.NotContains(t, strings.Join(a.Verdict, "\n"), "It depends")
}

// The rate of a visit does not depend on how many rounds it has.
func TestRateOfSeveralRounds(t *testing.T) {
	q := quiet{[]int{1}, []int{1, 5}, pools, 6, one, journal.Plan{Passes: 6}, true}
	run := q.run()
	for i := range run.Results {
		r := &run.Results[i]
		round := r.Rounds[0]
		quick, slow := round, round
		quick.Makespan, slow.Makespan = round.Makespan*8/10, round.Makespan*12/10
		r.Rounds = []bench.Round{quick, slow}
		if r.Cell.Pool == protocol.PoolProcess {
			r.Rounds = []bench.Round{quick, slow, round}
		}
	}
	assert.InDelta(t, 1, effect(t, analysis.New(run), bench.Upload, "", "").Ratio, 0.02)
}

// A point that keeps failing is given up.
func TestGivenUp(t *testing.T) {
	q := quiet{[]int{1}, []int{1, 5}, pools, 3, one, journal.Plan{Budget: time.Hour, Precision: 0.0001}, false}
	run := q.run()
	dead := run.Results[0].Cell
	for i := range run.Results {
		if r := &run.Results[i]; r.Cell == dead {
			r.Rounds[0].Samples[0].Failure = bench.Failure{Reason: bench.Refused}
		}
	}
	wanted := analysis.Wanted(run)
	point, other := dead, run.Results[len(run.Results)-1].Cell
	point.Pool, other.Pool = "", ""
	assert.False(t, wanted(point))
	assert.True(t, wanted(other))
}

// An interrupted run may be resumed and end later, so it has not spent all of alpha.
func TestInterrupted(t *testing.T) {
	q := quiet{[]int{1}, []int{1, 5}, pools, 6, one, journal.Plan{Passes: 20}, true}
	whole, broken := q.run(), q.run()
	broken.Why = "interrupt signal received"
	a := analysis.New(broken)
	assert.Equal(t, 5, a.Passes, "the last may be in part")
	assert.Greater(t, a.Effects[0].HalfWidth(), analysis.New(whole).Effects[0].HalfWidth())
}
