package bench_test

import (
	"fmt"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"poolbench/bench"
	"poolbench/fixtures"
)

func TestBaseFirst(t *testing.T) {
	var order strings.Builder
	for pair := range 8 {
		if bench.BaseFirst(pair) {
			order.WriteString("AB ")
		} else {
			order.WriteString("BA ")
		}
	}
	assert.Equal(t, "AB BA BA AB AB BA BA AB ", order.String())
}

// At each point the base comes first, against itself, and only where something is
// selected.
func TestMatrixPairs(t *testing.T) {
	matrix := bench.Matrix{
		Pools: []string{"process", "thread", "goroutine"}, ClientPools: []bench.ClientPool{bench.ThreadClients}, Ops: []bench.Op{bench.Upload},
		Workers: []int{1, 5}, Volumes: []fixtures.Size{fixtures.KiB}, Clients: []int{2},
	}
	for _, row := range []struct {
		name  string
		pools []string
		only  string // what the names of cells that are selected have in them
		base  string
		want  []string // workers and pool
	}{
		{"all", matrix.Pools, "", "thread", []string{"1 thread", "1 process", "1 goroutine", "5 thread", "5 process", "5 goroutine"}},
		{"a pool that is not the base", matrix.Pools, "workers=5/pool=process", "thread", []string{"5 thread", "5 process"}},
		{"the base", matrix.Pools, "pool=thread", "thread", []string{"1 thread", "5 thread"}},
		{"no threads", []string{"process", "goroutine"}, "workers=1", "process", []string{"1 process", "1 goroutine"}},
		{"one pool", []string{"goroutine"}, "workers=1", "goroutine", []string{"1 goroutine"}},
		{"nothing", matrix.Pools, "workers=9", "thread", nil},
	} {
		t.Run(row.name, func(t *testing.T) {
			m := matrix
			m.Pools = row.pools
			var got []string
			for _, cell := range m.Pairs(func(c bench.Cell) bool { return strings.Contains(c.String(), row.only) }) {
				assert.Empty(t, cell.ClientPool, "all clients are the same")
				got = append(got, fmt.Sprint(cell.Workers, " ", cell.Pool))
			}
			assert.Equal(t, row.want, got)
			assert.Equal(t, row.base, m.Base())
		})
	}
}

// order records the sides in the order in which they are asked.
type order struct {
	sync.Mutex
	sides []string
}

func (o *order) add(side string) {
	o.Lock()
	defer o.Unlock()
	o.sides = append(o.sides, side)
}

// sides begins a run against each of two servers that do what serve does.
func sides(t *testing.T, serve func(side string, c *caller), edit func(c *bench.RunConfig)) (base, pool *bench.Run) {
	t.Helper()
	var runs []*bench.Run
	file := fixture(t, fixtures.KiB)
	for _, side := range []string{"base", "pool"} {
		c := config(t, bench.Download, peer(t, func(c *caller) { serve(side, c) }), 2, file)
		edit(&c)
		runs = append(runs, bench.Start(t.Context(), c))
	}
	return runs[0], runs[1]
}

// One side at a time has a round, in the order of BaseFirst, when both have been
// emptied; what it used is its own alone.
func TestAlternate(t *testing.T) {
	text := fixtureText(t)
	var (
		asked   order
		emptied atomic.Int64
	)
	base, pool := sides(t, func(side string, c *caller) {
		asked.add(side)
		c.send(len(text), text)
	}, func(c *bench.RunConfig) {
		c.Reset = func() error { emptied.Add(1); return nil }
	})
	base.WarmUp(1)
	pool.WarmUp(1)
	bench.Alternate(base, pool, 5)
	pair := bench.Pair{BaseSide: base.End(), PoolSide: pool.End()}
	want := "base base pool pool " + // the warm-up; each round has two clients
		"base base pool pool pool pool base base pool pool base base base base pool pool base base pool pool"
	assert.Equal(t, want, strings.Join(asked.sides, " "))
	assert.EqualValues(t, 2+2*5, emptied.Load(), "before each round")
	assert.Equal(t, 5, pair.Rounds())
	for _, side := range pair.Sides() {
		assert.Len(t, side.Rounds, 5)
		assert.Equal(t, bench.OK, side.Outcome())
		for _, round := range side.Rounds {
			assert.Positive(t, round.LoadCPU)
		}
	}
	b, p := pair.Makespans()
	assert.Len(t, b, 5)
	assert.Len(t, p, 5)
}

