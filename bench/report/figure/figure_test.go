package figure_test

import (
	"math"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"poolbench/bench"
	"poolbench/bench/analysis"
	"poolbench/bench/journal"
	"poolbench/bench/report/figure"
	"poolbench/fixtures"
)

const ms = time.Millisecond

// cell is an upload of 10 MiB.
func cell(clients, workers int, pool string) bench.Cell {
	return bench.Cell{Op: bench.Upload, Volume: 10 * fixtures.MiB, Clients: clients, Workers: workers, Pool: pool}
}

// round is one in which every client waits half of the time and moves 1 MB, and so
// many of them fail.
func round(clients, failed int, makespan time.Duration) bench.Round {
	r := bench.Round{Makespan: makespan, LoadCPU: ms, ServerCPU: 2 * ms}
	for i := range clients {
		s := bench.Sample{Client: i, Sent: ms / 10, FirstByte: makespan / 2, Done: makespan, Wire: 1e6}
		if i < failed {
			s.Failure = bench.Failure{Reason: bench.Reset}
		}
		r.Samples = append(r.Samples, s)
	}
	return r
}

// result is one of rounds without a failure.
func result(c bench.Cell, makespans ...time.Duration) bench.Result {
	r := bench.Result{Cell: c, LoadPeak: 3e6, ServerPeak: 5e6}
	for _, makespan := range makespans {
		r.Rounds = append(r.Rounds, round(c.Clients, 0, makespan))
	}
	return r
}

// runOf planned what it measured. Nothing is found in it yet.
func runOf(results ...bench.Result) *analysis.Analysis {
	var cells []bench.Cell
	for _, r := range results {
		if !slices.Contains(cells, r.Cell) {
			cells = append(cells, r.Cell)
		}
	}
	run := journal.Run{Head: journal.Head{Plan: journal.Plan{Passes: 1}.Of(cells)}, Results: results, Ended: true}
	return &analysis.Analysis{Run: run, Totals: run.Totals()}
}

// find returns a run's figure by its name.
func find(t *testing.T, run *analysis.Analysis, name string) figure.Figure {
	t.Helper()
	all := figure.All(run)
	i := slices.IndexFunc(all, func(f figure.Figure) bool { return f.Name == name })
	require.GreaterOrEqual(t, i, 0, "there is no %s in %v", name, namesOf(all))
	return all[i]
}

func namesOf(all []figure.Figure) []string {
	var names []string
	for _, f := range all {
		names = append(names, f.Name)
	}
	return names
}

// series returns one by its name.
func series(t *testing.T, f figure.Figure, name string) figure.Series {
	t.Helper()
	i := slices.IndexFunc(f.Series, func(s figure.Series) bool { return s.Name == name })
	require.GreaterOrEqual(t, i, 0, "there is no %s in %v", name, f.Series)
	return f.Series[i]
}

