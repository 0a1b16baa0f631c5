package figure_test

import (
	"slices"
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
	f := find(t, run, "stability-upload-10mib-2-1")
	assert.Equal(t, []figure.Point{{X: 1, Y: 0.01}, {X: 2, Y: 0.011}, {X: 4, Y: 300, Void: "1 of 2 ops failed"}}, series(t, f, "thread").Points)
	assert.Equal(t, []figure.Point{{X: 3, Y: 0.012}, {X: 5, Y: 0.013}}, series(t, f, "process").Points)
	assert.Equal(t, "Stability: upload, 10 MiB, 2 clients, 1 worker. thread 3 rounds from 10.0 ms to 11.0 ms, 1 with a failure; "+
		"process 2 rounds from 12.0 ms to 13.0 ms.", f.Alt)
	assert.Equal(t, "a round with a failed op has no makespan to compare, and is at the foot", f.Note)
	assert.Contains(t, svg(t, f), ">thread: an op failed</text>")
	run.Results = run.Results[:4]
	assert.Contains(t, svg(t, find(t, run, "stability-upload-10mib-2-1")), ">4</text>", "the last of all is on the axis, if it failed too")
}

// A round in which something stood still has no makespan, whether an op failed or not,
// and is in no other figure.
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
		alt    string
	}{
		{"alone", r, []figure.Point{{X: 1, Y: 0.01}, {X: 2, Y: 3600, Void: "stood still"}, {X: 3, Y: 0.012}}, "thread 3 rounds from 10.0 ms to 12.0 ms, 1 that stood still."},
		{"with failures", failing, []figure.Point{{X: 1, Y: 0.01}, {X: 2, Y: 3600, Void: "stood still"}, {X: 3, Y: 0.012}, {X: 4, Y: 0.001, Void: "stood still"}},
			"thread 4 rounds from 10.0 ms to 12.0 ms, 2 that stood still."},
	} {
		t.Run(row.name, func(t *testing.T) {
			run := runOf(row.result)
			f := find(t, run, "stability-upload-10mib-2-1")
			assert.Equal(t, row.points, series(t, f, "thread").Points)
			assert.Contains(t, f.Alt, row.alt)
			assert.Equal(t, "a round in which the benchmark or a server stood still is at the foot, and in no estimate", f.Note)
			assert.Contains(t, svg(t, f), ">thread: stood still</text>")
			latency := find(t, run, "latency-upload-10mib-2-1")
			assert.Len(t, series(t, latency, "thread").Points, 4)
			assert.Empty(t, latency.Note)
			assert.Contains(t, latency.Alt, "longest 12.0 ms of 4 ops")
			assert.Contains(t, find(t, run, "queue-upload-10mib-2-1-thread").Alt, "In a round of 10.0 ms")
			assert.InEpsilon(t, 1, series(t, find(t, run, "cost-cpu-upload"), "thread, server").Points[0].X, 1e-9)
		})
	}
}

// A round in which the machine gave time away, or the clients had no more to give, has
// a mark, which the note counts.
func TestStabilityMarks(t *testing.T) {
	r := result(cell(1, 1, "thread"), 1000*ms, 1000*ms, 1000*ms)
	r.Rounds[1].LoadCPU = 990 * ms
	r.Rounds[2].Steal = 100 * ms
	run := runOf(r)
	run.Head.Environment = map[string]string{"cpus": "2", "gomaxprocs": "2"}
	f := find(t, run, "stability-upload-10mib-1-1")
	assert.Equal(t, []figure.Point{{X: 1, Y: 1}, {X: 2, Y: 1, Mark: "load-saturated"}, {X: 3, Y: 1, Mark: "steal"}}, series(t, f, "thread").Points)
	assert.Equal(t, "warnings of rounds by themselves: thread load-saturated in 1 of 3 rounds, thread steal in 1 of 3 rounds", f.Note)
	assert.Contains(t, svg(t, f), ">warning</text>")
}

// Of 1000 rounds two of each 20 are left, among them the one that stands out.
func TestStabilityOfMany(t *testing.T) {
	makespans := slices.Repeat([]time.Duration{10 * ms, 11 * ms, 12 * ms, 13 * ms, 14 * ms}, 200)
	makespans[123] = time.Second
	f := find(t, runOf(result(cell(1, 1, "thread"), makespans...)), "stability-upload-10mib-1-1")
	points := series(t, f, "thread").Points
	assert.Len(t, points, 100)
	assert.Equal(t, []figure.Point{{X: 1, Y: 0.01}, {X: 5, Y: 0.014}}, points[:2])
	assert.Contains(t, points, figure.Point{X: 124, Y: 1})
	assert.Equal(t, "of every 20 rounds in turn the shortest and the longest are drawn", f.Note)
}
