package report_test

import (
	"bytes"
	"errors"
	"flag"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"poolbench/bench"
	"poolbench/bench/analysis"
	"poolbench/bench/journal"
	"poolbench/bench/report"
	"poolbench/fixtures"
)

var update = flag.Bool("update", false, "write the golden files")

// golden compares with a golden file. If they differ, it writes what it got beside the file.
func golden(t *testing.T, path string, got []byte) {
	t.Helper()
	if *update {
		require.NoError(t, os.WriteFile(path, got, 0o644))
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err)
	if !assert.Equal(t, string(want), string(got)) {
		require.NoError(t, os.WriteFile(path+".got", got, 0o644))
	}
}

// rounds returns a round for each makespan. In each, every client waits for half of the
// makespan, ends with it, and moves 1 MB.
func rounds(clients int, makespans ...time.Duration) []bench.Round {
	var all []bench.Round
	for _, makespan := range makespans {
		round := bench.Round{Makespan: makespan, Samples: make([]bench.Sample, clients)}
		for i := range round.Samples {
			round.Samples[i] = bench.Sample{Client: i, Sent: 1, FirstByte: makespan / 2, Done: makespan, Wire: 1e6}
		}
		all = append(all, round)
	}
	return all
}

// sample returns a run with every kind of cell: visited once or twice, with failures, with a
// stalled round, and skipped.
func sample() *analysis.Analysis {
	const ms, µs = time.Millisecond, time.Microsecond
	cell := func(op bench.Op, clients, workers int, pool string) bench.Cell {
		return bench.Cell{Op: op, Volume: 10 * fixtures.MiB, Clients: clients, Workers: workers, Pool: pool}
	}
	partial := bench.Result{Cell: cell(bench.Download, 2, 5, "thread"), Rounds: rounds(2, 20*ms, 30*ms)}
	partial.Rounds[1].Samples[0].Failure = bench.Failure{Reason: bench.Reset, Detail: "before an answer"}
	results := []bench.Result{
		// Visited twice: 3 + 4 whole rounds. The median is the fourth of 7, and the
		// interval reaches from the first to the last.
		{Cell: cell(bench.Upload, 1, 5, "thread"), Rounds: rounds(1, 10*ms, 12*ms, 11*ms), Told: &bench.Told{Storage: 9 * ms, OK: 3}},
		// 250 + 50 transfers of 617 ms each, 60 % of it storage. Together they are enough
		// for a p99.
		{Cell: cell(bench.Upload, 50, 5, "thread"), Rounds: rounds(50, 1234*ms, 1234*ms, 1234*ms, 1234*ms, 1234*ms), Told: &bench.Told{Storage: 92550 * ms}},
		{Cell: cell(bench.Upload, 50, 5, "thread"), Rounds: rounds(50, 1234*ms), Told: &bench.Told{Storage: 18510 * ms}},
		{Cell: cell(bench.Upload, 1, 5, "thread"), Rounds: rounds(1, 14*ms, 15*ms, 13*ms, 40*ms), Told: &bench.Told{Storage: 9 * ms}},
		partial,
		bench.FailedStart(cell(bench.Upload, 5, 1, "goroutine"), bench.NotReady, errors.New("no room on the disk")),
		{Cell: cell(bench.Download, 1, 0, "remote"), Rounds: rounds(1, 345*µs), Notes: []string{"the target was slow"}},
		{Cell: cell(bench.Download, 9, 1, "thread")},
	}
	partial.Rounds = append(partial.Rounds, rounds(2, time.Minute)...)
	partial.Rounds[2].Stalled = time.Minute
	results[4] = partial
	results[4].Told = &bench.Told{Failed: 3, Reasons: map[string]int64{"storage full": 2, "shutdown": 1}}
	planned := append(cells(results), cell(bench.Download, 50, 5, "process"))
	// The client uses nearly all of one of two processors. 100 of 2 × 1234 ms are stolen.
	for i := range results[0].Rounds {
		results[0].Rounds[i].LoadCPU = 12 * ms
		results[3].Rounds[i].LoadCPU = 15 * ms
	}
	results[3].Rounds[3].LoadCPU = 38 * ms
	for i := range results[1].Rounds {
		results[1].Rounds[i].Steal = 100 * ms
	}
	all := run(planned, results, "interrupted")
	all.Verdict = []string{"Which pool is faster this run cannot say.", "6 of 319 ops failed."}
	all.Head.Environment = map[string]string{"cpus": "2", "gomaxprocs": "2"}
	all.Head.Warnings = []bench.Warning{{Kind: bench.SharedCores, Value: 2, Text: "server and clients share two processors"}}
	return all
}

