package session

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"poolbench/bench"
	"poolbench/bench/journal"
)

// passOf counts the visits of each pass.
func passOf(results []bench.Result) map[int]int {
	counts := map[int]int{}
	for _, r := range results {
		counts[r.Pass]++
	}
	return counts
}

func TestRunEnds(t *testing.T) {
	for _, row := range []struct {
		name   string
		args   []string
		passes map[int]int // visits
	}{
		{"after a number of passes", []string{"-passes=3"}, map[int]int{1: 8, 2: 8, 3: 8}},
		{"after a whole pass, if a budget is too small for it", []string{"-budget=1ms"}, map[int]int{1: 8}},
		{"when all is precise", []string{"-budget=1h"}, map[int]int{1: 8, 2: 8, 3: 8, 4: 8}}, // because all rounds take equally long
	} {
		t.Run(row.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := &fake{}
				run := f.play(t, t.Context(), row.args...)
				assert.Zero(t, run.status)
				assert.Empty(t, run.stderr)
				assert.True(t, f.closed)
				assert.Len(t, run.rows(), len(f.visits), "a row for each visit")
				assert.Equal(t, row.passes, passOf(run.run.Results))
			})
		})
	}
}

// A budget is used up as far as points fit, and dear points are in fewer passes than cheap
// ones.
func TestBudget(t *testing.T) {
	const budget = time.Minute
	synctest.Test(t, func(t *testing.T) {
		visits := map[string]int{}
		random := rand.New(rand.NewPCG(1, 2))
		f := &fake{takes: func(c bench.Cell) time.Duration {
			name := c.String()
			visits[name]++
			uneven := time.Duration(1 + random.IntN(5)) // or all would be precise at once
			if c.Op == bench.Upload && c.Clients == 5 {
				return uneven * time.Second
			}
			return uneven * 50 * time.Millisecond
		}}
		run := f.play(t, t.Context(), "-budget=1m", "-precision=0.001")
		assert.Zero(t, run.status)
		var spent time.Duration
		for _, r := range run.run.Results {
			spent += r.Took
		}
		assert.LessOrEqual(t, spent, budget+10*time.Second, "a point that has begun is finished")
		assert.Greater(t, spent, budget-10*time.Second)
		dear := visits["op=upload/volume=1KiB/clients=5/workers=2/pool=thread"]
		cheap := visits["op=upload/volume=1KiB/clients=1/workers=2/pool=thread"]
		assert.Greater(t, dear, 1)
		assert.Greater(t, cheap, 5*dear)
	})
}

// The pools of a point are visited next to each other, each on a warm server.
func TestVisits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fake{}
		run := f.play(t, t.Context(), "-passes=2", "-workers=2,3")
		require.Len(t, f.visits, 2*16)
		for i := 0; i < len(f.visits); i += 2 {
			one, other := f.visits[i], f.visits[i+1]
			assert.NotEqual(t, one.Pool, other.Pool)
			one.Pool = other.Pool
			assert.Equal(t, one, other)
		}
		assert.Equal(t, 2*4, f.started, "a server for each pool and number of workers lives for a pass")
		assert.Equal(t, 2*4*2, f.warmed, "each is warmed once for each op")
		assert.Equal(t, 2, f.ready[0], "both of a point are, before one is visited")
		for i, r := range run.run.Results {
			assert.Equal(t, 1+i/16, r.Pass)
			assert.Equal(t, r.Pass == 2, r.Server > 4, "the servers' numbers")
			assert.NotZero(t, r.Took)
		}
	})
}

// A round of milliseconds is repeated within its visit, a failed one is not.
func TestShortRounds(t *testing.T) {
	for _, row := range []struct {
		name   string
		takes  time.Duration
		fails  bench.Reason
		rounds int
	}{
		{"long", time.Second, "", 1},
		{"as long as a visit", 30 * time.Millisecond, "", 1},
		{"a third of it", 10 * time.Millisecond, "", 3},
		{"too short", time.Millisecond, "", 10},
		{"failed", time.Millisecond, bench.Reset, 1},
	} {
		t.Run(row.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := &fake{
					takes: func(bench.Cell) time.Duration { return row.takes },
					fails: func(bench.Cell) bench.Reason { return row.fails },
				}
				for _, r := range f.play(t, t.Context(), "-passes=1").run.Results {
					assert.Len(t, r.Rounds, row.rounds)
				}
			})
		})
	}
}

