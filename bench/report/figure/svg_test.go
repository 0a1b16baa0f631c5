package figure_test

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"poolbench/bench"
	"poolbench/bench/analysis"
	"poolbench/bench/report/figure"
	"poolbench/fixtures"
)

// svg returns a drawing, which has to be well-formed.
func svg(t *testing.T, f figure.Figure) string {
	t.Helper()
	var text bytes.Buffer
	require.NoError(t, f.SVG(&text))
	decoder := xml.NewDecoder(bytes.NewReader(text.Bytes()))
	for {
		_, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			return text.String()
		}
		require.NoError(t, err, f.Name)
	}
}

// matrix is a run of these values of workers, each with two ops, three volumes, three
// numbers of clients and two pools, with a failure here and there.
func matrix(rounds int, workers ...int) *analysis.Analysis {
	m := bench.Matrix{
		Pools: []string{"thread", "process"}, ClientPools: []bench.ClientPool{bench.ThreadClients}, Ops: bench.Ops(), Workers: workers,
		Volumes: []fixtures.Size{10 * fixtures.MiB, 50 * fixtures.MiB, 100 * fixtures.MiB}, Clients: []int{1, 5, 50},
	}
	var results []bench.Result
	for i, c := range m.Cells() {
		r := bench.Result{Cell: c, LoadPeak: 3e7, ServerPeak: int64(1e7 * c.Workers)}
		for j := range rounds {
			// As even as no clock is, so that nothing is shorter to write than it would be.
			makespan := time.Duration(1e7 * float64(c.Clients) * (2 + math.Sin(float64(i*rounds+j))))
			one := round(c.Clients, 0, makespan)
			for k := range one.Samples {
				s := &one.Samples[k]
				s.Done = makespan * time.Duration(k+1) / time.Duration(c.Clients)
				s.FirstByte = s.Done * 7 / 9
			}
			if (i+j)%97 == 0 {
				one.Samples[0].Failure = bench.Failure{Reason: bench.Reset}
			}
			r.Rounds = append(r.Rounds, one)
		}
		results = append(results, r)
	}
	a := runOf(results...)
	for _, c := range m.Cells() {
		if c.Pool == "process" {
			a.Points = append(a.Points, analysis.Point{Cell: c, Base: "thread", Estimate: estimate(1+0.001*float64(len(a.Points)), rounds), StandsOut: c.Clients == 1})
		}
	}
	for _, op := range bench.Ops() {
		a.Effects = append(a.Effects, effect(op, "", "", 1.02), effect(op, "clients", "1", 1.01), effect(op, "clients", "50", 1.03))
	}
	return a
}

var external = regexp.MustCompile(`href|url\(|src=|@import|<script|<image|style=|font-family="[^"]*[A-Z]`)

func TestSVG(t *testing.T) {
	all := figure.All(matrix(6, 1, 5, 50))
	assert.Len(t, all, 2+2+18+18+54+72+4+54+2)
	ids := map[string]bool{}
	order := []string{figure.Effects, figure.Ratio, figure.Workers, figure.Clients, figure.Latency, figure.Queue, figure.Cost, figure.Stability, figure.Reference}
	size, group := 0, 0
	for _, f := range all {
		text := svg(t, f)
		size += len(text)
		for ; order[group] != f.Group; group++ {
			require.Less(t, group+1, len(order), "%s is not where it belongs", f.Group)
		}
		assert.Regexp(t, `^[a-z0-9-]+$`, f.Name)
		assert.NotEmpty(t, f.Alt)
		assert.NotEmpty(t, f.Cells)
		assert.True(t, strings.HasPrefix(text, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 480 `), f.Name)
		head, _, _ := strings.Cut(text, ">")
		assert.NotContains(t, head, "width=", "it scales")
		assert.Contains(t, head, fmt.Sprintf(`role="img" aria-labelledby="%[1]s-title" aria-describedby="%[1]s-desc"`, f.Name))
		assert.Equal(t, 1, strings.Count(text, "http"), "the namespace alone")
		assert.NotRegexp(t, external, text)
		assert.NotContains(t, text, "#010101")
		assert.NotContains(t, text, "#020202")
		assert.NotContains(t, text, "NaN")
		for _, id := range regexp.MustCompile(`id="([^"]*)"`).FindAllStringSubmatch(text, -1) {
			assert.False(t, ids[id[1]], "%s is there twice", id[1])
			ids[id[1]] = true
		}
	}
	assert.Len(t, ids, 2*len(all))
	assert.Less(t, size, 1_300_000, "bytes of all of them in a page")
}

func TestSVGIsTheSameEachTime(t *testing.T) {
	draw := func() (texts []string) {
		for _, f := range figure.All(matrix(6, 1, 2, 3, 5, 50))[:40] { // those with fits, too
			texts = append(texts, svg(t, f))
		}
		return texts
	}
	if testing.Short() {
		t.Skip("bootstraps 60 fits")
	}
	assert.Equal(t, draw(), draw())
}

