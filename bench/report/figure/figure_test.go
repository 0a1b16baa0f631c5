package figure_test

import (
	"fmt"
	"math"
	"regexp"
	"slices"
	"strings"
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

// cell returns a cell of uploads of 10 MiB.
func cell(clients, workers int, pool string) bench.Cell {
	return bench.Cell{Op: bench.Upload, Volume: 10 * fixtures.MiB, Clients: clients, Workers: workers, Pool: pool}
}

// round returns a round in which every client waits half of the time and moves 1 MB. The
// first of them fail.
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

// result returns a result of rounds without failures.
func result(c bench.Cell, makespans ...time.Duration) bench.Result {
	r := bench.Result{Cell: c, LoadPeak: 3e6, ServerPeak: 5e6}
	for _, makespan := range makespans {
		r.Rounds = append(r.Rounds, round(c.Clients, 0, makespan))
	}
	return r
}

// runOf returns a run that measured what it planned. It has no findings yet.
func runOf(results ...bench.Result) *analysis.Analysis {
	var cells []bench.Cell
	for _, r := range results {
		if !slices.Contains(cells, r.Cell) {
			cells = append(cells, r.Cell)
		}
	}
	run := journal.Run{Head: journal.Head{Plan: journal.Plan{Passes: 1}.Of(cells)}, Results: results, Ended: true}
	return &analysis.Analysis{Run: run, Axes: bench.Axes(), Totals: run.Totals()}
}

// find returns the figure of a name.
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

// series returns the series of a name in the panel of a column and a row, by default the
// first.
func series(t *testing.T, f figure.Figure, name string, panel ...int) figure.Series {
	t.Helper()
	panel = append(panel, 0, 0)
	i := slices.IndexFunc(f.Series, func(s figure.Series) bool { return s.Name == name && s.Column == panel[0] && s.Row == panel[1] })
	require.GreaterOrEqual(t, i, 0, "there is no %s in %v", name, f.Series)
	return f.Series[i]
}

// plain returns points without their tips, which are long.
func plain(points []figure.Point) []figure.Point {
	points = slices.Clone(points)
	for i := range points {
		points[i].Tip = ""
	}
	return points
}

// Figures have a panel for each level of their columns and rows, in order. A panel shows only
// the pools of its cells.
func TestGrid(t *testing.T) {
	large := cell(5, 1, "process")
	large.Volume = 50 * fixtures.MiB
	download := cell(2, 1, "thread")
	download.Op = bench.Download
	run := runOf(result(download, ms), result(large, ms), result(cell(5, 50, "thread"), ms), result(cell(2, 5, "thread"), ms),
		result(cell(5, 0, "remote"), ms), bench.Result{Cell: cell(9, 9, "thread")})
	names := namesOf(figure.All(run))
	assert.Less(t, slices.Index(names, "latency-upload"), slices.Index(names, "latency-download"))
	for _, row := range []struct {
		name          string
		columns, rows []string
		panels        map[string][2]int // column and row of each series
	}{
		{"latency-upload", []string{"? workers", "1 worker", "5 workers", "9 workers", "50 workers"}, []string{"10 MiB, 2 clients", "10 MiB, 5 clients", "10 MiB, 9 clients", "50 MiB, 5 clients"},
			map[string][2]int{"process": {1, 3}, "thread": {4, 1}, "remote": {0, 1}}},
		{"queue-upload", []string{"? workers, remote", "1 worker, process", "5 workers, thread", "9 workers, thread", "50 workers, thread"}, []string{"10 MiB, 2 clients", "10 MiB, 5 clients", "10 MiB, 9 clients", "50 MiB, 5 clients"},
			map[string][2]int{"process": {1, 3}, "thread": {4, 1}, "remote": {0, 1}}},
		{"stability-upload", []string{"? workers", "1 worker", "5 workers", "9 workers", "50 workers"}, []string{"10 MiB, 2 clients", "10 MiB, 5 clients", "10 MiB, 9 clients", "50 MiB, 5 clients"},
			map[string][2]int{"process": {1, 3}, "thread": {4, 1}, "remote": {0, 1}}},
		{"cost-cpu-upload", []string{"2 clients", "5 clients", "9 clients"}, []string{"10 MiB", "50 MiB"},
			map[string][2]int{"process, server": {1, 1}, "thread, clients": {0, 0}, "remote, server": {1, 0}}},
		{"latency-download", []string{"1 worker"}, []string{"10 MiB, 2 clients"}, map[string][2]int{"thread": {0, 0}}},
	} {
		t.Run(row.name, func(t *testing.T) {
			f := find(t, run, row.name)
			assert.Equal(t, row.columns, f.Columns)
			assert.Equal(t, row.rows, f.Rows)
			for name, at := range row.panels {
				assert.NotEmpty(t, series(t, f, name, at[0], at[1]).Points)
			}
		})
	}
}

// 2 clients move 2 MB: 200 MB/s in 10 ms, 100 in 20, 400 in 5. The interval of six
// values reaches from the least to the greatest.
func TestThroughputOverWorkers(t *testing.T) {
	failing := result(cell(2, 50, "thread"), 10*ms)
	failing.Rounds = append(failing.Rounds, round(2, 1, ms))
	alone := result(cell(3, 1, "thread"), 10*ms)
	f := find(t, runOf(
		result(cell(2, 1, "thread"), 20*ms, 20*ms, 20*ms, 20*ms, 10*ms, 40*ms),
		result(cell(2, 5, "thread"), 10*ms),
		failing,
		result(cell(2, 1, "process"), 40*ms),
		result(cell(2, 5, "process"), 5*ms),
		alone, result(cell(2, 0, "remote"), 20*ms),
	), "throughput-workers-upload")
	assert.Equal(t, figure.Workers, f.Group)
	assert.Equal(t, "Throughput over workers: upload", f.Title)
	assert.Equal(t, figure.Axis{Name: "workers", Log: true, Levels: []float64{1, 5, 50}}, f.X)
	assert.Equal(t, []string{"2 clients", "3 clients"}, f.Columns)
	assert.False(t, slices.ContainsFunc(f.Series, func(s figure.Series) bool { return s.Column == 1 }), "of 3 clients there is one level")
	points := series(t, f, "thread").Points
	assert.Equal(t, []figure.Point{{X: 1, Y: 100, Lo: 50, Hi: 200}, {X: 5, Y: 200}, {X: 50, Y: 200}}, plain(points))
	assert.Equal(t, "10 MiB, 2 clients, 1 worker, thread: 100 MB/s, 6 rounds, 95 % interval 50.0 … 200", points[0].Tip)
	assert.Equal(t, "10 MiB, 2 clients, 5 workers, thread: 200 MB/s, 1 round", points[1].Tip)
	assert.Equal(t, []figure.Point{{X: 1, Y: 50}, {X: 5, Y: 400}}, plain(series(t, f, "process").Points))
	assert.Equal(t, []figure.Point{{X: 1, Y: 400}, {X: 50, Y: 400}}, plain(series(t, f, "best round of the op").Points))
	linear := plain(series(t, f, "linear scaling").Points) // from the better pool, up to the best round
	assert.Equal(t, figure.Point{X: 1, Y: 100}, linear[0])
	assert.Equal(t, figure.Point{X: 4, Y: 400}, linear[len(linear)-1])
	assert.Equal(t, "Throughput over workers: upload. thread: from 100 MB/s to 200 MB/s; process: from 50.0 MB/s to 400 MB/s.", f.Alt)
	assert.Len(t, f.Cells, 7)
	assert.False(t, slices.ContainsFunc(f.Series, func(s figure.Series) bool { return s.Name == "remote" }), "of how many workers it is is not known")
}

func TestThroughputOverClients(t *testing.T) {
	f := find(t, runOf(result(cell(5, 1, "thread"), 10*ms), result(cell(1, 1, "thread"), 10*ms)), "throughput-clients-upload")
	assert.Equal(t, figure.Axis{Name: "clients", Levels: []float64{1, 5}}, f.X)
	assert.Equal(t, []figure.Point{{X: 1, Y: 100}, {X: 5, Y: 500}}, plain(series(t, f, "thread").Points))
	assert.Len(t, f.Series, 3, "a pool and two guides, and no fit of two levels")
}

// 1 MB at 120 MB/s for one worker, with σ = 0.2 and κ = 0.01: a makespan of
// (1 + σ(n-1) + κn(n-1)) / (120 n) s, with its peak at √(0.8 ÷ 0.01) ≈ 9.
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
	f := find(t, runOf(results...), "throughput-workers-upload")
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
	assert.Regexp(t, `^Universal Scalability Law of thread: λ 120 MB/s, σ 0\.2(00)?, κ 0\.01, most at 9$`, fit[0].Tip)
	text := svg(t, f)
	assert.Equal(t, 1, strings.Count(text, `class="band"`))
	assert.Contains(t, text, "<title>Universal Scalability Law of process: ")
	assert.Contains(t, text, `<g class="thread"><path class="dot"`, "no line but the fit")
}