func fixtureText(t *testing.T) []byte {
	t.Helper()
	text, err := os.ReadFile(fixture(t, fixtures.KiB).Path)
	require.NoError(t, err)
	return text
}

// When one side is hopeless, neither goes on.
func TestAlternateGivesUp(t *testing.T) {
	text := fixtureText(t)
	base, pool := sides(t, func(side string, c *caller) {
		if side == "base" {
			c.send(len(text), text)
		}
	}, func(*bench.RunConfig) {})
	bench.Alternate(base, pool, 50)
	pair := bench.Pair{BaseSide: base.End(), PoolSide: pool.End()}
	assert.Len(t, pair.BaseSide.Rounds, 3)
	assert.Len(t, pair.PoolSide.Rounds, 3)
	assert.Contains(t, pair.PoolSide.Notes, "given up after 3 rounds in a row without an op that succeeded")
	assert.Equal(t, bench.Failed, pair.Outcome())
	none, _ := pair.Makespans()
	assert.Empty(t, none)
}

// A pair of rounds that has begun is ended, also when the time is up in between.
func TestAlternateEndsWhatItBegan(t *testing.T) {
	text := fixtureText(t)
	const timeout = 50 * time.Millisecond
	base, pool := sides(t, func(_ string, c *caller) {
		<-time.After(2 * timeout)
		c.send(len(text), text)
	}, func(c *bench.RunConfig) { c.CellTimeout = timeout })
	bench.Alternate(base, pool, 50)
	pair := bench.Pair{BaseSide: base.End(), PoolSide: pool.End()}
	b, p := pair.Makespans()
	assert.Len(t, b, 1)
	assert.Len(t, p, 1)
	assert.Equal(t, bench.OK, pair.Outcome())
}

// turns makes a side of rounds of one client that took so many milliseconds each;
// one that took none has failed.
func turns(makespans ...int) bench.Result {
	var r bench.Result
	for _, m := range makespans {
		span := time.Duration(m) * ms
		sample := op(0, 1, span)
		if m == 0 {
			sample = failed(0, 1, bench.Reset)
		}
		r.Rounds = append(r.Rounds, bench.Round{Samples: []bench.Sample{sample}, Makespan: span})
	}
	return r
}

func TestPairOutcome(t *testing.T) {
	warm := turns(10)
	warm.WarmUpFailed = 1
	for _, row := range []struct {
		name       string
		base, pool bench.Result
		want       bench.Outcome
		whole      int
	}{
		{"both", turns(10, 20), turns(30, 40), bench.OK, 2},
		{"one round of either fails, of one pair", turns(10, 0), turns(30, 0), bench.Partial, 1},
		{"one round of either fails, of two pairs", turns(10, 0), turns(0, 40), bench.Failed, 0},
		{"the warm-up", warm, turns(30), bench.Partial, 1},
		{"one could not begin", bench.Result{}, bench.FailedStart(bench.Cell{Clients: 1}, bench.NotReady, os.ErrClosed), bench.Failed, 0},
		{"neither was begun", bench.Result{}, bench.Result{}, bench.Skipped, 0},
	} {
		t.Run(row.name, func(t *testing.T) {
			pair := bench.Pair{BaseSide: row.base, PoolSide: row.pool}
			assert.Equal(t, row.want, pair.Outcome())
			base, pool := pair.Makespans()
			assert.Len(t, base, row.whole)
			assert.Len(t, pool, row.whole)
		})
	}
}
