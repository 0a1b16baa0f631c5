package page_test

import (
	"bufio"
	"bytes"
	"fmt"
	htmlpkg "html"
	"math"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"poolbench/bench"
	"poolbench/bench/analysis"
	"poolbench/bench/journal"
	"poolbench/bench/report/page"
	"poolbench/fixtures"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// measured returns a result of rounds that each take about a makespan.
func measured(cell bench.Cell, rounds int, makespan time.Duration, random *rand.Rand) bench.Result {
	r := bench.Result{Cell: cell, LoadPeak: 20e6, ServerPeak: 10e6, Told: &bench.Told{}}
	for range rounds {
		took := time.Duration(float64(makespan) * math.Exp(0.02*random.NormFloat64()))
		round := bench.Round{Makespan: took, LoadCPU: took / 2, ServerCPU: took / 3}
		for i := range cell.Clients {
			wait := took * time.Duration(i) / time.Duration(cell.Clients)
			round.Samples = append(round.Samples, bench.Sample{
				Client: i, Connected: 1, Sent: 2, FirstByte: max(3, wait), Done: took, Wire: fixtures.Spec{Size: cell.Volume}.TextSize(),
			})
		}
		r.Rounds = append(r.Rounds, round)
	}
	return r
}

// estimate returns an estimate within 2 % of a ratio, from n ratios in ten passes.
func estimate(ratio float64, n int) analysis.Estimate {
	return analysis.Estimate{Ratio: ratio, Lo: ratio * 0.98, Hi: ratio * 1.02, N: n, Passes: 10}
}

// run returns a run of the reference matrix with these volumes. Processes are a fifth faster
// with uploads, which stands out for one client, and five workers are as fast as fifty.
func run(volumes ...fixtures.Size) *analysis.Analysis {
	random := rand.New(rand.NewPCG(1, 2))
	matrix := bench.Matrix{
		Pools: []string{"thread", "process"}, ClientPools: []bench.ClientPool{bench.ThreadClients}, Ops: bench.Ops(),
		Workers: []int{1, 5, 50}, Volumes: volumes, Clients: []int{1, 5, 50},
	}
	var results []bench.Result
	var points []analysis.Point
	for _, c := range matrix.Cells() {
		makespan := float64(c.Volume) / 1e9 * float64(c.Clients) * float64(time.Second)
		if c.Workers == 1 {
			makespan *= 2
		}
		ratio := 1.0
		if c.Op == bench.Upload {
			ratio = 1.2
		}
		if c.Pool == "process" {
			makespan /= ratio
			out := c.Op == bench.Upload && c.Clients == 1
			points = append(points, analysis.Point{Cell: c, Base: "thread", Estimate: estimate(ratio, 10), StandsOut: out, P: 0.5})
		}
		results = append(results, measured(c, 10, time.Duration(makespan), random))
	}
	a := analysed(journal.Run{Head: head(matrix.Cells()), Results: results, Ended: true})
	a.Points = points
	a.Passes = 1
	a.Verdict = []string{"process is 20 % faster with uploads.", "5 workers are enough & more are no faster."}
	for _, op := range bench.Ops() {
		e := analysis.Effect{Op: op, Pool: "process", Base: "thread", Points: 9, Estimate: points[slices.IndexFunc(points, func(p analysis.Point) bool { return p.Cell.Op == op })].Estimate}
		one := e
		one.Axis, one.Level, one.StandsOut = "clients", "1", op == bench.Upload
		a.Effects = append(a.Effects, e, one)
		a.Workers = append(a.Workers, analysis.Workers{Op: op, Clients: 50, Enough: 5, Certain: op == bench.Upload, Levels: []analysis.Level{
			{Workers: 1, Estimate: estimate(0.5, 10), Wait: 9e6}, {Workers: 5, Estimate: estimate(0.99, 10), Wait: 5e6}, {Workers: 50, Best: true, Estimate: estimate(1, 10)},
		}})
	}
	return a
}

// analysed returns an analysis that has found nothing yet.
func analysed(run journal.Run) *analysis.Analysis {
	return &analysis.Analysis{Run: run, Axes: bench.Axes(), Totals: run.Totals()}
}

func head(cells []bench.Cell) journal.Head {
	return journal.Head{
		Plan: journal.Plan{Base: "thread", Passes: 1, Precision: 0.02}.Of(cells), Commit: "0123456789ab-dirty", Program: strings.Repeat("0", 64), Time: time.Unix(0, 0),
		Environment: map[string]string{"kernel": "Linux <6.1>", "cpus": "2", "gomaxprocs": "2"},
		Flags:       map[string]string{"bench": "Transfer", "verify": "on", "results": "r", "sink": "", "fixtures": "it's here", "resume": "true"},
		Given:       []string{"-fixtures=it's here", "-bench=Transfer", "-results=r", "-resume", "-count=1"},
		Warnings:    []bench.Warning{{Kind: bench.SharedCores, Value: 2, Text: "server & clients share two processors"}},
	}
}

func html(t testing.TB, a *analysis.Analysis) string {
	t.Helper()
	var text bytes.Buffer
	require.NoError(t, page.Write(&text, a))
	return text.String()
}

// The page tells the state of every kind of run. Its links lead somewhere, its IDs are
// unique, and it needs no other file.
func TestPages(t *testing.T) {
	whole := run(10 * fixtures.MiB)
	cells := whole.Head.Plan.Cells
	failing := analysed(journal.Run{Head: head(cells), Results: []bench.Result{
		bench.FailedStart(cells[0], bench.Refused, os.ErrClosed), whole.Results[1],
	}, Ended: true, Why: "interrupt signal received"})
	failing.Head.Plan.Passes = 9
	failing.Verdict = []string{"1 of 51 ops failed."}
	going := analysed(journal.Run{Head: head(cells), Results: whole.Results[:5]})
	going.Head.Plan.Passes = 0
	one := analysed(journal.Run{Head: head(cells[:1]), Results: whole.Results[:1], Ended: true})
	one.Passes = 1
	paced := run(10 * fixtures.MiB)
	paced.Head.Plan.Count, paced.Head.Plan.Passes, paced.Effects, paced.Points, paced.Workers = 2, 0, nil, nil, nil
	target := run(10 * fixtures.MiB)
	target.Head.Target = map[string]string{"version": "<1.0>"}
	unknown := run(10 * fixtures.MiB)
	unknown.Effects[0].Estimate = analysis.Estimate{Ratio: math.NaN(), Hi: math.Inf(1)}
	unknown.Points[0].Estimate, unknown.Points[0].P = unknown.Effects[0].Estimate, math.NaN()
	unknown.Points = append(unknown.Points[:2], unknown.Points[3:]...) // the other pool of that point was not planned
	unknown.Points[1].Estimate = analysis.Estimate{Ratio: 1.5, Hi: math.Inf(1), N: 1, Passes: 1}
	unknown.Workers[0].Levels[0].Estimate = unknown.Effects[0].Estimate
	unknown.Workers[1].Enough = 0
	first, second := whole.Run, run(50*fixtures.MiB).Run
	second.Head.Plan.Flags = map[string]string{"volume": "50MiB"}
	joined, err := journal.Join(journal.Part{Dir: "a", Run: first}, journal.Part{Dir: "b", Run: second})
	require.NoError(t, err)
	for _, row := range []struct {
		name string
		of   *analysis.Analysis
		want []string
		not  []string
	}{
		{"of joined runs", analysis.New(joined), []string{
			`2 runs in one report: 72 visits to 72 cells\.`, `<li>a: 1970-01-01 00:00 UTC, commit 0123456789ab-dirty, 36 visits to 36 cells in 0 passes, complete</li>`,
			`<li>b: .*, complete; -volume=50MiB</li>`, "Only visits in the same pass of the same run are compared", "A curve over workers or clients may join cells",
			`report a b --format html > report.html`,
		}, nil},
		{"whole", whole, []string{
			"The run is complete: 1 pass, 36 visits to 36 cells.",
			`<li>process is 20 % faster with uploads\.</li>\n<li>5 workers are enough & more are no faster\.</li>`,
			`<tr class="found">.*upload.*all.*process.*<td>9</td><td>10</td><td>\+20 %</td><td>\+18 … \+22 %</td><td class="word">faster</td></tr>`,
			`>clients=1</td>.*>stands out</td></tr>`, `<tr>.*>download</td><td class="word">all</td>`,
			`<li><svg class="plot".*</svg> stands out, process ahead</li>`,
			`<a href="#cell-op-download-volume-10mib-clients-1-workers-1-pool-process"><title>download of 10 MiB, 1 client, 1 worker: throughput of process \+0\.0 %`,
			`<title>upload of 10 MiB, 1 client, 1 worker: throughput of process \+20 %, 95 % interval \+18 … \+22 %, of 10 ratios in 10 passes, corrected p 0.500: stands out</title>`,
			`id="figure-effects-process-upload"`, `id="figure-ratio-process-upload"`,
			`<td class="word">upload</td><td>50</td><td>5</td><td>−50 % \(−51 … −49 %\)</td><td>−1\.0 % \(−3\.0 … \+1\.0 %\)</td><td>best</td><td>5\.00 ms</td>`,
			`<td class="word">download</td><td>50</td><td>5, probably</td>`, "estimated to be within 2.0 % of the best",
			`throughput: the pool against thread in the same pass`, "<li>load-saturated: the clients took at least 90 % of the CPU time", "<li>few-rounds: ",
			"server & clients share two processors", "Linux <6.1>", "git checkout 0123456789ab  # the tree had changes that are in no commit",
			`\ngo test -run '\^\$' -bench=Transfer -count=1 \. '-fixtures=it'\\''s here' -results=r\n`,
			`go run ./bench/cmd/poolbench report r --format html > report.html`,
		}, []string{"There is nothing to draw", "There is none yet"}},
		{"with failures", failing, []string{
			`The run was broken off: interrupt signal received\. So far: 0 of 9 passes, 2 visits to 36 cells\.`,
			`1 of 51 ops failed\.`, `1 × refused: file already closed`, "not measured: interrupt signal received", "No pool was compared with another", "There is nothing to draw",
		}, nil},
		{"of one cell", one, []string{"1 pass, 1 visit to 1 cell", "There is none yet", "No two numbers of workers were compared"}, nil},
		{"paced by the testing package", paced, []string{"The run is complete: 36 of 72 visits to 36 cells.", "The testing package paced this run"}, []string{`id="figure-effects`}},
		{"of a target", target, []string{`<caption>Target</caption><tbody>\n<tr><th class="word" scope="row">version</th><td class="word"><1\.0></td></tr>\n</tbody>`, `<caption>Environment of the load machine</caption>`}, nil},
		{"of what is not known", unknown, []string{
			`<td class="word">all</td>.*<td>–</td><td>–</td><td class="word"></td></tr>`, `nothing to compare: stands out</title><path class="cross"`, `throughput of process \+50 %`,
			`<td>5</td><td>\?</td>`, `<td>50</td><td>–</td>`,
		}, nil},
		{"empty", &analysis.Analysis{Run: journal.Run{Ended: true}}, []string{"Nothing was planned.", "No cell was planned", "There is nothing to draw.", "Nothing was measured yet."}, nil},
		{"that goes on", going, []string{`The run goes on, or was killed\. So far: 0 passes, 5 visits to 36 cells\.`, "not measured: the run was killed, or goes on"}, nil},
	} {
		t.Run(row.name, func(t *testing.T) {
			text := html(t, row.of)
			for _, want := range row.want {
				assert.True(t, regexp.MustCompile(want).MatchString(htmlpkg.UnescapeString(text)), want)
			}
			for _, not := range append(row.not, ">NaN", " NaN", "Inf", "ZgotmplZ") {
				assert.False(t, strings.Contains(text, not), not)
			}
			checkLinks(t, text)
		})
	}
}

func checkLinks(t *testing.T, text string) {
	t.Helper()
	ids := map[string]bool{}
	for _, match := range regexp.MustCompile(`\sid="([^"]*)"`).FindAllStringSubmatch(text, -1) {
		assert.False(t, ids[match[1]], "%s stands twice", match[1])
		ids[match[1]] = true
	}
	for _, match := range regexp.MustCompile(`href="([^"]*)"`).FindAllStringSubmatch(text, -1) {
		if target, inside := strings.CutPrefix(match[1], "#"); inside {
			assert.True(t, ids[target], "%s leads nowhere", match[1])
		} else {
			assert.Equal(t, "data:,", match[1])
		}
	}
	assert.False(t, regexp.MustCompile(`(src|xlink:href|action)=|@import|url\(`).MatchString(text), "something that is elsewhere")
}

// The page of the reference matrix stays small.
func TestSize(t *testing.T) {
	text := html(t, run(10*fixtures.MiB, 50*fixtures.MiB, 100*fixtures.MiB))
	assert.Less(t, len(text), 2_000_000)
	assert.Equal(t, 108, strings.Count(text, "<tr id=\"cell-"))
}

// The server tells the page when the run has gone on.
func TestHandler(t *testing.T) {
	dir := t.TempDir()
	server := httptest.NewServer(page.Handler(dir))
	t.Cleanup(server.Close) // runs after the bodies are closed
	get := func(path string) (status int, text string) {
		resp, err := server.Client().Get(server.URL + path)
		require.NoError(t, err)
		defer resp.Body.Close()
		var body bytes.Buffer
		_, err = body.ReadFrom(resp.Body)
		require.NoError(t, err)
		return resp.StatusCode, body.String()
	}
	status, text := get("/")
	assert.Equal(t, 503, status)
	assert.Contains(t, text, "There is nothing to show yet: journal: open ")
	assert.Contains(t, text, `data-stamp="none"`)
	assert.NotContains(t, text, `id="verdict"`)
	whole := run(10 * fixtures.MiB)
	j, err := journal.Open(dir, whole.Head, false)
	require.NoError(t, err)
	status, text = get("/")
	assert.Equal(t, 200, status)
	assert.Contains(t, text, "So far: 0 of 1 pass, 0 visits to 36 cells.")
	assert.Contains(t, text, "EventSource")
	shown := regexp.MustCompile(`data-stamp="([^"]+)"`).FindStringSubmatch(text)[1]
	status, _ = get("/elsewhere")
	assert.Equal(t, 404, status)

	events := func(since, last string) *bufio.Scanner {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL+"/events?since="+since, nil)
		require.NoError(t, err)
		if last != "" {
			request.Header.Set("Last-Event-ID", last)
		}
		resp, err := server.Client().Do(request)
		require.NoError(t, err)
		t.Cleanup(func() { resp.Body.Close() })
		assert.Equal(t, "text/event-stream", resp.Header.Get("Content-Type"))
		return bufio.NewScanner(resp.Body)
	}
	seen := events(shown, "")
	require.NoError(t, j.Add(whole.Results[0]))
	require.True(t, seen.Scan(), "it goes on")
	id, isID := strings.CutPrefix(seen.Text(), "id: ")
	assert.True(t, isID, seen.Text())
	assert.NotEqual(t, shown, id)
	require.True(t, seen.Scan())
	assert.Equal(t, "data: changed", seen.Text())

	missed := events(shown, "")
	require.True(t, missed.Scan(), "what went on before it asked")
	assert.Equal(t, "id: "+id, missed.Text())
	again := events(shown, id)
	require.NoError(t, j.Add(whole.Results[1]))
	require.True(t, again.Scan(), "what went on since it was last told")
	assert.NotEqual(t, "id: "+id, again.Text())
	require.NoError(t, j.Close(""))
}

// file writes a page, and returns its address for a browser.
func file(t testing.TB, a *analysis.Analysis) string {
	path := filepath.Join(t.TempDir(), "report.html")
	require.NoError(t, os.WriteFile(path, []byte(html(t, a)), 0o644))
	return fmt.Sprintf("file://%s", path)
}