func TestStatus(t *testing.T) {
	uploads := func(reason bench.Reason) func(bench.Cell) bench.Reason {
		return func(c bench.Cell) bench.Reason { return map[bench.Op]bench.Reason{bench.Upload: reason}[c.Op] }
	}
	for _, row := range []struct {
		name   string
		fake   fake
		args   []string
		status int
		says   []string
	}{
		{"all is well", fake{}, nil, 0, []string{"# 8 cells, 24 ops, 0 failed\n"}},
		{"ops fail", fake{fails: uploads(bench.Reset)}, nil, 1,
			[]string{"# 8 cells, 24 ops, 12 failed\n", "# exit status 1 because ops failed; -allow-failures makes it 0\n"}},
		{"they may", fake{fails: uploads(bench.Reset)}, []string{"-allow-failures"}, 0, []string{"# 8 cells, 24 ops, 12 failed\n"}},
		{"there is no server", fake{lacks: uploads(bench.NotReady)}, nil, 1, []string{"# 8 cells, 24 ops, 12 failed\n", "server not ready: made up"}},
		{"the deadline comes", fake{}, []string{"-deadline=400ms"}, 1,
			[]string{"skipped: op=", ": the deadline of 400ms had passed\n", "# exit status 1 because not all was measured that was planned\n"}},
	} {
		t.Run(row.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				run := row.fake.play(t, t.Context(), append(row.args, "-passes=1")...)
				assert.Equal(t, row.status, run.status)
				for _, text := range row.says {
					assert.Contains(t, run.out, text)
				}
				if row.name == "the deadline comes" {
					assert.Len(t, row.fake.visits, 3, "one is under way, and is ended")
					assert.Len(t, run.run.Results, 2, "which is not kept")
					assert.Equal(t, 6, strings.Count(run.out, "# skipped: "))
				}
			})
		})
	}
}

// The time of a stall is not part of a visit's cost, which decides how often a point is
// visited.
func TestCostOfStalledRound(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fake{stall: time.Minute}
		for i, r := range f.play(t, t.Context(), "-passes=1").run.Results {
			if i > 0 { // the first includes the time before it
				assert.Equal(t, 100*time.Millisecond, r.Took%time.Minute)
				assert.Less(t, r.Took, time.Minute)
			}
		}
	})
}

// A server that may still be busy is not visited again.
func TestWedgedServer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fake{wedge: func(c bench.Cell) bool { return c.Pool == "thread" && c.Clients == 5 }}
		f.play(t, t.Context(), "-passes=1", "-warmup=0")
		assert.Len(t, f.dropped, 2)
		for _, c := range f.dropped {
			assert.Equal(t, "thread", c.Pool)
		}
	})
}

// A resumed run does not repeat what was measured, except for the interrupted point.
func TestResume(t *testing.T) {
	for _, row := range []struct {
		name          string
		before, after int // visits
	}{
		{"between two points", 4, 2*8 - 3 + 1}, // the run ended during the fourth visit
		{"in the middle of a point", 5, 2*8 - 4},
		{"in the second pass", 12, 2*8 - 11 + 1},
	} {
		t.Run(row.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				results := t.TempDir()
				args := []string{"-passes=2", "-results=" + results}
				first := &fake{log: filepath.Join(results, "server.log")}
				run := first.play(t, first.stopAfter(t.Context(), row.before, "enough of it"), args...)
				assert.Equal(t, 1, run.status)
				assert.Contains(t, run.out, ": enough of it\n")
				assert.Len(t, run.run.Results, row.before-1, "the visit that it was at is not kept")

				require.NoError(t, os.WriteFile(first.log, nil, 0o644))
				second := &fake{log: first.log}
				run = second.play(t, t.Context(), append(args, "-resume")...)
				assert.Zero(t, run.status)
				assert.Len(t, second.visits, row.after)
				kept, err := journal.Read(results)
				require.NoError(t, err)
				assert.Empty(t, kept.Unfinished())
				cells := map[int]map[bench.Cell]bool{1: {}, 2: {}}
				for _, r := range kept.Results {
					cells[r.Pass][r.Cell] = true
				}
				assert.Len(t, cells[1], 8)
				assert.Len(t, cells[2], 8)
				assert.Len(t, first.runs, 1, "its uploads have one name per client")
				assert.Equal(t, first.runs, second.runs)
				last := first.started
				for _, r := range kept.Results[row.before-1:] {
					assert.Greater(t, r.Server, last, "servers are numbered on")
				}
				assert.FileExists(t, second.log, "the servers' log goes on")
				assert.Len(t, run.rows(), len(second.visits), "rows of the run before are in the file")
			})
		})
	}
}

// An impossible run is refused before anything is changed.
func TestRefusedRun(t *testing.T) {
	for _, row := range []struct {
		name, want string
		args       []string
	}{
		{"no cell", "-bench matches no cell", []string{"-test.bench=nothing"}},
		{"none left", "-bench and -skip leave no cell", []string{"-test.skip=X"}},
		{"several numbers of processors", "-cpu=1,2: give one value; several need a run each", []string{"-test.cpu=1,2"}},
		{"nothing to resume", "there is no run to resume", []string{"-resume"}},
	} {
		t.Run(row.name, func(t *testing.T) {
			results := t.TempDir()
			_, err := (&fake{}).plan(t, t.Context(), append(row.args, "-results="+results)...)
			assert.ErrorContains(t, err, row.want)
			assert.NoFileExists(t, results+"/"+journal.FileName)
			assert.NoFileExists(t, results+"/"+TextName)
		})
	}
}

// The seed draws the order of the visits, and nothing else.
func TestSeed(t *testing.T) {
	order := func(args ...string) (visits []bench.Cell) {
		synctest.Test(t, func(t *testing.T) {
			f := &fake{}
			f.play(t, t.Context(), append(args, "-passes=1", "-workers=1,2")...)
			visits = f.visits
		})
		return visits
	}
	first := order()
	assert.Len(t, first, 16)
	assert.Equal(t, first, order("-seed=1"))
	other := order("-seed=2")
	assert.NotEqual(t, first, other)
	assert.ElementsMatch(t, first, other)
}
