package figure_test

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"html"
	"io"
	"math"
	"os"
	"regexp"
	"strconv"
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

// svg returns a drawing, and requires that it is well-formed.
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

// matrix returns a run of these numbers of workers with two ops, three volumes, three numbers
// of clients and two pools, and a few failures.
func matrix(rounds int, workers ...int) *analysis.Analysis {
	m := bench.Matrix{
		Pools: []string{"thread", "process"}, ClientPools: []bench.ClientPool{bench.ThreadClients}, Ops: bench.Ops(), Workers: workers,
		Volumes: []fixtures.Size{10 * fixtures.MiB, 50 * fixtures.MiB, 100 * fixtures.MiB}, Clients: []int{1, 5, 50},
	}
	var results []bench.Result
	for i, c := range m.Cells() {
		r := bench.Result{Cell: c, LoadPeak: 3e7, ServerPeak: int64(1e7 * c.Workers)}
		for j := range rounds {
			// Uneven as a clock's times, so that numbers are as long as in a real drawing.
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

var external = regexp.MustCompile(`href|url\(|src=|@import|<script|<image|style="`)

func TestSVG(t *testing.T) {
	all := figure.All(matrix(6, 1, 5, 50))
	assert.Len(t, all, 2*(1+1+1+1+1+1+2+1))
	order := []string{figure.Effects, figure.Ratio, figure.Workers, figure.Clients, figure.Latency, figure.Queue, figure.Cost, figure.Stability}
	size, group := 0, 0
	for _, f := range all {
		for ; order[group] != f.Group; group++ {
			require.Less(t, group+1, len(order), "%s is not where it belongs", f.Group)
		}
		assert.Regexp(t, `^[a-z0-9-]+$`, f.Name)
		assert.NotEmpty(t, f.Alt)
		assert.Equal(t, f.Group != figure.Effects, len(f.Cells) > 0, f.Name)
		text, inline := svg(t, f), string(f.Inline(func(bench.Cell) string { return "#" }))
		size += len(inline)
		for _, drawn := range []string{text, inline} {
			head, _, _ := strings.Cut(drawn, ">")
			assert.NotContains(t, head, "width=", "it scales")
			assert.NotContains(t, drawn, "NaN")
			assert.NotContains(t, drawn, "Inf")
			assert.NotContains(t, drawn, "%!")
		}
		assert.True(t, strings.HasPrefix(text, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 `), f.Name)
		assert.Equal(t, 1, strings.Count(text, "http"), "the namespace alone")
		assert.NotRegexp(t, external, text)
		assert.Equal(t, []string{f.Name + "-title", f.Name + "-desc"}, ids(inline))
		assert.Empty(t, ids(text))
		assert.Contains(t, inline, `-title">`+html.EscapeString(f.Title)+`</title>`)
		assert.Contains(t, inline, `-desc">`+html.EscapeString(f.Alt)+`</desc>`)
		assert.NotEqual(t, f.Title, f.Alt)
		assert.Contains(t, inline, fmt.Sprintf(`aria-labelledby="%[1]s-title" aria-describedby="%[1]s-desc"`, f.Name))
	}
	assert.Less(t, size, 1_300_000, "bytes of all of them in a page")
}

func ids(text string) []string {
	var all []string
	for _, id := range regexp.MustCompile(` id="([^"]*)"`).FindAllStringSubmatch(text, -1) {
		all = append(all, id[1])
	}
	return all
}

// A file includes its legend. A page has one legend for figures that stand together.
func TestLegend(t *testing.T) {
	var all []figure.Figure
	for _, f := range figure.All(matrix(6, 1, 5, 50)) {
		if f.Group == figure.Workers {
			all = append(all, f)
		}
	}
	require.Len(t, all, 2)
	var names []string
	for _, k := range figure.Legend(all) {
		names = append(names, k.Name)
		assert.Contains(t, string(k.Swatch), "<path ", k.Name)
		assert.Contains(t, svg(t, all[0]), ">"+k.Name+"</text>")
	}
	assert.Equal(t, []string{"thread", "process", "linear scaling", "best round of the op"}, names)
	latency := figure.Legend([]figure.Figure{find(t, matrix(6, 1), "latency-upload")})
	require.Len(t, latency, 2, "the fields are not seen")
	assert.Equal(t, "process", latency[1].Name)
	inline := string(all[0].Inline(nil))
	assert.NotContains(t, inline, ">linear scaling</text>")
	assert.InDelta(t, high(t, inline)+19, high(t, svg(t, all[0])), 1.1, "a line more")
}

func TestSVGIsTheSameEachTime(t *testing.T) {
	draw := func() (texts []string) {
		for _, f := range figure.All(matrix(6, 1, 2, 3, 5, 50)) { // with fits
			texts = append(texts, svg(t, f))
		}
		return texts
	}
	if testing.Short() {
		t.Skip("bootstraps 60 fits")
	}
	assert.Equal(t, draw(), draw())
}

// A run that lacks something still has the figures of the rest.
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
		{"a cell", runOf(result(cell(2, 1, "thread"), ms)), []string{"latency-upload", "queue-upload", "cost-cpu-upload", "cost-memory-upload", "stability-upload"}},
		{"one client", runOf(result(cell(1, 1, "thread"), ms)), []string{"latency-upload", "cost-cpu-upload", "cost-memory-upload", "stability-upload"}},
		{"failures alone", runOf(failed), []string{"stability-upload"}},
		{"rounds without times", runOf(empty), []string{"queue-upload", "stability-upload"}},
		{"no workers", runOf(pool("a+b"), pool("a.b")), []string{"latency-upload", "queue-upload", "cost-cpu-upload", "cost-memory-upload", "stability-upload"}},
		{"one pool", runOf(result(cell(1, 1, "thread"), ms), result(cell(1, 2, "thread"), ms)), []string{
			"throughput-workers-upload", "latency-upload", "cost-cpu-upload", "cost-memory-upload", "stability-upload",
		}},
		{"pools of other names", compared("a+b", "a.b"), []string{"ratio-a-b-upload", "ratio-a-b-upload--2"}},
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

// compared returns a run with a point of each pool.
func compared(pools ...string) *analysis.Analysis {
	a := runOf()
	for _, pool := range pools {
		a.Points = append(a.Points, analysis.Point{Cell: cell(2, 1, pool), Base: "thread", Estimate: estimate(1, 3)})
	}
	return a
}

// Markup in the texts of a figure is escaped.
func TestSVGEscapes(t *testing.T) {
	f := find(t, runOf(result(cell(2, 1, `<b>&"`), ms)), "stability-upload")
	for _, text := range []string{svg(t, f), string(f.Inline(nil))} {
		assert.Contains(t, text, "&lt;b&gt;&amp;&#34;: round 1, ")
		assert.NotContains(t, text, "<b>")
	}
	assert.Contains(t, svg(t, f), "&lt;b&gt;&amp;&#34;</text>", "in the legend")
	text := string(find(t, compared("<i>"), "ratio-i-upload").Inline(func(bench.Cell) string { return `"><script>` }))
	assert.NotContains(t, text, "<script>")
	assert.NotContains(t, text, "<i>")
}

func TestSVGPassesErrorsOn(t *testing.T) {
	f := find(t, runOf(result(cell(2, 1, "thread"), ms)), "latency-upload")
	assert.ErrorIs(t, f.SVG(broken{}), os.ErrClosed)
}

type broken struct{}

func (broken) Write([]byte) (int, error) { return 0, os.ErrClosed }

// Of levels close together some have no tick label.
func TestLevelsHaveRoom(t *testing.T) {
	var results []bench.Result
	for _, workers := range []int{1, 500, 501, 502, 1000} {
		results = append(results, result(cell(1, workers, "thread"), 10*ms))
	}
	text := svg(t, find(t, runOf(results...), "throughput-workers-upload"))
	for _, row := range []struct {
		level string
		want  bool
	}{{"1", true}, {"500", true}, {"501", false}, {"502", false}, {"1000", true}} {
		assert.Equal(t, row.want, strings.Contains(text, ">"+row.level+"</text>"), row.level)
	}
}

// Each client of a queue has a title of its own, however close the bars are.
func TestQueueTellsOfEachClient(t *testing.T) {
	text := svg(t, find(t, runOf(result(cell(50, 1, "thread"), 10*ms)), "queue-upload"))
	assert.Equal(t, 50, strings.Count(text, "<title>client "))
}

// high returns the height of a drawing.
func high(t *testing.T, text string) float64 {
	t.Helper()
	found := regexp.MustCompile(`viewBox="0 0 \d+ (\d+)"`).FindStringSubmatch(text)
	require.NotNil(t, found)
	y, _ := strconv.ParseFloat(found[1], 64)
	return y
}

// place returns where the mark with a title is drawn.
func place(t *testing.T, text, title string) (x, y float64) {
	t.Helper()
	found := regexp.MustCompile(` d="M([0-9.]+) ([0-9.]+)[^"]*"><title>` + regexp.QuoteMeta(title)).FindStringSubmatch(text)
	require.NotNil(t, found, title)
	x, _ = strconv.ParseFloat(found[1], 64)
	y, _ = strconv.ParseFloat(found[2], 64)
	return x, y
}

// Panels have common axes: equal values are at one height, and linear axes begin at 0. Pools
// at one level lie beside each other.
func TestPlaces(t *testing.T) {
	text := svg(t, find(t, runOf(
		result(cell(1, 1, "thread"), 10*ms), result(cell(1, 2, "thread"), 5*ms), result(cell(1, 1, "process"), 10*ms), result(cell(1, 2, "process"), 4*ms),
		result(cell(2, 1, "thread"), 20*ms), result(cell(2, 2, "thread"), 10*ms),
	), "throughput-workers-upload"))
	title := func(clients, workers, pool string) string { return "10 MiB, " + clients + ", " + workers + ", " + pool }
	x1, y1 := place(t, text, title("1 client", "1 worker", "thread"))
	x2, y2 := place(t, text, title("1 client", "2 workers", "thread"))
	other, same := place(t, text, title("1 client", "1 worker", "process"))
	_, most := place(t, text, title("1 client", "2 workers", "process"))
	x3, y3 := place(t, text, title("2 clients", "1 worker", "thread"))
	_, y4 := place(t, text, title("2 clients", "2 workers", "thread"))
	assert.Greater(t, x2, x1)
	assert.Less(t, y2, y1, "200 MB/s are above 100")
	assert.InDelta(t, y1, same, 0.11)
	assert.Greater(t, other, x1)
	assert.Greater(t, x3, x2, "the next panel")
	assert.InDelta(t, y1, y3, 0.11, "100 MB/s there, too")
	assert.InDelta(t, y2, y4, 0.11)
	assert.InDelta(t, 0.5, (y2-most)/(y1-y2), 0.02, "250 MB/s")
}

// Ticks are at round numbers, in short units, as many as have room. A row of panels has its
// own axis where clients or volumes would squeeze the other rows.
func TestTicks(t *testing.T) {
	of := func(makespans ...time.Duration) *analysis.Analysis {
		return runOf(result(cell(2, 1, "thread"), makespans...))
	}
	for _, row := range []struct {
		name, figure, class string
		run                 *analysis.Analysis
		want                []string
	}{
		{"less than a decade", "latency-upload", "middle", of(10*ms, 50*ms), []string{"10 ms", "20 ms", "30 ms", "40 ms", "50 ms"}},
		{"decades", "latency-upload", "middle", of(ms, 10*time.Second), []string{"1 ms", "10 ms", "100 ms", "1 s", "10 s"}},
		{"a decade and a half", "latency-upload", "middle", of(100*time.Microsecond, 4*ms), []string{"100 µs", "200 µs", "500 µs", "1 ms", "2 ms", "5 ms"}},
		{"from zero", "stability-upload", "end", of(900*ms, 1800*ms), []string{"0", "500 ms", "1 s", "1.5 s"}},
		{"things", "stability-upload", "middle", of(ms, ms, ms), []string{"1", "2", "3"}},
		{"shares", "latency-upload", "end", of(ms), []string{"0", "50 %", "90 %"}},
		{"bytes", "cost-memory-upload", "middle", of(ms), []string{"3 MB", "3.5 MB", "4 MB", "4.5 MB", "5 MB"}},
		{"a change", "ratio-process-upload", "middle", compared("process"), []string{"−6 %", "−4 %", "−2 %", "0", "+2 %", "+4 %", "+6 %"}},
		{"rows by themselves", "stability-upload", "end", runOf(result(cell(2, 1, "thread"), 5*ms), result(cell(50, 1, "thread"), 5*time.Second)), []string{"0", "1 ms", "2 ms", "3 ms", "4 ms", "5 ms", "0", "1 s", "2 s", "3 s", "4 s", "5 s"}},
	} {
		t.Run(row.name, func(t *testing.T) {
			f := find(t, row.run, row.figure)
			var texts []string
			for _, found := range regexp.MustCompile(`<text class="`+row.class+`"[^>]*>([^<]*)</text>`).FindAllStringSubmatch(svg(t, f), -1) {
				if found[1] != f.X.Name {
					texts = append(texts, found[1])
				}
			}
			assert.Equal(t, row.want, texts)
		})
	}
}