func TestLatency(t *testing.T) {
	r := result(cell(2, 1, "thread"), 20*ms, 10*ms)
	r.Rounds = append(r.Rounds, round(2, 1, 30*ms))
	f := find(t, runOf(r, result(cell(2, 1, "process"), 40*ms)), "latency-upload")
	points := series(t, f, "thread").Points
	require.Len(t, points, 5)
	for i, want := range []float64{0.01, 0.01, 0.02, 0.02, 0.03} {
		assert.Equal(t, want, points[i].X)
		assert.InEpsilon(t, 100*float64(i+1)/6, points[i].Y, 1e-12, "a failed op is one of those that did not end")
	}
	assert.True(t, f.X.Log)
	assert.Equal(t, "Latency: upload. thread: from 10.0 ms to 30.0 ms; process: from 40.0 ms to 40.0 ms.", f.Alt)
	text := svg(t, f)
	// The fields are stacked from the bottom of the panel.
	below := regexp.MustCompile(`class="frame" d="M[0-9.]+ [0-9.]+H[0-9.]+V([0-9.]+)`).FindStringSubmatch(text)[1]
	for _, field := range regexp.MustCompile(`class="field" d="M[0-9.]+ ([0-9.]+)H[0-9.]+V([0-9.]+)`).FindAllStringSubmatch(text, -1) {
		assert.Equal(t, below, field[2])
		below = field[1]
	}
	assert.Contains(t, text, "<title>10 MiB, 2 clients, 1 worker: 50 % of ops within: 20.0 ms (thread), 40.0 ms (process)</title>")
	assert.Contains(t, text, "<title>10 MiB, 2 clients, 1 worker: 99 % of ops within: never, as ops failed (thread), 40.0 ms (process)</title>")
}

