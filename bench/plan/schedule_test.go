package plan_test

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"poolbench/bench"
	"poolbench/bench/plan"
	"poolbench/fixtures"
)

var plans = []struct {
	name  string
	cells []bench.Cell
}{
	{"two pools", reference.Cells()},
	{"three pools", with(func(m *bench.Matrix) { m.Pools = []string{"thread", "process", "goroutine"} })},
	{"one pool", with(func(m *bench.Matrix) { m.Pools = []string{"thread"} })},
	{"client pools", with(func(m *bench.Matrix) { m.ClientPools, m.Volumes = bench.ClientPools(), m.Volumes[:1] })},
	{"somebody else's", with(func(m *bench.Matrix) { m.Pools, m.Workers = []string{"remote"}, []int{0} })},
	{"a point without one of the pools", reference.Cells()[1:]},
	{"one cell", reference.Cells()[:1]},
}

func TestFirstPassIgnoresBudget(t *testing.T) {
	for _, row := range plans {
		for _, budget := range []time.Duration{0, time.Nanosecond, time.Second} {
			t.Run(row.name+" in "+budget.String(), func(t *testing.T) {
				r := &run{Schedule: plan.Schedule{Cells: row.cells, Seed: 1, Budget: budget}, took: always(time.Second)}
				r.wanted = func(bench.Cell) bool { return false }
				r.play(t)
				assert.Equal(t, times(row.cells), times(cells(r.visits)))
				assert.Len(t, r.passes(), 1)
				assert.Equal(t, 1, r.Whole(r.done, r.wanted))
			})
		}
	}
}

func TestFixedPassesVisitAllCellsEqually(t *testing.T) {
	for _, row := range plans {
		t.Run(row.name, func(t *testing.T) {
			r := &run{Schedule: plan.Schedule{Cells: row.cells, Seed: 2, Passes: 5, Budget: 1}, took: usual}
			r.wanted = func(bench.Cell) bool { return false } // is not asked
			r.play(t)
			passes := r.passes()
			require.Len(t, passes, 5)
			for _, visits := range passes {
				assert.Equal(t, times(row.cells), times(cells(visits)))
			}
			assert.Equal(t, 5, r.Whole(r.done, nil))
		})
	}
}

// What holds for each visit also holds with a budget.
func TestPoolsAreAdjacentAndLittleMemoryComesFirst(t *testing.T) {
	for _, row := range plans {
		t.Run(row.name, func(t *testing.T) {
			r := &run{Schedule: plan.Schedule{Cells: row.cells, Seed: 3, Budget: 3 * time.Minute}, took: usual}
			for r.step() && (len(r.done) < 600 || r.inPoint()) {
			}
			pools := map[bench.Cell]int{}
			for _, c := range row.cells {
				pools[pointOf(c)]++
			}
			for pass, visits := range r.passes() {
				assert.True(t, slices.IsSortedFunc(visits, func(a, b plan.Visit) int {
					if a.Cell.Op != b.Cell.Op && a.Cell.Op == bench.Download {
						return -1
					} else if a.Cell.Op != b.Cell.Op {
						return 1
					}
					return a.Cell.Clients - b.Cell.Clients
				}))
				for i := 0; i < len(visits); {
					n := pools[pointOf(visits[i].Cell)]
					mates := visits[i : i+n]
					for _, v := range mates {
						assert.Equal(t, pointOf(visits[i].Cell), pointOf(v.Cell))
						assert.Equal(t, cells(mates), v.Mates)
						assert.Equal(t, pass+1, v.Pass)
						assert.Equal(t, visits[i].Lifetime, v.Lifetime)
					}
					i += n
				}
			}
		})
	}
}

func TestEmptyPlan(t *testing.T) {
	for _, s := range []plan.Schedule{{}, {Passes: 3}, {Budget: time.Hour}} {
		_, more := s.Next(nil, nil)
		assert.False(t, more)
		assert.Zero(t, s.Whole(nil, nil))
	}
}

func TestDuplicateCellsAreVisitedOnce(t *testing.T) {
	r := &run{Schedule: plan.Schedule{Cells: slices.Concat(few("a", "b"), few("b", "a")), Passes: 1}, took: usual}
	assert.Equal(t, times(few("a", "b")), times(cells(r.play(t).visits)))
}

func TestSeeds(t *testing.T) {
	played := func(seed uint64) []bench.Cell {
		r := &run{Schedule: plan.Schedule{Cells: reference.Cells(), Seed: seed, Budget: 4 * time.Minute}, took: usual}
		return cells(r.play(t).visits)
	}
	assert.Equal(t, played(1), played(1))
	assert.NotEqual(t, played(1), played(2))
	assert.NotEqual(t, played(1)[:108], played(2)[:108])
}