// 2 clients move 2 MB: 200 MB/s in 10 ms, 100 in 20, 400 in 5. The interval of six
// values is from the least to the greatest.
func TestThroughputOverWorkers(t *testing.T) {
	failing := result(cell(2, 50, "thread"), 10*ms)
	failing.Rounds = append(failing.Rounds, round(2, 1, ms))
	f := find(t, runOf(
		result(cell(2, 1, "thread"), 20*ms, 20*ms, 20*ms, 20*ms, 10*ms, 40*ms),
		result(cell(2, 5, "thread"), 10*ms),
		failing,
		result(cell(2, 1, "process"), 40*ms),
		result(cell(2, 5, "process"), 5*ms),
	), "throughput-workers-upload-10mib-2")
	assert.Equal(t, figure.Workers, f.Group)
	assert.Equal(t, "Throughput over workers: upload, 10 MiB, 2 clients", f.Title)
	assert.Equal(t, figure.Axis{Name: "workers", Log: true, Levels: []float64{1, 5, 50}}, f.X)
	assert.Equal(t, []figure.Point{
		{X: 1, Y: 100, Lo: 50, Hi: 200, Label: "6 rounds"}, {X: 5, Y: 200, Label: "1 round"}, {X: 50, Y: 200, Label: "1 round"},
	}, series(t, f, "thread").Points)
	assert.Equal(t, []figure.Point{{X: 1, Y: 50, Label: "1 round"}, {X: 5, Y: 400, Label: "1 round"}}, series(t, f, "process").Points)
	assert.Equal(t, []figure.Point{{X: 1, Y: 400}, {X: 50, Y: 400}}, series(t, f, "best upload of this run").Points)
	linear := series(t, f, "linear scaling").Points // of the better pool, as far as the best
	assert.Equal(t, figure.Point{X: 1, Y: 100}, linear[0])
	assert.Equal(t, figure.Point{X: 4, Y: 400}, linear[len(linear)-1])
	assert.Equal(t, "Throughput over workers: upload, 10 MiB, 2 clients. Medians in MB/s: "+
		"thread 100 with 1 worker, 200 with 5 workers, 200 with 50 workers; process 50.0 with 1 worker, 400 with 5 workers.", f.Alt)
	assert.Equal(t, "no fit of the Universal Scalability Law: it needs five levels of workers, and there are three; "+
		"an interval needs 6 whole rounds; 1 round left out, in which an op failed or something stood still", f.Note)
	assert.Len(t, f.Cells, 5)
}

func TestThroughputOverClients(t *testing.T) {
	f := find(t, runOf(result(cell(5, 1, "thread"), 10*ms), result(cell(1, 1, "thread"), 10*ms)), "throughput-clients-upload-10mib-1")
	assert.Equal(t, figure.Axis{Name: "clients", Levels: []float64{1, 5}}, f.X)
	assert.Equal(t, []figure.Point{{X: 1, Y: 100, Label: "1 round"}, {X: 5, Y: 500, Label: "1 round"}}, series(t, f, "thread").Points)
	assert.Contains(t, f.Note, "it needs five levels of clients, and there are two")
}

// 1 MB at 120 MB/s for one worker, with σ = 0.2 and κ = 0.01: a makespan of
// (1 + σ(n-1) + κn(n-1)) / (120 n) s, and the most at √(0.8 ÷ 0.01) ≈ 9.
func TestScalabilityFit(t *testing.T) {
	six := func(n float64) []time.Duration {
		var makespans []time.Duration
		for _, off := range []float64{-0.02, -0.01, 0, 0, 0.01, 0.02} {
			makespans = append(makespans, time.Duration((1+0.2*(n-1)+0.01*n*(n-1))/(120*n)*(1+off)*1e9))
		}
		return makespans
	}
	var results []bench.Result
	for _, n := range []int{1, 2, 5, 10, 50} {
		results = append(results, result(cell(1, n, "thread"), six(float64(n))...), result(cell(1, n, "process"), six(float64(n))[2]))
	}
	f := find(t, runOf(results...), "throughput-workers-upload-10mib-1")
	fit := series(t, f, "thread, fit").Points
	require.Len(t, fit, 32)
	assert.Equal(t, 50.0, fit[31].X)
	for _, p := range fit {
		assert.InEpsilon(t, 120*p.X/(1+0.2*(p.X-1)+0.01*p.X*(p.X-1)), p.Y, 0.01)
		assert.LessOrEqual(t, p.Lo, p.Y)
		assert.GreaterOrEqual(t, p.Hi, p.Y)
		assert.Less(t, p.Hi, 1.05*p.Y)
	}
	for _, p := range series(t, f, "process, fit").Points {
		assert.Zero(t, p.Hi, "a band of one round")
	}
	assert.Regexp(t, `^Universal Scalability Law of thread: λ 120 MB/s, σ 0\.2(00)?, κ 0\.01, most at 9; `+
		`Universal Scalability Law of process: .*, no band for fewer than 6 rounds; an interval needs`, f.Note)
}