// Half of two ops is one.
func TestQuantiles(t *testing.T) {
	text := svg(t, find(t, runOf(result(cell(1, 1, "thread"), 10*ms, 20*ms)), "latency-upload"))
	assert.Contains(t, text, ": 50 % of ops within: 10.0 ms (thread)<")
	assert.Contains(t, text, ": 90 % of ops within: 20.0 ms (thread)<")
}

// Of 250 latencies, 1 to 250 ms, the p-th hundredth is the ⌈2.5 p⌉-th.
func TestLatencyOfMany(t *testing.T) {
	var makespans []time.Duration
	for i := range 250 {
		makespans = append(makespans, time.Duration(250-i)*ms)
	}
	points := series(t, find(t, runOf(result(cell(1, 1, "thread"), makespans...)), "latency-upload"), "thread").Points
	require.Len(t, points, 100)
	for i, p := range points {
		assert.InEpsilon(t, math.Ceil(2.5*float64(i+1))/1000, p.X, 1e-12)
		assert.InEpsilon(t, float64(i+1), p.Y, 1e-12)
	}
}

// Of 4 rounds without failures the second has the median. One client has no queue.
func TestQueue(t *testing.T) {
	r := result(cell(2, 1, "process"), 40*ms, 10*ms, 30*ms)
	r.Rounds = append(r.Rounds, round(2, 1, 15*ms), round(2, 0, 20*ms))
	median := r.Rounds[4].Samples
	median[0].FirstByte, median[0].Done = 12*ms, 20*ms
	median[1].FirstByte, median[1].Done = 2*ms, 11*ms
	f := find(t, runOf(r, result(cell(1, 1, "process"), ms)), "queue-upload")
	assert.Equal(t, []string{"10 MiB, 2 clients"}, f.Rows)
	points := series(t, f, "process").Points
	assert.Equal(t, []figure.Point{{X: 0.002, Y: 1, Lo: 0.0001, Hi: 0.011}, {X: 0.012, Y: 2, Lo: 0.0001, Hi: 0.02}}, plain(points))
	assert.Equal(t, "client 0 waited 11.9 ms, transfer from 12.0 ms to 20.0 ms", points[1].Tip)

	median[0].FirstByte, median[1].FirstByte = 0, 0
	points = series(t, find(t, runOf(r, result(cell(1, 1, "process"), ms)), "queue-upload"), "process").Points
	assert.Equal(t, []figure.Point{{X: 0.0001, Y: 1, Lo: 0.0001, Hi: 0.011}, {X: 0.0001, Y: 2, Lo: 0.0001, Hi: 0.02}}, plain(points))
	assert.Equal(t, "client 0 waited and transferred from 100 µs to 20.0 ms", points[1].Tip)
}

