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
)

// visitsOf counts the visits to each point, by their first cell.
func visitsOf(visits []plan.Visit) map[bench.Cell]int {
	counts := map[bench.Cell]int{}
	for point, all := range orders(visits) {
		counts[point] = len(all)
	}
	return counts
}

func TestDearPointsGetFewerPasses(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 1))
	for _, row := range []struct {
		name   string
		jitter float64
	}{{"steady", 0}, {"of 30 %", 0.3}} {
		t.Run(row.name, func(t *testing.T) {
			const budget = 10 * time.Minute
			took := func(v plan.Visit) time.Duration {
				return time.Duration(float64(usual(v)) * (1 + row.jitter*(2*random.Float64()-1)))
			}
			r := (&run{Schedule: plan.Schedule{Cells: reference.Cells(), Seed: 7, Budget: budget}, took: took}).play(t)
			spent := plan.Spent(r.done)
			assert.LessOrEqual(t, spent, budget+12*time.Second)
			assert.Greater(t, spent, budget-time.Second, "something would have fit")
			var cheap, dear []int
			for point, n := range visitsOf(r.visits) {
				switch cost := 2 * usual(plan.Visit{Cell: point}); {
				case cost < 200*time.Millisecond:
					cheap = append(cheap, n)
				case cost > 4*time.Second:
					dear = append(dear, n)
				}
			}
			assert.GreaterOrEqual(t, slices.Min(cheap), 5)
			assert.GreaterOrEqual(t, slices.Min(dear), 1)
			assert.Greater(t, slices.Min(cheap), 2*slices.Max(dear))
		})
	}
}

// strided is a plan of 27 points, whose first ones take this much longer than the others.
func strided(times float64, dear int) *run {
	all := with(func(m *bench.Matrix) { m.Pools, m.Ops = m.Pools[:1], m.Ops[:1] })
	costs := map[bench.Cell]time.Duration{}
	for _, c := range all {
		if d := time.Millisecond; len(costs) < dear {
			costs[pointOf(c)] = time.Duration(times * float64(d))
		}
	}
	return &run{Schedule: plan.Schedule{Cells: all, Seed: 8, Budget: time.Hour}, took: func(v plan.Visit) time.Duration {
		return max(time.Millisecond, costs[pointOf(v.Cell)])
	}}
}

// A point of up to three times the median cost is in every pass.
func TestStride(t *testing.T) {
	for _, row := range []struct {
		times  float64 // the median
		stride int
	}{{0.1, 1}, {1, 1}, {2.9, 1}, {3.4, 3}, {4, 4}, {16, 16}, {30, 30}} {
		r := strided(row.times, 8).until(t, 66)
		begins := map[int]bool{}
		passes := map[bench.Cell][]int{}
		for _, v := range r.visits {
			if v.Cell == v.Mates[0] && v.Pass > 1 {
				passes[pointOf(v.Cell)] = append(passes[pointOf(v.Cell)], v.Pass)
			}
		}
		require.Len(t, passes, 27)
		dear := 0
		for point, in := range passes {
			if r.took(plan.Visit{Cell: point}) != time.Millisecond || row.stride == 1 {
				assert.LessOrEqual(t, in[0], 1+row.stride)
				for i := range in[1:] {
					assert.Equal(t, row.stride, in[i+1]-in[i], "%v × the median", row.times)
				}
				begins[in[0]] = true
				dear++
			} else {
				assert.Len(t, in, 64, "a cheap one is in each")
			}
		}
		if row.stride > 2 {
			assert.Equal(t, 8, dear)
			assert.Greater(t, len(begins), min(row.stride, 8)/2, "dear points are in different passes")
		}
	}
}

func TestFreeVisitsHaveNoStride(t *testing.T) {
	r := &run{Schedule: plan.Schedule{Cells: few("a", "b"), Budget: time.Second}, took: always(0)}
	for _, visits := range r.until(t, 4).passes() {
		assert.Equal(t, times(few("a", "b")), times(cells(visits)))
	}
}

