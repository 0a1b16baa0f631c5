package session

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"poolbench/bench"
	"poolbench/bench/journal"
)

// Visits that could not be begun are made at the end of the pass.
func TestTargetComesBack(t *testing.T) {
	for _, row := range []struct {
		name string
		left int // visits, or ops
		fake func(away func() bool) *fake
	}{
		{"before a visit", 3, func(away func() bool) *fake {
			return &fake{lacks: func(bench.Cell) bench.Reason { return map[bool]bench.Reason{true: bench.Refused}[away()] }}
		}},
		{"in a visit", 1 + 5, func(away func() bool) *fake {
			return &fake{fails: func(bench.Cell) bench.Reason { return map[bool]bench.Reason{true: bench.TimeoutConnect}[away()] }}
		}},
	} {
		t.Run(row.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				left := row.left
				f := row.fake(func() bool { left--; return left >= 0 })
				f.away = true
				run := f.play(t, t.Context(), "-passes=2", "-pool=thread", "-warmup=0")
				assert.Zero(t, run.status, run.out)
				assert.Equal(t, map[int]int{1: 4, 2: 4}, passOf(run.run.Results))
				assert.Contains(t, run.out, "# not begun: op=")
				assert.Contains(t, run.out, ": it is visited again at the end of the pass\n")
				assert.Contains(t, run.out, " 0 failed")
				passes := make([]int, 0, 8)
				for _, r := range run.run.Results {
					passes = append(passes, r.Pass)
					assert.Equal(t, 100*time.Millisecond, r.Took, "the time of an absence is no cost")
				}
				assert.IsNonDecreasing(t, passes)
			})
		})
	}
}

// Nor is the time in which a target was waited for a cost.
func TestWaitForTarget(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fake{away: true, waits: time.Minute}
		results := f.play(t, t.Context(), "-passes=1", "-pool=thread", "-warmup=0").run.Results
		require.Len(t, results, 4)
		for _, r := range results[1:] { // the first includes the time before it
			assert.Equal(t, 100*time.Millisecond, r.Took)
		}
	})
}

// If the target is still away then, the run ends, and can be resumed.
func TestTargetStaysAway(t *testing.T) {
	for _, after := range []int{0, 3, 5} { // visits
		synctest.Test(t, func(t *testing.T) {
			results := t.TempDir()
			args := []string{"-passes=2", "-pool=thread", "-warmup=0", "-results=" + results}
			first := &fake{away: true}
			first.lacks = func(bench.Cell) bench.Reason {
				return map[bool]bench.Reason{true: bench.Refused}[len(first.visits) >= after]
			}
			run := first.play(t, t.Context(), args...)
			assert.Equal(t, 1, run.status)
			assert.Len(t, run.run.Results, after, "what was not begun is no result")
			assert.Equal(t, 4-min(after, 4), strings.Count(run.out, "# skipped: "))
			kept, err := journal.Read(results)
			require.NoError(t, err)
			assert.Equal(t, "the target was away: refused: made up", kept.Why)

			second := &fake{away: true}
			run = second.play(t, t.Context(), append(args, "-resume")...)
			assert.Zero(t, run.status, run.out)
			kept, err = journal.Read(results)
			require.NoError(t, err)
			assert.Equal(t, map[int]int{1: 4, 2: 4}, passOf(kept.Results))
		})
	}
}

// What fails in another way, or on a server of our own, is a row.
func TestFailedVisitIsKept(t *testing.T) {
	for _, row := range []struct {
		name   string
		away   bool
		reason bench.Reason
	}{{"another reason", true, bench.Reset}, {"a server of our own", false, bench.Refused}} {
		t.Run(row.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := &fake{away: row.away, fails: func(bench.Cell) bench.Reason { return row.reason }}
				run := f.play(t, t.Context(), "-passes=1", "-pool=thread", "-warmup=0")
				assert.Len(t, run.rows(), 4)
				assert.NotContains(t, run.out, "not begun")
			})
		})
	}
}
