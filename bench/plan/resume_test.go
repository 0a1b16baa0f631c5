package plan_test

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"poolbench/bench"
	"poolbench/bench/plan"
)

// cut resumes after the first n of a run's results, as a new process would.
func cut(r *run, n int) *run {
	resumed := &run{Schedule: r.Schedule, took: r.took, wanted: r.wanted, done: slices.Clone(r.done[:n])}
	resumed.Fresh = n
	return resumed
}

// started returns the index at which the point of visit n begins; n if that is its first
// visit.
func started(r *run, n int) int {
	for n > 0 && n < len(r.visits) && r.visits[n].Cell != r.visits[n].Mates[0] {
		n--
	}
	return n
}

func TestResumeAfterAnyVisit(t *testing.T) {
	for _, row := range []struct {
		name string
		plan plan.Schedule
	}{
		{"first pass alone", plan.Schedule{Cells: reference.Cells()}},
		{"fixed passes", plan.Schedule{Cells: few("a", "b", "c"), Passes: 4}},
		{"one pool", plan.Schedule{Cells: few("a"), Passes: 4}},
	} {
		t.Run(row.name, func(t *testing.T) {
			whole := (&run{Schedule: row.plan, took: usual}).play(t)
			for n := range len(whole.visits) + 1 {
				resumed := cut(whole, n).play(t)
				visits := append(slices.Clone(whole.visits[:started(whole, n)]), resumed.visits...)
				require.Equal(t, whole.visits, visits, "after %d visits", n)
			}
		})
	}
}

// Time measured in vain is gone, so a little less is done.
func TestResumeWithABudget(t *testing.T) {
	whole := (&run{Schedule: plan.Schedule{Cells: reference.Cells(), Seed: 13, Budget: 3 * time.Minute}, took: usual}).play(t)
	for n := 0; n <= len(whole.visits); n += 29 {
		resumed := cut(whole, n).play(t)
		assert.LessOrEqual(t, plan.Spent(resumed.done), 3*time.Minute+10*time.Second)
		visits := append(slices.Clone(whole.visits[:started(whole, n)]), resumed.visits...)
		for i := 0; i < len(visits) && i < len(whole.visits) && plan.Spent(whole.done[:i]) < 2*time.Minute+40*time.Second; i++ {
			require.Equal(t, whole.visits[i], visits[i], "after %d visits", n)
		}
		assert.Equal(t, times(reference.Cells()), times(cells(visits[:108])))
	}
}

// The point is measured again even if it is not wanted any more: the pass has half of it.
func TestInterruptedPointIsRepeated(t *testing.T) {
	for _, row := range []struct {
		name   string
		budget time.Duration
		wanted bool
	}{
		{"as it would be", time.Hour, true},
		{"not wanted any more", time.Hour, false},
		{"the budget spent", time.Nanosecond, true},
	} {
		t.Run(row.name, func(t *testing.T) {
			r := (&run{Schedule: plan.Schedule{Cells: few("a", "b", "c"), Budget: time.Hour}, took: always(time.Millisecond)}).until(t, 2)
			n := len(r.visits)
			for range 3 + 2 {
				r.step()
			}
			interrupted := r.visits[n+3]
			resumed := cut(r, len(r.done))
			resumed.Budget, resumed.wanted = row.budget, func(bench.Cell) bool { return row.wanted }
			assert.Equal(t, 1, resumed.Whole(resumed.done, nil))
			for range 3 {
				require.True(t, resumed.step())
			}
			assert.Equal(t, interrupted.Mates, cells(resumed.visits))
			more := resumed.step()
			assert.Equal(t, row.wanted && row.budget == time.Hour, more)
			if more {
				assert.NotEqual(t, pointOf(interrupted.Cell), pointOf(resumed.visits[3].Cell))
			}
		})
	}
}

// A resumed run is killed in the same point, and so is the next.
func TestRepeatedInterruption(t *testing.T) {
	r := &run{Schedule: plan.Schedule{Cells: few("a", "b", "c"), Passes: 2}, took: usual}
	for range 2 {
		r.step()
	}
	mates := r.visits[0].Mates
	for range 3 {
		r = cut(r, len(r.done))
		for range 2 {
			r.step()
		}
		assert.Equal(t, mates[:2], cells(r.visits))
	}
	r = cut(r, len(r.done)).play(t)
	assert.Equal(t, mates, cells(r.visits[:3]))
	assert.Len(t, r.visits, 2*12)
	assert.Equal(t, 2, r.Whole(r.done, nil))
}

func TestFewerResultsThanFresh(t *testing.T) {
	r := &run{Schedule: plan.Schedule{Cells: few("a", "b"), Passes: 2, Fresh: 100}, took: usual}
	first, _ := r.Next(nil, nil)
	next, _ := r.Next([]bench.Result{{Cell: first.Cell, Pass: 1}}, nil)
	assert.Equal(t, first, next)
}

// A visit in vain took an hour. The point is cheap all the same.
func TestLaterResultsSupersede(t *testing.T) {
	r := &run{Schedule: plan.Schedule{Cells: few("a", "b"), Budget: 3 * time.Hour}, took: always(time.Millisecond)}
	r.step()
	r.done[0].Took = time.Hour
	r = cut(r, 1).until(t, 3)
	assert.Len(t, r.visits, 2*8, "each pass has all")
	assert.Greater(t, plan.Spent(r.done), time.Hour)
}