func TestLatency(t *testing.T) {
	r := result(cell(2, 1, "thread"), 20*ms, 10*ms)
	r.Rounds = append(r.Rounds, round(2, 1, 30*ms))
	f := find(t, runOf(r), "latency-upload-10mib-2-1")
	points := series(t, f, "thread").Points
	require.Len(t, points, 5)
	for i, want := range []float64{0.01, 0.01, 0.02, 0.02, 0.03} {
		assert.Equal(t, want, points[i].X)
		assert.InEpsilon(t, 100*float64(i+1)/6, points[i].Y, 1e-12, "a failed op is one of those that did not end")
	}
	assert.True(t, f.X.Log)
	assert.Equal(t, "1 of 6 ops of thread failed, and their share is missing at the top of its curve", f.Note)
	assert.Equal(t, "Latency: upload, 10 MiB, 2 clients, 1 worker. Of those that succeeded: thread median 20.0 ms, longest 30.0 ms of 5 ops.", f.Alt)
}

// Of 250 latencies, 1 to 250 ms, the p-th hundredth is at the ⌈2.5 p⌉-th.
func TestLatencyOfMany(t *testing.T) {
	var makespans []time.Duration
	for i := range 250 {
		makespans = append(makespans, time.Duration(250-i)*ms)
	}
	points := series(t, find(t, runOf(result(cell(1, 1, "thread"), makespans...)), "latency-upload-10mib-1-1"), "thread").Points
	require.Len(t, points, 100)
	for i, p := range points {
		assert.InEpsilon(t, math.Ceil(2.5*float64(i+1))/1000, p.X, 1e-12)
		assert.InEpsilon(t, float64(i+1), p.Y, 1e-12)
	}
}

// Of 4 rounds without a failure the second is the median.
func TestQueue(t *testing.T) {
	r := result(cell(2, 1, "process"), 40*ms, 10*ms, 30*ms)
	r.Rounds = append(r.Rounds, round(2, 1, 15*ms), round(2, 0, 20*ms))
	median := r.Rounds[4].Samples
	median[0].FirstByte, median[0].Done = 12*ms, 20*ms
	median[1].FirstByte, median[1].Done = 2*ms, 11*ms
	f := find(t, runOf(r, result(cell(1, 1, "process"), ms)), "queue-upload-10mib-2-1-process")
	assert.Equal(t, []figure.Point{
		{X: 0.0001, Y: 1, Lo: 0.0001, Hi: 0.002, Label: "client 1"}, {X: 0.0001, Y: 2, Lo: 0.0001, Hi: 0.012, Label: "client 0"},
	}, series(t, f, "wait").Points)
	assert.Equal(t, []figure.Point{
		{X: 0.002, Y: 1, Lo: 0.002, Hi: 0.011, Label: "client 1"}, {X: 0.012, Y: 2, Lo: 0.012, Hi: 0.02, Label: "client 0"},
	}, series(t, f, "transfer").Points)
	assert.Equal(t, "round 5 of 5, which has the median makespan; clients by the end of their wait", f.Note)
	assert.Contains(t, f.Alt, "In a round of 20.0 ms the clients waited from 1.90 ms to 11.9 ms, the median being 1.90 ms.")
}

// 2 ms for 2 MB, and 2 ms for the 1 MB that arrived: 4 ms for 3 MB.
func TestCost(t *testing.T) {
	r := result(cell(2, 5, "thread"), 10*ms)
	r.Rounds = append(r.Rounds, round(2, 1, 10*ms))
	run := runOf(r, bench.Result{Cell: cell(1, 0, "remote"), Rounds: []bench.Round{round(1, 1, ms)}})
	f := find(t, run, "cost-cpu-upload")
	assert.Equal(t, []string{"10 MiB, 1, ?", "10 MiB, 2, 5"}, f.Y.Rows)
	server := series(t, f, "thread, server").Points
	require.Len(t, server, 1)
	assert.InEpsilon(t, 4./3, server[0].X, 1e-12)
	assert.Equal(t, 2.0, server[0].Y)
	assert.Equal(t, "10 MiB, 2, 5", server[0].Label)
	assert.InEpsilon(t, 2./3, series(t, f, "thread, clients").Points[0].X, 1e-12)
	assert.Len(t, f.Series, 2, "nothing is known of the other")
	memory := find(t, run, "cost-memory-upload")
	assert.Equal(t, []figure.Point{{X: 5e6, Y: 2, Label: "10 MiB, 2, 5"}}, series(t, memory, "thread, server").Points)
	assert.Equal(t, []figure.Point{{X: 3e6, Y: 2, Label: "10 MiB, 2, 5"}}, series(t, memory, "thread, clients").Points)
	assert.Equal(t, "Peak memory: upload, by both sides. thread, server: from 5.00 MB to 5.00 MB; thread, clients: from 3.00 MB to 3.00 MB.", memory.Alt)
}

