package plan_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"poolbench/bench"
	"poolbench/bench/plan"
	"poolbench/fixtures"
)

// The text of 10 MiB has 13,981,016 bytes. The plan has four uploads of each number
// of clients, 1 and 5.
func TestEstimateOfPasses(t *testing.T) {
	const text = 13_981_016
	s := plan.Schedule{Cells: few("a", "b"), Passes: 3}
	e := s.Estimate(map[bench.Op]float64{bench.Upload: text}, time.Second)
	assert.Equal(t, plan.Estimate{
		Cells: 8, Points: 4, Passes: 3,
		Pass: 4*2*time.Second + 4*6*time.Second, Total: 3 * 32 * time.Second,
		Wire: 3 * 24 * text, Storage: 5 * int64(10*fixtures.MiB),
	}, e)
}

func TestEstimate(t *testing.T) {
	rates := map[bench.Op]float64{bench.Upload: 1.4e9, bench.Download: 1.4e9}
	for _, row := range []struct {
		name    string
		plan    plan.Schedule
		passes  int
		total   time.Duration
		wire    float64 // of that of the first pass
		storage fixtures.Size
	}{
		{"no budget", plan.Schedule{Cells: reference.Cells()}, 1, 108 * time.Second, 1, 5000 * fixtures.MiB},
		{"a budget", plan.Schedule{Cells: reference.Cells(), Budget: 10 * time.Minute}, 22, 10 * time.Minute, 5.5, 5000 * fixtures.MiB},
		{"downloads", plan.Schedule{Cells: reference.Cells()[27:54]}, 1, 27 * time.Second, 0.25, 0},
		{"nothing", plan.Schedule{Budget: time.Hour}, 0, 0, 0, 0},
	} {
		t.Run(row.name, func(t *testing.T) {
			e := row.plan.Estimate(rates, 5*time.Millisecond)
			assert.Equal(t, len(row.plan.Cells), e.Cells)
			assert.InDelta(t, row.passes, e.Passes, 0.15*float64(row.passes))
			assert.InDelta(t, row.total, e.Total, 0.02*float64(row.total))
			assert.InDelta(t, row.wire*150.3e9, e.Wire, 0.02*row.wire*150.3e9)
			assert.EqualValues(t, row.storage, e.Storage)
		})
	}
}

// A fixed number of passes leaves nothing out.
func TestEstimateOfFixedPasses(t *testing.T) {
	s := plan.Schedule{Cells: few("a"), Passes: 30_000}
	e := s.Estimate(nil, time.Second)
	assert.Equal(t, 30_000, e.Passes)
	assert.Equal(t, 120_000*time.Second, e.Total)
}

// Millions of visits are not simulated, and free visits come to an end too.
func TestEstimateOfManyShortVisits(t *testing.T) {
	for _, row := range []struct {
		name  string
		fixed time.Duration
	}{{"short", 2 * time.Millisecond}, {"free", 0}} {
		t.Run(row.name, func(t *testing.T) {
			s := plan.Schedule{Cells: few("a", "b"), Budget: 24 * time.Hour}
			begun := time.Now()
			e := s.Estimate(nil, row.fixed)
			assert.Less(t, time.Since(begun), 3*time.Second)
			passes := float64(24*time.Hour) / float64(8*max(row.fixed, time.Millisecond))
			assert.InEpsilon(t, passes, e.Passes, 0.01)
			assert.InEpsilon(t, passes*24*13_981_016, e.Wire, 0.01)
			assert.Equal(t, 24*time.Hour, e.Total)
		})
	}
}
