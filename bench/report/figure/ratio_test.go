package figure_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"poolbench/bench"
	"poolbench/bench/journal"
	"poolbench/bench/report/figure"
)

// eight are makespans about so long.
func eight(about time.Duration) []time.Duration {
	var all []time.Duration
	for i := range 8 {
		all = append(all, about*time.Duration(100+i)/100)
	}
	return all
}

// pools is a run in which processes take 0.8 of the time of threads with one worker,
// 1.25 with 5, and as long with 50; have all rounds failed with 51; and are not there
// with 52.
func pools() journal.Run {
	failed := result(cell(2, 51, "process"))
	failed.Rounds = []bench.Round{round(2, 1, ms), round(2, 1, ms)}
	return runOf(
		result(cell(2, 1, "thread"), eight(10*ms)...), result(cell(2, 1, "process"), eight(8*ms)...),
		result(cell(2, 5, "thread"), eight(8*ms)...), result(cell(2, 5, "process"), eight(10*ms)...),
		result(cell(2, 50, "thread"), eight(9*ms)...), result(cell(2, 50, "process"), eight(9*ms)...),
		result(cell(2, 51, "thread"), eight(9*ms)...), failed,
		result(cell(2, 52, "thread"), eight(9*ms)...),
	)
}

func TestRatio(t *testing.T) {
	f := find(t, pools(), "ratio-upload-process")
	assert.Equal(t, "Throughput of process against thread: upload", f.Title)
	assert.Equal(t, []string{"10 MiB, 2, 1", "10 MiB, 2, 5", "10 MiB, 2, 50", "10 MiB, 2, 51"}, f.Y.Rows)
	for _, row := range []struct {
		series string
		x, y   float64
	}{
		{"process faster", 1.25, 1}, {"thread faster", 0.8, 2}, {"no difference that this run can show", 1, 3},
	} {
		points := series(t, f, row.series).Points
		if assert.Len(t, points, 1, row.series) {
			p := points[0]
			assert.InEpsilon(t, row.x, p.X, 1e-6, row.series)
			assert.Equal(t, row.y, p.Y)
			assert.Less(t, p.Lo, p.X)
			assert.Greater(t, p.Hi, p.X)
			assert.Contains(t, p.Label, "upload of 10 MiB, 2 clients")
		}
	}
	assert.Equal(t, "process", series(t, f, "process faster").Pool)
	assert.Equal(t, "thread", series(t, f, "thread faster").Pool)
	silent := series(t, f, "too little to say").Points
	assert.Equal(t, []figure.Point{{Y: 4, Label: silent[0].Label, Void: "no rounds without a failure"}}, silent)
	assert.Equal(t, []figure.Point{{X: 1, Y: 0.5}, {X: 1, Y: 4.5}}, series(t, f, "equal").Points)
	assert.Equal(t, "Throughput of process against thread: upload. A difference at 2 of 4 points: upload of 10 MiB, 2 clients, 1 worker +25 %; "+
		"upload of 10 MiB, 2 clients, 5 workers −20 %.", f.Alt)
	assert.Contains(t, f.Note, "without rounds in turn there is no noise floor")
}

func TestHeat(t *testing.T) {
	run := pools()
	f := find(t, run, "heat-upload-process")
	assert.Equal(t, []string{"1 w\n10 MiB", "5 w\n10 MiB", "50 w\n10 MiB", "51 w\n10 MiB"}, f.X.Rows)
	assert.Equal(t, []string{"2"}, f.Y.Rows)
	for _, row := range []struct {
		series, text string
		x            float64
		deep         bool
	}{
		{"process faster", "+25 %", 1, true}, {"thread faster", "−20 %", 2, true},
		{"no difference that this run can show", "≈", 3, false}, {"too little to say", "?", 4, false},
	} {
		points := series(t, f, row.series).Points
		if assert.Len(t, points, 1, row.series) {
			assert.Equal(t, row.x, points[0].X)
			assert.Equal(t, 1.0, points[0].Y)
			assert.Equal(t, row.text, points[0].Text)
			assert.Equal(t, row.deep, points[0].Depth > 0, "what is not a difference has no colour")
		}
	}
	assert.Contains(t, f.Alt, "A difference at 2 of 4 points.")
	text := svg(t, f)
	assert.Contains(t, text, ">+25 %</text>")
	assert.Regexp(t, `fill="#D[45]5[DE]00"`, text, "in the colour of the faster pool") // rounded by its opacity
}

// paired is a run of pairs alone: threads against themselves, and processes, which
// take 0.8 of the time.
func paired() journal.Run {
	against := func(pool string, makespans []time.Duration) bench.Pair {
		return bench.Pair{
			Cell: cell(2, 1, pool), Base: "thread",
			BaseSide: result(cell(2, 1, "thread"), eight(10*ms)...), PoolSide: result(cell(2, 1, pool), makespans...),
		}
	}
	own := eight(10 * ms)
	own[0], own[1] = own[1], own[0]
	own[6], own[7] = own[7], own[6]
	run := journal.Run{Pairs: []bench.Pair{against("thread", own), against("process", eight(8*ms))}, Ended: true}
	run.Head.Plan = run.Head.Plan.With([]bench.Cell{cell(2, 1, "thread"), cell(2, 1, "process")}, "thread")
	return run
}

// The noise floor is the farther end of the base's interval against itself, both ways
// from 1, in the ratios and among what is stable.
func TestFloors(t *testing.T) {
	run := paired()
	own := run.Compare()[0]
	floor := series(t, find(t, run, "ratio-upload-process"), "noise floor").Points
	assert.Equal(t, []figure.Point{{X: 1, Y: 1, Lo: 1 / own.Floor, Hi: own.Floor}}, floor)
	assert.Greater(t, own.Floor, 1.001)

	f := find(t, run, "floor-upload")
	assert.Equal(t, figure.Stability, f.Group)
	assert.Equal(t, "Noise floor: thread against itself: upload", f.Title)
	assert.Equal(t, []figure.Point{{X: own.Ratio, Y: 1, Lo: own.Lo, Hi: own.Hi, Label: "10 MiB, 2, 1: +0.0 %, 95 % interval −0.5 … +0.5 %, floor −0.5 … +0.5 %"}}, series(t, f, "thread").Points)
	assert.Regexp(t, `^Noise floor: thread against itself: upload\. The widest floor is −0\.5 … \+0\.5 %\.$`, f.Alt)
	assert.NotContains(t, svg(t, f), "NaN")
}

// The rounds of a pair stand as they were done: base, pool, pool, base. Behind 16 of
// the base and itself.
func TestStabilityOfPairs(t *testing.T) {
	f := find(t, paired(), "stability-upload-10mib-2-1")
	var base, pool []float64
	for _, p := range series(t, f, "thread").Points {
		base = append(base, p.X)
	}
	for _, p := range series(t, f, "process").Points {
		pool = append(pool, p.X)
	}
	require.Len(t, base, 24)
	assert.Equal(t, []float64{17, 20, 22, 23, 25, 28, 30, 31}, base[16:])
	assert.Equal(t, []float64{18, 19, 21, 24, 26, 27, 29, 32}, pool)
}

// A run of pairs alone has the figures of the cells that they were of.
func TestPairsAlone(t *testing.T) {
	assert.Equal(t, []string{
		"heat-upload-process", "ratio-upload-process", "latency-upload-10mib-2-1", "queue-upload-10mib-2-1-thread", "queue-upload-10mib-2-1-process",
		"cost-cpu-upload", "cost-memory-upload", "stability-upload-10mib-2-1", "floor-upload",
	}, namesOf(figure.All(paired())))
}