// The table has 0.627 s and 0.556 s for the first cell, 23 of 50 that failed in the
// second, and nothing of threads and 50 failures of processes in the third.
func TestReference(t *testing.T) {
	large := func(volume fixtures.Size, pool string) bench.Cell {
		c := cell(50, 1, pool)
		c.Volume = volume
		return c
	}
	allFailed := bench.Result{Cell: cell(1, 1, "process"), Rounds: []bench.Round{round(1, 1, ms)}}
	run := runOf(
		result(cell(1, 1, "thread"), 10*ms, 20*ms), allFailed,
		result(large(50*fixtures.MiB, "thread"), 40*ms),
		result(large(100*fixtures.MiB, "thread"), 40*ms), bench.Result{Cell: large(100*fixtures.MiB, "process")},
		result(cell(1, 1, "goroutine"), ms), result(cell(3, 3, "thread"), ms),
	)
	f := find(t, run, "reference-upload")
	assert.Equal(t, []string{"10 MiB, 1, 1", "50 MiB, 50, 1", "100 MiB, 50, 1"}, f.Y.Rows)
	point := func(x, y float64, mark, void string) figure.Point {
		return figure.Point{X: x, Y: y, Label: f.Y.Rows[int(y)-1], Mark: mark, Void: void}
	}
	assert.Equal(t, []figure.Point{
		point(0.627, 1, "", ""), point(68.083, 2, "23 of 50 clients failed", ""), point(0, 3, "", "not in the table"),
	}, series(t, f, "thread, reference").Points)
	assert.Equal(t, []figure.Point{point(0.015, 1, "", ""), point(0.04, 2, "", ""), point(0.04, 3, "", "")}, series(t, f, "thread, now").Points)
	assert.Equal(t, []figure.Point{point(0.556, 1, "", ""), point(0, 3, "", "all 50 clients failed")}, series(t, f, "process, reference").Points)
	assert.Equal(t, []figure.Point{point(0, 1, "", "all 1 op failed"), point(0, 3, "", "not measured")}, series(t, f, "process, now").Points)
	assert.Contains(t, f.Alt, "Both have a time of 2 cells.")
	assert.Contains(t, f.Note, "2 cells without a time in the table that a transfer took")
}

func TestReferenceOfMissingFiles(t *testing.T) {
	c := cell(1, 1, "thread")
	c.Op = bench.Download
	there := result(c, ms)
	c.Volume = 100 * fixtures.MiB
	f := find(t, runOf(there, result(c, 10*ms)), "reference-download")
	points := series(t, f, "thread, reference").Points
	assert.Equal(t, 0.351, points[0].X)
	assert.Equal(t, "the table counts a missing file as a success", points[1].Void)
}

// Cells of several client pools have figures of their own.
func TestClientPools(t *testing.T) {
	var results []bench.Result
	for _, pool := range bench.ClientPools() {
		c := cell(2, 1, "thread")
		c.ClientPool = pool
		results = append(results, result(c, ms))
	}
	run := runOf(results...)
	f := find(t, run, "latency-upload-10mib-2-1-process-clients")
	assert.Equal(t, "Latency: upload, 10 MiB, 2 clients, 1 worker, process clients", f.Title)
	assert.Equal(t, results[1].Cell, f.Cells[0])
	find(t, run, "latency-upload-10mib-2-1-thread-clients")
	assert.Equal(t, []string{"10 MiB, 2, 1, process clients", "10 MiB, 2, 1, thread clients"}, find(t, run, "cost-cpu-upload").Y.Rows)
}
