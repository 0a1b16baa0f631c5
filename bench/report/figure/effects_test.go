package figure_test

import (
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"poolbench/bench"
	"poolbench/bench/analysis"
	"poolbench/bench/report/figure"
)

// estimate returns an estimate within 2 % of a ratio.
func estimate(ratio float64, n int) analysis.Estimate {
	return analysis.Estimate{Ratio: ratio, Lo: ratio * 0.98, Hi: ratio * 1.02, N: n, Passes: n}
}

func effect(op bench.Op, axis, level string, ratio float64) analysis.Effect {
	return analysis.Effect{Op: op, Pool: "process", Base: "thread", Axis: axis, Level: level, Points: 3, Estimate: estimate(ratio, 9)}
}

// pools returns a run in which processes are 3 % faster than threads: much faster with 1
// worker, slower with 5, like the whole with 50, unknown with 51, known from only one pass
// with 52.
func pools() *analysis.Analysis {
	a := runOf()
	standing := effect(bench.Upload, "workers", "1", 1.25)
	standing.StandsOut = true
	none := effect(bench.Upload, "workers", "51", 0)
	none.Estimate = analysis.Estimate{Ratio: math.NaN(), Hi: math.Inf(1)}
	single := none // one ratio is too few to estimate an effect
	single.Level, single.Estimate = "52", analysis.Estimate{Hi: math.Inf(1), N: 1}
	a.Effects = []analysis.Effect{effect(bench.Upload, "", "", 1.03), standing, none, single, effect(bench.Download, "", "", 0.9)}
	for _, p := range []struct {
		workers  int
		estimate analysis.Estimate
		out      bool
	}{
		{52, analysis.Estimate{Ratio: 1.1, Hi: math.Inf(1), N: 1, Passes: 1}, false}, {1, estimate(1.25, 9), true}, {5, estimate(0.8, 9), true}, {50, estimate(1.01, 9), false},
		{51, analysis.Estimate{Ratio: math.NaN(), Hi: math.Inf(1)}, false},
	} {
		a.Points = append(a.Points, analysis.Point{Cell: cell(2, p.workers, "process"), Base: "thread", Estimate: p.estimate, StandsOut: p.out, P: 0.5})
	}
	return a
}

func TestEffects(t *testing.T) {
	f := find(t, pools(), "effects-process-upload")
	assert.Equal(t, figure.Effects, f.Group)
	assert.Equal(t, "Throughput of process against thread: upload", f.Title)
	assert.Equal(t, []string{"all", "workers=1", "workers=51", "workers=52"}, f.Y.Rows)
	all, out := estimate(1.03, 9), estimate(1.25, 9)
	assert.Equal(t, []figure.Point{
		{X: 1.03, Y: 0, Lo: all.Lo, Hi: all.Hi, Tip: "upload, all: throughput of process +3.0 %, 95 % interval +0.9 … +5.1 %, of 9 ratios in 9 passes: faster"},
		{X: 1.25, Y: 1, Lo: out.Lo, Hi: out.Hi, Mark: true, Tip: "upload, workers=1: throughput of process +25 %, 95 % interval +23 … +27 %, of 9 ratios in 9 passes: stands out"},
		{Y: 2, Cross: true, Tip: "upload, workers=51: nothing to compare"},
		{Y: 3, Cross: true, Tip: "upload, workers=52: too little to compare"},
	}, series(t, f, "process").Points)
	assert.Equal(t, []figure.Point{{X: 1, Y: -0.5}, {X: 1, Y: 3.5}}, series(t, f, "equal").Points)
	assert.Contains(t, f.Alt, "upload. all +3.0 %, 95 % interval +0.9 … +5.1 %, of 9 ratios in 9 passes; workers=1 +25 %")
	text := svg(t, f)
	assert.Contains(t, text, ">stands out</text>")
	assert.NotContains(t, text, "NaN")
	assert.Equal(t, []string{"all"}, find(t, pools(), "effects-process-download").Y.Rows)
}

