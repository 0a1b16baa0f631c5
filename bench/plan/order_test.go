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

// orders returns the order of pools of each point's visits, one letter per pool.
func orders(visits []plan.Visit) map[bench.Cell][]string {
	all := map[bench.Cell][]string{}
	for _, v := range visits {
		if v.Cell != v.Mates[0] {
			continue
		}
		order := ""
		for _, mate := range v.Mates {
			order += mate.Pool[:1]
		}
		all[pointOf(v.Cell)] = append(all[pointOf(v.Cell)], order)
	}
	return all
}

func reversed(order string) string {
	letters := []byte(order)
	slices.Reverse(letters)
	return string(letters)
}

// Dear points are in some passes only. Their own visits are what alternates.
func TestPoolsAlternatePerPoint(t *testing.T) {
	for _, row := range plans {
		t.Run(row.name, func(t *testing.T) {
			r := &run{Schedule: plan.Schedule{Cells: row.cells, Seed: 5, Budget: 5 * time.Minute}, took: usual}
			for range 1000 {
				r.step()
			}
			longest := 0
			for point, got := range orders(r.visits) {
				longest = max(longest, len(got))
				for j, order := range got {
					want := got[0]
					if slices.Contains([]int{1, 2, 5, 6, 9, 10, 13, 14}, j%16) {
						want = reversed(want)
					}
					require.Equal(t, want, order, "visit %d of %v", j, point)
				}
			}
			assert.GreaterOrEqual(t, longest, 5)
		})
	}
}

// Of 54 fair coins 27 fall one way, with a standard deviation of 3.7.
func TestFirstPoolIsBalancedOverPoints(t *testing.T) {
	for _, row := range []struct {
		name   string
		pools  []string
		orders int
	}{
		{"two pools", []string{"a", "b"}, 2},
		{"three pools", []string{"a", "b", "c"}, 6},
	} {
		t.Run(row.name, func(t *testing.T) {
			const seeds = 30
			counts := map[string]int{}
			for seed := range uint64(seeds) {
				s := plan.Schedule{Cells: with(func(m *bench.Matrix) { m.Pools = row.pools }), Seed: seed, Passes: 1}
				r := (&run{Schedule: s, took: usual}).play(t)
				one := 0
				for _, order := range orders(r.visits) {
					counts[order[0]]++
					if order[0] < reversed(order[0]) {
						one++
					}
				}
				assert.InDelta(t, 27, one, 4*3.7)
			}
			assert.Len(t, counts, row.orders)
			for order, n := range counts {
				assert.InEpsilon(t, 54*seeds/row.orders, n, 0.2, order)
			}
		})
	}
}

// With equal pools on a machine that steadily slows down, a visit's log ratio is how much
// later one pool came than the other. It cancels over two visits. If one is left over, half
// of the points have it with either sign.
func TestSteadyDriftCancels(t *testing.T) {
	for _, row := range []struct {
		passes int
		limit  float64
	}{{1, 0.13}, {2, 0}, {3, 0.13}, {4, 0}} {
		var all float64
		const seeds = 10 // 540 coins have a mean of 0 ± 0.043
		for seed := range uint64(seeds) {
			r := (&run{Schedule: plan.Schedule{Cells: reference.Cells(), Seed: seed, Passes: row.passes}, took: usual}).play(t)
			sums := map[bench.Cell]float64{}
			for at, v := range r.visits {
				sign := 1.
				if v.Cell.Pool == "process" {
					sign = -1
				}
				sums[pointOf(v.Cell)] += sign * float64(at)
			}
			var mean float64
			for _, sum := range sums {
				assert.LessOrEqual(t, max(sum, -sum), 1.)
				mean += sum / float64(len(sums))
			}
			assert.InDelta(t, 0, mean, 4*row.limit)
			all += mean / seeds
		}
		assert.InDelta(t, 0, all, row.limit, "%d passes", row.passes)
	}
}

// The mean position in a block of 9 is 4 ± 2.6.
func TestOrderOfPointsDiffersPerPass(t *testing.T) {
	r := (&run{Schedule: plan.Schedule{Cells: reference.Cells(), Seed: 6, Passes: 6}, took: usual}).play(t)
	sums := map[bench.Cell]int{} // of a point's places in its block
	first := map[bench.Cell]bool{}
	for _, visits := range r.passes() {
		for i, p := range points(visits) {
			sums[p] += i % 9
			if i%9 == 0 {
				first[p] = true
			}
		}
	}
	assert.Greater(t, len(first), 2*6)
	for p, sum := range sums {
		assert.InDelta(t, 6*4, sum, 4*2.6*2.45, "%v", p)
	}
}