// Whatever a run lacks, what is there is drawn.
func TestRunsInPart(t *testing.T) {
	failed := bench.Result{Cell: cell(2, 1, "thread"), Rounds: []bench.Round{round(2, 2, ms)}}
	empty := bench.Result{Cell: cell(2, 1, "thread"), Rounds: []bench.Round{{}, {Samples: make([]bench.Sample, 2)}}}
	pool := func(name string) bench.Result { return result(cell(2, 0, name), ms) }
	for _, row := range []struct {
		name string
		run  *analysis.Analysis
		want []string
	}{
		{"nothing", &analysis.Analysis{}, nil},
		{"nothing measured", runOf(bench.Result{Cell: cell(2, 1, "thread")}), nil},
		{"a cell", runOf(result(cell(2, 1, "thread"), ms)), []string{
			"latency-upload-10mib-2-1", "queue-upload-10mib-2-1-thread", "cost-cpu-upload", "cost-memory-upload", "stability-upload-10mib-2-1",
		}},
		{"one that the table has", runOf(result(cell(1, 1, "thread"), ms)), []string{
			"latency-upload-10mib-1-1", "cost-cpu-upload", "cost-memory-upload", "stability-upload-10mib-1-1", "reference-upload",
		}},
		{"failures alone", runOf(failed), []string{"stability-upload-10mib-2-1"}},
		{"rounds without times", runOf(empty), []string{"queue-upload-10mib-2-1-thread", "stability-upload-10mib-2-1"}},
		{"pools of other names", runOf(pool("a+b"), pool("a.b")), []string{
			"latency-upload-10mib-2-unknown", "queue-upload-10mib-2-unknown-a-b", "queue-upload-10mib-2-unknown-a-b--2",
			"cost-cpu-upload", "cost-memory-upload", "stability-upload-10mib-2-unknown",
		}},
		{"one pool", runOf(result(cell(1, 1, "thread"), ms), result(cell(1, 2, "thread"), ms)), []string{
			"throughput-workers-upload-10mib-1", "latency-upload-10mib-1-1", "latency-upload-10mib-1-2",
			"cost-cpu-upload", "cost-memory-upload", "stability-upload-10mib-1-1", "stability-upload-10mib-1-2", "reference-upload",
		}},
	} {
		t.Run(row.name, func(t *testing.T) {
			all := figure.All(row.run)
			assert.Equal(t, row.want, namesOf(all))
			for _, f := range all {
				assert.NotContains(t, svg(t, f), "NaN")
			}
		})
	}
}

// What stands in a figure's texts is text in the drawing.
func TestSVGEscapes(t *testing.T) {
	f := find(t, runOf(result(cell(2, 1, "<b>&"), ms)), "latency-upload-10mib-2-1")
	text := svg(t, f)
	assert.Contains(t, text, "&lt;b&gt;&amp;</text>")
	assert.NotContains(t, text, "<b>")
}

func TestSVGPassesErrorsOn(t *testing.T) {
	f := find(t, runOf(result(cell(2, 1, "thread"), ms)), "latency-upload-10mib-2-1")
	assert.ErrorIs(t, f.SVG(broken{}), os.ErrClosed)
}

type broken struct{}

func (broken) Write([]byte) (int, error) { return 0, os.ErrClosed }

// Points that cover each other tell of both.
func TestTipsTogether(t *testing.T) {
	same := []time.Duration{10 * ms, 20 * ms, 30 * ms}
	f := find(t, runOf(result(cell(1, 1, "thread"), same...), result(cell(1, 1, "process"), same...)), "latency-upload-10mib-1-1")
	assert.Contains(t, svg(t, f), "<title>thread: 66.7 % of ops within 20.0 ms; process: 66.7 % of ops within 20.0 ms</title>")
}

// Of levels that are close together not all are written.
func TestLevelsHaveRoom(t *testing.T) {
	var results []bench.Result
	for _, workers := range []int{1, 500, 501, 502, 1000} {
		results = append(results, result(cell(1, workers, "thread"), 10*ms))
	}
	text := svg(t, find(t, runOf(results...), "throughput-workers-upload-10mib-1"))
	for _, row := range []struct {
		level string
		want  bool
	}{{"1", true}, {"500", true}, {"501", false}, {"502", false}, {"1000", true}} {
		assert.Equal(t, row.want, strings.Contains(text, ">"+row.level+"</text>"), row.level)
	}
}

// Each client of a queue tells of itself, however close and alike they are.
func TestTipsOfAQueue(t *testing.T) {
	text := svg(t, find(t, runOf(result(cell(50, 1, "thread"), 10*ms)), "queue-upload-10mib-50-1-thread"))
	assert.Equal(t, 50, strings.Count(text, "<title>client "))
}