// The cost of a pass does not change what is in it.
func TestPassIsFixedAtItsStart(t *testing.T) {
	took := func(factor time.Duration) func(v plan.Visit) time.Duration {
		return func(v plan.Visit) time.Duration {
			if v.Pass == 3 && v.Cell.Clients == 1 {
				return factor * usual(v)
			}
			return usual(v)
		}
	}
	s := plan.Schedule{Cells: reference.Cells(), Seed: 9, Budget: time.Hour}
	a := (&run{Schedule: s, took: took(1)}).until(t, 6).passes()
	b := (&run{Schedule: s, took: took(500)}).until(t, 6).passes()
	for pass := range 3 {
		assert.Equal(t, a[pass], b[pass])
	}
	assert.NotEqual(t, a[3], b[3], "but in the next")
}

func TestPointBeyondBudgetIsLeftOut(t *testing.T) {
	took := func(v plan.Visit) time.Duration {
		if v.Cell.Clients == 5 && v.Cell.Workers == 5 {
			return 2 * time.Millisecond // 4 of 10 for a pass
		}
		return time.Millisecond
	}
	all := few("a", "b") // a pass takes 10 ms
	for _, row := range []struct {
		budget time.Duration
		visits int
	}{
		{10, 8},
		{11, 8},
		{12, 8 + 2},
		{15, 8 + 4},
		{16, 8 + 6},
		{17, 8 + 6},
		{18, 8 + 8}, // three cheap ones, and another in the next pass
	} {
		s := plan.Schedule{Cells: all, Seed: 10, Budget: row.budget * time.Millisecond}
		r := (&run{Schedule: s, took: took}).play(t)
		assert.Len(t, r.visits, row.visits, "budget of %d ms", row.budget)
		assert.LessOrEqual(t, plan.Spent(r.done), s.Budget)
		for _, visits := range r.passes() {
			assert.Equal(t, len(visits), 2*len(points(visits)), "what has begun is finished")
		}
	}
}

// The first of two pools takes all of the remaining budget.
func TestBegunPointIsFinished(t *testing.T) {
	r := (&run{Schedule: plan.Schedule{Cells: few("a", "b"), Budget: time.Second}, took: always(time.Millisecond)}).until(t, 2)
	r.step()
	r.done[len(r.done)-1].Took = time.Minute
	r.wanted = func(bench.Cell) bool { return false }
	r.play(t)
	require.Len(t, r.visits, 8+2)
	assert.Equal(t, r.visits[8].Mates, cells(r.visits[8:]))
	assert.Equal(t, 2, r.Whole(r.done, nil))
}

func TestWanted(t *testing.T) {
	uploads := func(c bench.Cell) bool { return c.Op == bench.Upload }
	for _, row := range []struct {
		name   string
		wanted func(bench.Cell) bool
		more   bool
	}{
		{"one op", uploads, true},
		{"one dear point", func(c bench.Cell) bool {
			return uploads(c) && c.Clients == 50 && c.Workers == 1 && c.Volume == reference.Volumes[2]
		}, true},
		{"nothing", func(bench.Cell) bool { return false }, false},
	} {
		t.Run(row.name, func(t *testing.T) {
			r := &run{Schedule: plan.Schedule{Cells: reference.Cells(), Seed: 11, Budget: 5 * time.Minute}, took: usual}
			r.wanted = func(c bench.Cell) bool {
				require.Empty(t, c.Pool, "points are asked for")
				return row.wanted(c)
			}
			passes := r.play(t).passes()
			assert.Equal(t, times(reference.Cells()), times(cells(passes[0])))
			require.Equal(t, row.more, len(passes) > 2)
			for _, visits := range passes[1:] {
				for _, v := range visits {
					assert.True(t, row.wanted(pointOf(v.Cell)))
				}
			}
			if row.more {
				assert.Greater(t, plan.Spent(r.done), r.Budget-11*time.Second, "passes in which it is not due end nothing")
			}
		})
	}
}

// A change of mind in the middle of a pass applies from there on: a pass never goes back to
// few clients.
func TestWantedIsAskedAtThePointsTurn(t *testing.T) {
	r := &run{Schedule: plan.Schedule{Cells: few("a", "b"), Seed: 12, Budget: time.Hour}, took: always(time.Millisecond)}
	wanted := map[int]bool{5: true}
	r.wanted = func(c bench.Cell) bool { return wanted[c.Clients] }
	r.until(t, 2)
	r.step()
	wanted[1] = true
	r.until(t, 3)
	require.Len(t, r.visits, 8+4)
	for _, v := range r.visits[8:] {
		assert.Equal(t, 5, v.Cell.Clients)
	}
}
