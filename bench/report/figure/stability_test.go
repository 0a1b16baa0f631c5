package figure_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"poolbench/bench"
	"poolbench/bench/report/figure"
)

func TestStability(t *testing.T) {
	failing := bench.Result{Cell: cell(2, 1, "thread"), Rounds: []bench.Round{round(2, 1, 300*time.Second)}}
	run := runOf(
		result(cell(2, 1, "thread"), 10*ms, 11*ms), result(cell(2, 1, "process"), 12*ms),
		result(cell(2, 5, "process"), 99*ms), failing, result(cell(2, 1, "process"), 13*ms),
	)
	f := find(t, run, "stability-upload")
	points := series(t, f, "thread").Points
	assert.Equal(t, []figure.Point{{X: 1, Y: 0.01}, {X: 2, Y: 0.011}, {X: 4, Y: 300, Cross: true}}, plain(points))
	assert.Equal(t, "10 MiB, 2 clients, 1 worker, thread: round 2, 11.0 ms", points[1].Tip)
	assert.Equal(t, "10 MiB, 2 clients, 1 worker, thread: round 4, 1 of 2 ops failed", points[2].Tip)
	assert.Equal(t, []figure.Point{{X: 3, Y: 0.012}, {X: 5, Y: 0.013}}, plain(series(t, f, "process").Points))
	assert.Equal(t, "Stability: upload. thread: from 10.0 ms to 11.0 ms; process: from 12.0 ms to 99.0 ms.", f.Alt)
	text := svg(t, f)
	assert.Contains(t, text, ">an op failed or something stood still</text>")
	assert.Equal(t, 2, strings.Count(text, `class="cross"`), "one of them in the legend")
	_, foot := place(t, text, points[2].Tip)
	_, low := place(t, text, points[0].Tip)
	assert.Greater(t, foot, low, "it is at the foot")
	assert.Less(t, foot, high(t, text))
	run.Results = run.Results[:4]
	assert.Contains(t, svg(t, find(t, run, "stability-upload")), ">4</text>", "the last of all is on the axis, if it failed too")
}

// A stalled round has no makespan, whether an op failed or not, and is in no other figure.
func TestStoodStill(t *testing.T) {
	r := result(cell(2, 1, "thread"), 10*ms, time.Hour, 12*ms)
	r.Rounds[1].Stalled = time.Hour
	failing := r
	failing.Rounds = append(slices.Clone(r.Rounds), round(2, 2, ms))
	failing.Rounds[3].Stalled = time.Second
	for _, row := range []struct {
		name   string
		result bench.Result
		points []figure.Point
	}{
		{"alone", r, []figure.Point{{X: 1, Y: 0.01}, {X: 2, Y: 3600, Cross: true}, {X: 3, Y: 0.012}}},
		{"with failures", failing, []figure.Point{{X: 1, Y: 0.01}, {X: 2, Y: 3600, Cross: true}, {X: 3, Y: 0.012}, {X: 4, Y: 0.001, Cross: true}}},
	} {
		t.Run(row.name, func(t *testing.T) {
			run := runOf(row.result)
			f := find(t, run, "stability-upload")
			points := series(t, f, "thread").Points
			assert.Equal(t, row.points, plain(points))
			for _, p := range points {
				assert.Equal(t, p.Cross, strings.HasSuffix(p.Tip, ", something stood still"), p.Tip)
			}
			assert.Contains(t, f.Alt, "from 10.0 ms to 12.0 ms")
			latency := find(t, run, "latency-upload")
			ends := series(t, latency, "thread").Points
			assert.Len(t, ends, 4)
			assert.Equal(t, 100.0, ends[3].Y)
			assert.Equal(t, 0.01, series(t, find(t, run, "queue-upload"), "thread").Points[0].Hi)
			assert.InEpsilon(t, 1, series(t, find(t, run, "cost-cpu-upload"), "thread, server").Points[0].X, 1e-9)
		})
	}
}

// A round with stolen CPU time or saturated clients has a mark, and its tip tells which.
func TestStabilityMarks(t *testing.T) {
	r := result(cell(1, 1, "thread"), 1000*ms, 1000*ms, 1000*ms)
	r.Rounds[1].LoadCPU = 990 * ms
	r.Rounds[2].Steal = 100 * ms
	run := runOf(r)
	run.Head.Environment = map[string]string{"cpus": "2", "gomaxprocs": "2"}
	f := find(t, run, "stability-upload")
	points := series(t, f, "thread").Points
	assert.Equal(t, []figure.Point{{X: 1, Y: 1}, {X: 2, Y: 1, Mark: true}, {X: 3, Y: 1, Mark: true}}, plain(points))
	assert.Equal(t, "10 MiB, 1 client, 1 worker, thread: round 2, 1.00 s, load-saturated", points[1].Tip)
	assert.Equal(t, "10 MiB, 1 client, 1 worker, thread: round 3, 1.00 s, steal", points[2].Tip)
	text := svg(t, f)
	assert.Contains(t, text, ">warning</text>")
	assert.Equal(t, 3, strings.Count(text, `class="dot mark"`), "one of them in the legend")
}

// Of 1000 rounds two of every 20 are drawn, among them the longest.
func TestStabilityOfMany(t *testing.T) {
	makespans := slices.Repeat([]time.Duration{10 * ms, 11 * ms, 12 * ms, 13 * ms, 14 * ms}, 200)
	makespans[123] = time.Second
	r := result(cell(1, 1, "thread"), makespans...)
	r.Rounds[500].Samples[0].Reason = bench.Reset
	f := find(t, runOf(r), "stability-upload")
	points := series(t, f, "thread").Points
	assert.Len(t, points, 101, "and the one that failed")
	assert.Equal(t, []figure.Point{{X: 1, Y: 0.01}, {X: 5, Y: 0.014}}, plain(points)[:2])
	assert.Contains(t, plain(points), figure.Point{X: 124, Y: 1})
	assert.NotContains(t, svg(t, f), "round 124", "there is no room for points")
	assert.Contains(t, svg(t, f), "round 501, 1 of 1 op failed")
}