// 2 ms for 2 MB, and 2 ms for the 1 MB that arrived: 4 ms for 3 MB.
func TestCost(t *testing.T) {
	r := result(cell(2, 5, "thread"), 10*ms)
	r.Rounds = append(r.Rounds, round(2, 1, 10*ms))
	run := runOf(r, bench.Result{Cell: cell(2, 0, "remote"), Rounds: []bench.Round{round(1, 1, ms)}})
	f := find(t, run, "cost-cpu-upload")
	assert.Equal(t, []string{"? workers", "5 workers"}, f.Y.Rows)
	server := series(t, f, "thread, server").Points
	require.Len(t, server, 1)
	assert.InEpsilon(t, 4./3, server[0].X, 1e-12)
	assert.Equal(t, 1.0, server[0].Y)
	assert.Equal(t, "10 MiB, 2 clients, 5 workers, thread: server 1.33 s", server[0].Tip)
	assert.InEpsilon(t, 2./3, series(t, f, "thread, clients").Points[0].X, 1e-12)
	assert.Len(t, f.Series, 2, "nothing is known of the other")
	memory := find(t, run, "cost-memory-upload")
	assert.Equal(t, []figure.Point{{X: 5e6, Y: 1}}, plain(series(t, memory, "thread, server").Points))
	assert.Equal(t, []figure.Point{{X: 3e6, Y: 1}}, plain(series(t, memory, "thread, clients").Points))
	assert.Equal(t, "Peak memory, by both sides: upload. thread, server: from 5.00 MB to 5.00 MB; thread, clients: from 3.00 MB to 3.00 MB.", memory.Alt)
}

// Cells that differ on an axis that no panel shows have figures of their own, which its
// labels name.
func TestNewAxis(t *testing.T) {
	run := runOf(result(cell(2, 1, "thread"), ms), result(cell(2, 5, "thread"), ms))
	run.Axes = append(run.Axes, bench.Axis{Key: "rate", Label: func(c bench.Cell) string { return fmt.Sprint(700+c.Workers, " ops/s") }})
	f := find(t, run, "latency-upload-705-ops-s")
	assert.Equal(t, "Latency: upload, 705 ops/s", f.Title)
	assert.Equal(t, []string{"5 workers"}, f.Columns)
	find(t, run, "latency-upload-701-ops-s")
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
	f := find(t, run, "latency-upload-process-clients")
	assert.Equal(t, "Latency: upload, process clients", f.Title)
	assert.Equal(t, []bench.Cell{results[1].Cell}, f.Cells)
	assert.Len(t, f.Series, 2, "a curve, and the fields")
	find(t, run, "latency-upload-thread-clients")
}