// Every format has a line for every planned cell.
func TestFormats(t *testing.T) {
	for _, format := range report.Formats() {
		t.Run(format.Name, func(t *testing.T) {
			var got bytes.Buffer
			require.NoError(t, format.Write(&got, sample()))
			golden(t, "testdata/"+format.Name+".golden", got.Bytes())
			assert.ErrorIs(t, format.Write(broken{}, sample()), os.ErrClosed)
		})
	}
	for _, language := range report.Languages() {
		t.Run("lab-csv "+language, func(t *testing.T) {
			var got bytes.Buffer
			require.NoError(t, report.Lab(&got, sample(), language))
			golden(t, "testdata/lab-"+language+".golden", got.Bytes())
			assert.ErrorIs(t, report.Lab(broken{}, sample(), language), os.ErrClosed)
		})
	}
}

func TestComment(t *testing.T) {
	var text, got bytes.Buffer
	require.NoError(t, report.Text(&text, sample()))
	require.NoError(t, report.Comment(&got, sample()))
	assert.Equal(t, strings.Count(text.String(), "\n"), strings.Count(got.String(), "\n"))
	for line := range strings.Lines(got.String()) {
		assert.True(t, strings.HasPrefix(line, "# "), "%q would be taken for a benchmark's", line)
	}
}

// run returns a run that the testing package paced and that ended.
func run(planned []bench.Cell, results []bench.Result, why string) *analysis.Analysis {
	return of(journal.Run{Head: journal.Head{Plan: journal.Plan{Count: 1}.Of(planned)}, Results: results, Ended: true, Why: why})
}

// of returns an analysis that has found nothing yet.
func of(run journal.Run) *analysis.Analysis {
	return &analysis.Analysis{Run: run, Axes: bench.Axes(), Totals: run.Totals()}
}

// cells returns the cells of the results, each once.
func cells(results []bench.Result) []bench.Cell {
	var cells []bench.Cell
	for _, r := range results {
		if !slices.Contains(cells, r.Cell) {
			cells = append(cells, r.Cell)
		}
	}
	return cells
}

// With several client pools, a line tells which one it is of.
func TestTextOfClientPools(t *testing.T) {
	var results []bench.Result
	for _, pool := range bench.ClientPools() {
		cell := bench.Cell{Op: bench.Upload, Volume: 10 * fixtures.MiB, Clients: 1, Workers: 5, ClientPool: pool, Pool: "goroutine"}
		results = append(results, bench.Result{Cell: cell, Rounds: rounds(1, time.Millisecond)})
	}
	var got bytes.Buffer
	require.NoError(t, report.Comment(&got, run(cells(results), results, "")))
	assert.Regexp(t, `workers +client pool +pool +rounds`, got.String())
	assert.Regexp(t, `\n# +upload +10MiB +1 +5 +thread +goroutine +1 `, got.String())
	assert.Regexp(t, `\n# +upload +10MiB +1 +5 +process +goroutine +1 `, got.String())
	assert.Contains(t, got.String(), "# 2 cells, 2 ops, 0 failed\n")
}

func TestTextOfNothing(t *testing.T) {
	var got bytes.Buffer
	require.NoError(t, report.Comment(&got, run(nil, nil, "")))
	assert.Contains(t, got.String(), "# 0 cells, 0 ops, 0 failed\n")
}

func TestTextPassesErrorsOn(t *testing.T) {
	assert.ErrorIs(t, report.Comment(broken{}, run(nil, nil, "")), os.ErrClosed)
}

type broken struct{}

func (broken) Write([]byte) (int, error) { return 0, os.ErrClosed }
