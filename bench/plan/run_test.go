package plan_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"poolbench/bench"
	"poolbench/bench/plan"
	"poolbench/fixtures"
)

// reference is the matrix of 108 cells, 54 points.
var reference = bench.Matrix{
	Pools:       []string{"thread", "process"},
	ClientPools: []bench.ClientPool{bench.ThreadClients},
	Ops:         bench.Ops(),
	Workers:     []int{1, 5, 50},
	Volumes:     []fixtures.Size{10 * fixtures.MiB, 50 * fixtures.MiB, 100 * fixtures.MiB},
	Clients:     []int{1, 5, 50},
}

// with is the reference matrix with a change.
func with(change func(m *bench.Matrix)) []bench.Cell {
	m := reference
	change(&m)
	return m.Cells()
}

// few is a matrix of four points, two of each number of clients.
func few(pools ...string) []bench.Cell {
	return with(func(m *bench.Matrix) {
		m.Pools, m.Ops, m.Workers = pools, []bench.Op{bench.Upload}, []int{1, 5}
		m.Volumes, m.Clients = m.Volumes[:1], []int{1, 5}
	})
}

func pointOf(c bench.Cell) bench.Cell {
	c.Pool = ""
	return c
}

// usual is a typical cost of a visit: a point's pools together take from 20 ms to 10 s.
func usual(v plan.Visit) time.Duration {
	return 5*time.Millisecond + time.Duration(float64(v.Cell.Clients)*float64(v.Cell.Volume)/1.05e9*float64(time.Second))
}

func always(d time.Duration) func(plan.Visit) time.Duration {
	return func(plan.Visit) time.Duration { return d }
}

// run is a simulated run of a schedule.
type run struct {
	plan.Schedule
	took   func(plan.Visit) time.Duration
	wanted func(bench.Cell) bool
	done   []bench.Result
	visits []plan.Visit
}

// step makes the next visit, if there is one.
func (r *run) step() bool {
	visit, more := r.Next(r.done, r.wanted)
	if more {
		r.do(visit)
	}
	return more
}

func (r *run) do(v plan.Visit) {
	r.visits = append(r.visits, v)
	r.done = append(r.done, bench.Result{Cell: v.Cell, Pass: v.Pass, Took: r.took(v)})
}

// play runs to the end.
func (r *run) play(t *testing.T) *run {
	t.Helper()
	for r.step() {
		require.Less(t, len(r.done), 20_000, "there is no end")
	}
	return r
}

// until runs until a pass begins.
func (r *run) until(t *testing.T, pass int) *run {
	t.Helper()
	for {
		visit, more := r.Next(r.done, r.wanted)
		require.True(t, more)
		if visit.Pass >= pass {
			return r
		}
		r.do(visit)
	}
}

// inPoint reports whether the last point still lacks a pool.
func (r *run) inPoint() bool {
	last := r.visits[len(r.visits)-1]
	return last.Cell != last.Mates[len(last.Mates)-1]
}

// passes returns the visits of each pass, from the first.
func (r *run) passes() [][]plan.Visit {
	var passes [][]plan.Visit
	for _, v := range r.visits {
		for len(passes) < v.Pass {
			passes = append(passes, nil)
		}
		passes[v.Pass-1] = append(passes[v.Pass-1], v)
	}
	return passes
}

// points returns the points of visits, each once, in order.
func points(visits []plan.Visit) []bench.Cell {
	var all []bench.Cell
	seen := map[bench.Cell]bool{}
	for _, v := range visits {
		if p := pointOf(v.Cell); !seen[p] {
			seen[p] = true
			all = append(all, p)
		}
	}
	return all
}

// times counts cells.
func times(cells []bench.Cell) map[bench.Cell]int {
	counts := map[bench.Cell]int{}
	for _, c := range cells {
		counts[c]++
	}
	return counts
}

func cells(visits []plan.Visit) []bench.Cell {
	var all []bench.Cell
	for _, v := range visits {
		all = append(all, v.Cell)
	}
	return all
}