// Next has no state: asked in any order, of one schedule or of an equal one, it gives the
// same answer.
func TestNextIsPure(t *testing.T) {
	r := (&run{Schedule: plan.Schedule{Cells: reference.Cells(), Seed: 4, Budget: 4 * time.Minute}, took: usual}).play(t)
	before := slices.Clone(r.done)
	for _, n := range rand.New(rand.NewPCG(1, 1)).Perm(len(r.done)) {
		other := plan.Schedule{Cells: reference.Cells(), Seed: 4, Budget: 4 * time.Minute}
		for _, s := range []*plan.Schedule{&r.Schedule, &other} {
			visit, more := s.Next(r.done[:n], nil)
			require.True(t, more)
			require.Equal(t, r.visits[n], visit)
		}
	}
	assert.Equal(t, before, r.done)
	assert.Equal(t, reference.Cells(), r.Cells)
}

func TestUnplannedResultsCountOnlyForBudget(t *testing.T) {
	r := &run{Schedule: plan.Schedule{Cells: few("a", "b"), Budget: time.Second}, took: always(time.Millisecond)}
	alien := few("c")[0]
	r.done = []bench.Result{{Cell: alien, Pass: 7, Took: 900 * time.Millisecond}, {Cell: few("a")[0], Took: 90 * time.Millisecond}}
	r.play(t)
	assert.Equal(t, times(few("a", "b")), times(cells(r.passes()[0])))
	assert.Equal(t, time.Second, plan.Spent(r.done))
}

func TestWhole(t *testing.T) {
	none := func(bench.Cell) bool { return false }
	r := &run{Schedule: plan.Schedule{Cells: few("a", "b"), Budget: time.Hour}, took: always(time.Millisecond)}
	fixed := plan.Schedule{Cells: few("a", "b"), Passes: 2}
	for range 8 + 8 + 1 {
		r.step()
	}
	for _, row := range []struct {
		name                    string
		done                    int
		wanting, ended, inFixed int
	}{
		{"nothing", 0, 0, 0, 0},
		{"a point", 2, 0, 0, 0},
		{"all but a pool", 7, 0, 0, 0},
		{"the first pass", 8, 1, 1, 1},
		{"in the middle of a point", 9, 1, 1, 1},
		{"behind a point", 10, 1, 2, 1},
		{"the second pass", 16, 2, 2, 2},
		{"in the third", 17, 2, 2, 2},
	} {
		t.Run(row.name, func(t *testing.T) {
			assert.Equal(t, row.wanting, r.Whole(r.done[:row.done], nil))
			assert.Equal(t, row.ended, r.Whole(r.done[:row.done], none))
			if row.done <= 16 {
				assert.Equal(t, row.inFixed, fixed.Whole(r.done[:row.done], none))
			}
		})
	}
}

// A point of stride 32 is in none of the passes in between.
func TestEmptyPassesAreNotWhole(t *testing.T) {
	r := strided(100, 1)
	r.wanted = func(c bench.Cell) bool { return r.took(plan.Visit{Cell: c}) > time.Millisecond }
	for r.step() && len(r.visits) < 27+3 {
		last := r.visits[len(r.visits)-1].Pass
		if len(r.visits) >= 27 {
			assert.Equal(t, last, r.Whole(r.done, r.wanted))
		}
	}
	assert.Greater(t, r.visits[28].Pass, 32)
}

func TestLateResultsOfEarlierPasses(t *testing.T) {
	r := (&run{Schedule: plan.Schedule{Cells: few("a", "b"), Passes: 2}, took: always(time.Millisecond)}).until(t, 2)
	r.step()
	for _, c := range r.Cells {
		r.done = append(r.done, bench.Result{Cell: c, Pass: 1})
	}
	assert.Equal(t, times(r.Cells), times(cells(r.play(t).passes()[1])))
}

func TestSpent(t *testing.T) {
	assert.Zero(t, plan.Spent(nil))
	assert.Equal(t, 5*time.Second, plan.Spent([]bench.Result{{Took: 2 * time.Second}, {Took: 3 * time.Second}}))
}

// One call reads each result once: 5,000 visits to 108 cells took 0.6 s.
func BenchmarkCourse(b *testing.B) {
	r := &run{Schedule: plan.Schedule{Cells: reference.Cells(), Seed: 1, Budget: 1e6 * time.Hour}, took: usual}
	for b.Loop() {
		require.True(b, r.step())
	}
}

func TestLifetimes(t *testing.T) {
	r := &run{Schedule: plan.Schedule{Passes: 2, Cells: with(func(m *bench.Matrix) {
		m.Clients, m.Volumes = []int{50, 1, 5}, []fixtures.Size{fixtures.KiB}
	})}, took: usual}
	type block struct {
		op      bench.Op
		clients int
	}
	blocks := map[block]int{
		{bench.Download, 1}: 1, {bench.Download, 5}: 2, {bench.Download, 50}: 3,
		{bench.Upload, 1}: 4, {bench.Upload, 5}: 5, {bench.Upload, 50}: 6,
	}
	seen := map[plan.Lifetime]bool{}
	for _, v := range r.play(t).visits {
		want := plan.Lifetime{Pass: v.Pass}
		if v.Cell.Workers == 1 {
			want.Block = blocks[block{v.Cell.Op, v.Cell.Clients}]
		}
		assert.Equal(t, want, v.Lifetime, "%v", v.Cell)
		seen[v.Lifetime] = true
	}
	assert.Len(t, seen, 2*(1+6))
}
