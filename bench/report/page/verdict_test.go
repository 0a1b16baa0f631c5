package page_test

import (
	htmlpkg "html"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"poolbench/bench"
	"poolbench/bench/journal"
	"poolbench/fixtures"
)

// line is uploads by 5 clients to threads and processes, of so many rounds with 1, 5
// and 50 workers, which take 100, 50 and 20 ms.
func line(rounds ...int) journal.Run {
	random := rand.New(rand.NewPCG(5, 6))
	var cells []bench.Cell
	var results []bench.Result
	for _, pool := range []string{"thread", "process"} {
		for i, workers := range []int{1, 5, 50} {
			c := bench.Cell{Op: bench.Upload, Volume: 10 * fixtures.MiB, Clients: 5, Workers: workers, Pool: pool}
			cells = append(cells, c)
			if rounds[i] > 0 {
				results = append(results, measured(c, rounds[i], []time.Duration{100, 50, 20}[i]*ms, random))
			}
		}
	}
	return journal.Run{Head: head(cells), Results: results, Ended: true}
}

// A verdict says what the run shows, and of what it does not show, why.
func TestVerdict(t *testing.T) {
	best := line(8, 8, 8)
	for i := range 4 {
		best.Results[2].Rounds[i].Samples[0].Failure = bench.Failure{Reason: bench.Reset}
	}
	warm := line(8, 8, 8)
	warm.Results[0].WarmUpFailed = 3
	turns := line(2, 2, 0)
	turns.Head.Plan = journal.NewPlan(turns.Head.Plan.Planned(), 7, true, nil)
	turns.Ended, turns.Why = true, "interrupt signal received"
	half := line(8, 8, 8)
	half.Results, half.Ended = half.Results[:3], false
	for _, row := range []struct {
		name string
		run  journal.Run
		want []string
		not  []string
	}{
		{"whole", line(8, 8, 8), []string{
			"For 5 clients, as far as the intervals tell, uploads reach with 50 workers what the best number reaches (10 MiB, thread: ", "which is best)",
			"All 240 ops that were done succeeded.",
		}, []string{"where it is known", "warm-up"}},
		{"the best number failing", best, []string{
			"(10 MiB, process: ", "which is best), where it is known: for 1 of 2 volumes and pools a number of workers has too few rounds without a failure",
			"Of 240 ops 4 failed, in 1 of 6 cells; most often, 4 times: reset.",
		}, nil},
		{"a warm-up that failed", warm, []string{"All 240 ops that were done succeeded. Of the warm-up 3 ops failed."}, nil},
		{"two turns of seven", turns, []string{
			"The run was broken off: 4 of 42 measurements of 6 cells done; interrupt signal received.",
			"How many workers are enough this run cannot say", "2 had too few rounds for so many points",
			"What the machine did meanwhile is spread over all cells",
		}, []string{"without a failure on both sides"}},
		{"one pool of two", half, []string{
			"Which pool is faster this run cannot say", "The run goes on, or was killed: 3 of 6 cells done.", "Of 6 cells 3 not measured: the run was killed, or goes on.",
		}, nil},
	} {
		t.Run(row.name, func(t *testing.T) {
			text := htmlpkg.UnescapeString(html(t, row.run))
			for _, want := range row.want {
				assert.True(t, contains(text, want), want)
			}
			for _, not := range row.not {
				assert.False(t, contains(text, not), not)
			}
		})
	}
}

// Of a pair that failed each side's reasons stand in its row.
func TestPairReasons(t *testing.T) {
	base := bench.Cell{Op: bench.Upload, Volume: 10 * fixtures.MiB, Clients: 1, Workers: 1, Pool: "thread"}
	random := rand.New(rand.NewPCG(7, 8))
	pair := bench.Pair{Cell: processes(base), Base: "thread", BaseSide: measured(base, 8, 10*ms, random), PoolSide: measured(processes(base), 8, 10*ms, random)}
	pair.BaseSide.Rounds[0].Samples[0].Failure = bench.Failure{Reason: bench.Refused}
	for i := range 3 {
		pair.PoolSide.Rounds[i].Samples[0].Failure = bench.Failure{Reason: bench.Reset, Detail: "by <peer>"}
	}
	run := journal.Run{Head: head(nil), Pairs: []bench.Pair{pair}, Ended: true}
	run.Head.Plan = run.Head.Plan.With([]bench.Cell{pair.Cell}, "thread")
	assert.True(t, contains(html(t, run), "thread: 1 × refused; process: 3 × reset: by &lt;peer&gt;"))
}
