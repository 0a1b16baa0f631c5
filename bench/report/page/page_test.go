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
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"poolbench/bench"
	"poolbench/bench/journal"
	"poolbench/bench/report/page"
	"poolbench/fixtures"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const ms = time.Millisecond

// measured is a result of so many rounds, each about a makespan long.
func measured(cell bench.Cell, rounds int, makespan time.Duration, random *rand.Rand) bench.Result {
	r := bench.Result{Cell: cell, LoadPeak: 20e6, ServerPeak: 10e6, ServerTold: true}
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

// run is one of the reference matrix's kind, in which processes are a fifth faster
// with uploads, and five workers as fast as fifty.
func run(volumes ...fixtures.Size) journal.Run {
	random := rand.New(rand.NewPCG(1, 2))
	matrix := bench.Matrix{
		Pools: []string{"thread", "process"}, ClientPools: []bench.ClientPool{bench.ThreadClients}, Ops: bench.Ops(),
		Workers: []int{1, 5, 50}, Volumes: volumes, Clients: []int{1, 5, 50},
	}
	var results []bench.Result
	for _, c := range matrix.Cells() {
		makespan := float64(c.Volume) / 1e9 * float64(c.Clients) * float64(time.Second)
		if c.Workers == 1 {
			makespan *= 2
		}
		if c.Op == bench.Upload && c.Pool == "process" {
			makespan /= 1.2
		}
		results = append(results, measured(c, 10, time.Duration(makespan), random))
	}
	return journal.Run{Head: head(matrix.Cells()), Results: results, Ended: true}
}

func head(cells []bench.Cell) journal.Head {
	return journal.Head{
		Plan: journal.NewPlan(cells, 1, false, nil), Commit: "0123456789ab-dirty", Program: strings.Repeat("0", 64), Time: time.Unix(0, 0),
		Environment: map[string]string{"kernel": "Linux <6.1>", "cpus": "2", "gomaxprocs": "2"},
		Flags:       map[string]string{"bench": "Transfer", "benchtime": "1s", "count": "1", "verify": "on", "results": "r", "sink": "", "fixtures": "it's here", "resume": "true"},
		Warnings:    []bench.Warning{{Kind: bench.SharedCores, Value: 2, Text: "server & clients share two processors"}},
	}
}

func html(t testing.TB, r journal.Run) string {
	t.Helper()
	var text bytes.Buffer
	require.NoError(t, page.Write(&text, r))
	return text.String()
}

// Whatever a run is, its page says so, every link in it leads somewhere, no name
// stands twice, and it asks for nothing that is elsewhere.
func TestPages(t *testing.T) {
	whole := run(10 * fixtures.MiB)
	cell := whole.Results[0].Cell
	failing := journal.Run{Head: head(whole.Head.Plan.Planned()), Results: []bench.Result{
		bench.FailedStart(cell, bench.Refused, os.ErrClosed), whole.Results[1],
	}, Ended: true, Why: "interrupt signal received"}
	going := whole
	going.Results, going.Ended = whole.Results[:5], false
	one := journal.Run{Head: head([]bench.Cell{cell}), Results: whole.Results[:1], Ended: true}
	paired := journal.Run{Head: head(nil), Ended: true}
	paired.Head.Plan = paired.Head.Plan.With([]bench.Cell{cell, processes(cell)}, "thread")
	random := rand.New(rand.NewPCG(3, 4))
	for _, c := range []bench.Cell{cell, processes(cell)} {
		makespan := 10 * ms
		if c.Pool == "process" {
			makespan = 8 * ms
		}
		paired.Pairs = append(paired.Pairs, bench.Pair{Cell: c, Base: "thread",
			BaseSide: measured(cell, 12, 10*ms, random), PoolSide: measured(c, 12, makespan, random)})
	}
	for _, row := range []struct {
		name string
		run  journal.Run
		want []string
	}{
		{"whole", whole, []string{
			"The run is complete: 36 of 36 cells done.",
			`By throughput, the cells of process were faster than those of thread at 9 of 18 points \(most for upload of 10 MiB, \d+ clients?, \d+ workers?: \+(19|2\d) %, 95 % interval \+1\d … \+2\d %\); at 9 there is no difference that this run can show`,
			`For 50 clients, as far as the intervals tell, uploads reach with 5 workers what the best number reaches \(10 MiB, thread: \d+ MB/s, \d+ … \d+(, which is best|; best with \d+: .*)\); downloads reach with 5 workers`,
			`All 6 720 ops that were done succeeded\.`,
			"server & clients share two processors", "Linux <6.1>", "git checkout 0123456789ab  # the tree had changes that are in no commit",
			`go test -run '\^\$' -bench Transfer -benchtime 1s -count 1 \. '-fixtures=it'\\''s here' -results=r -verify=on\n`,
			`go run ./bench/cmd/poolbench report r --format html > report.html`,
			"A difference may be what the machine did meanwhile, as cells were measured one after the other", "There is no noise floor: it takes rounds of one pool",
		}},
		{"with failures", failing, []string{
			`The run was broken off: 2 of 36 cells done; interrupt signal received\.`,
			`Of 51 ops 1 failed, in 1 of 36 cells; most often, 1 time: refused: file already closed\. Of 36 cells 34 not measured: interrupt signal received\.`,
			`1 × refused: file already closed`, "not measured: interrupt signal received",
		}},
		{"of one cell", one, []string{"1 of 1 cell done", "Which pool is faster this run cannot say: it has no point at which two were measured", "No point was measured with two pools."}},
		{"of pairs", paired, []string{
			"2 of 2 pairs done", `By throughput, pool process is faster than thread at 1 of 1 point \(upload of 10 MiB, 1 client, 1 worker: \+2\d %`, "The rounds of both were done in turn", `id="figure-floor-upload"`, `id="figure-ratio-upload-process"`, "noise floor</text>",
			"No cell was planned", `id="figure-latency-upload-10mib-1-1"`, `id="pair-op-upload-volume-10mib-clients-1-workers-1-pool-process"`, `href="#pair-op-upload-volume-10mib-clients-1-workers-1-pool-process"`,
		}},
		{"empty", journal.Run{Ended: true}, []string{"Nothing was planned.", "Nothing was measured.", "No cell was planned", "There is nothing to draw."}},
		{"that goes on", going, []string{`The run goes on, or was killed: 5 of 36 cells done`, "not measured: the run was killed, or goes on"}},
	} {
		t.Run(row.name, func(t *testing.T) {
			text := html(t, row.run)
			for _, want := range row.want {
				assert.True(t, regexp.MustCompile(want).MatchString(htmlpkg.UnescapeString(text)), want)
			}
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
			for _, not := range []string{">NaN", " NaN", "Inf", "ZgotmplZ"} {
				assert.False(t, strings.Contains(text, not), not)
			}
		})
	}
}

// contains spares a failing test the whole page.
func contains(text, part string) bool { return strings.Contains(text, part) }

func processes(c bench.Cell) bench.Cell {
	c.Pool = "process"
	return c
}

// The page of the reference matrix is small.
func TestSize(t *testing.T) {
	text := html(t, run(10*fixtures.MiB, 50*fixtures.MiB, 100*fixtures.MiB))
	assert.Less(t, len(text), 2_000_000)
	assert.Equal(t, 108, strings.Count(text, "<tr id=\"cell-"))
}

// The page that is served says when the run has gone on.
func TestHandler(t *testing.T) {
	dir := t.TempDir()
	server := httptest.NewServer(page.Handler(dir))
	t.Cleanup(server.Close) // behind the ends of what it answers
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
	assert.Contains(t, text, "0 of 36 cells done")
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

// file writes a page for a browser.
func file(t testing.TB, r journal.Run) string {
	path := filepath.Join(t.TempDir(), "report.html")
	require.NoError(t, os.WriteFile(path, []byte(html(t, r)), 0o644))
	return fmt.Sprintf("file://%s", path)
}