func TestRatio(t *testing.T) {
	a := pools()
	slices.Reverse(a.Effects) // the effect of the whole op is found wherever it stands
	f := find(t, a, "ratio-process-upload")
	assert.Equal(t, "Throughput of process against thread: upload", f.Title)
	assert.Equal(t, []string{"1 worker", "5 workers", "50 workers", "51 workers", "52 workers"}, f.Y.Rows)
	var points []figure.Point
	for _, row := range []struct {
		series, pool string
		x, y         []float64
	}{
		{"stands out, process ahead", "process", []float64{1.25}, []float64{0}},
		{"stands out, thread ahead", "thread", []float64{0.8}, []float64{1}},
		{"like the whole op", "", []float64{1.1, 1.01, 0}, []float64{4, 2, 3}},
		{"the whole op", "", []float64{1.03, 1.03}, []float64{-0.5, 4.5}},
		{"equal", "", []float64{1, 1}, []float64{-0.5, 4.5}},
	} {
		t.Run(row.series, func(t *testing.T) {
			var x, y []float64
			for _, s := range f.Series {
				if s.Name == row.series {
					assert.Equal(t, row.pool, s.Pool)
					for _, p := range s.Points {
						points, x, y = append(points, p), append(x, p.X), append(y, p.Y)
					}
				}
			}
			assert.Equal(t, row.x, x)
			assert.Equal(t, row.y, y)
		})
	}
	few, none := points[2], points[4]
	assert.Zero(t, few.Hi, "there is no interval")
	assert.Equal(t, "upload of 10 MiB, 2 clients, 52 workers: throughput of process +10 %, of 1 ratio in 1 pass, too few for an interval, corrected p 0.500", few.Tip)
	assert.True(t, none.Cross)
	assert.Equal(t, "Throughput of process against thread: upload. Standing out, of 5 points: upload of 10 MiB, 2 clients, 1 worker +25 %; "+
		"upload of 10 MiB, 2 clients, 5 workers −20 %.", f.Alt)
	text := svg(t, f)
	assert.NotContains(t, text, "NaN")
	_, first := place(t, text, "upload of 10 MiB, 2 clients, 1 worker:")
	_, last := place(t, text, few.Tip)
	assert.Less(t, first, last, "the first row is the uppermost")
}

// On a page a point links to its cell. A file has no links.
func TestRatioLeads(t *testing.T) {
	f := find(t, pools(), "ratio-process-upload")
	text := string(f.Inline(func(c bench.Cell) string { return "#" + c.String() }))
	assert.Contains(t, text, `<a href="#op=upload/volume=10MiB/clients=2/workers=5/pool=process"><title>upload of 10 MiB, 2 clients, 5 workers: throughput of process`)
	assert.Equal(t, 5, strings.Count(text, "<a "))
	assert.NotContains(t, svg(t, f), "<a ")
}

// A useless interval does not squeeze the others.
func TestRatioBeyondTheEdge(t *testing.T) {
	a := pools()
	assert.Contains(t, svg(t, find(t, a, "ratio-process-upload")), ">+20 %</text>")
	a.Points[1].Lo, a.Points[1].Hi = 1e-3, 1e3
	text := svg(t, find(t, a, "ratio-process-upload"))
	assert.Contains(t, text, ">+100 %</text>")
	assert.NotContains(t, text, ">+900 %</text>")
	ends := regexp.MustCompile(`class="bounds" d="M([0-9.-]+) [0-9.]+H([0-9.-]+)"`).FindAllStringSubmatch(text, -1)
	require.Len(t, ends, 3)
	for _, end := range ends {
		from, _ := strconv.ParseFloat(end[1], 64)
		to, _ := strconv.ParseFloat(end[2], 64)
		assert.Less(t, 0.0, from)
		assert.Less(t, from, to)
		assert.Less(t, to, 640.0)
	}
}

// Each op, pool and client pool has a figure of its own.
func TestRatiosOfSeveral(t *testing.T) {
	a := runOf()
	for _, c := range []bench.Cell{cell(2, 1, "process"), cell(2, 1, "goroutine"), cell(2, 5, "process")} {
		for _, clients := range bench.ClientPools() {
			c.ClientPool = clients
			a.Points = append(a.Points, analysis.Point{Cell: c, Base: "thread", Estimate: estimate(1, 3)})
		}
	}
	names := namesOf(figure.All(a))
	slices.Sort(names)
	assert.Equal(t, []string{
		"ratio-goroutine-upload-process-clients", "ratio-goroutine-upload-thread-clients",
		"ratio-process-upload-process-clients", "ratio-process-upload-thread-clients",
	}, names)
	assert.Equal(t, []string{"1 worker", "5 workers"}, find(t, a, "ratio-process-upload-thread-clients").Y.Rows)
}
