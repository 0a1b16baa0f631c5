package report_test

import (
	"bytes"
	"io"
	"os"
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

// part returns a run of two passes over numbers of workers of a target's pools.
func part(dir, target string, workers []int, pools ...string) journal.Part {
	run := journal.Run{Ended: true}
	for pass := 1; pass <= 2; pass++ {
		for _, n := range workers {
			for _, pool := range pools {
				cell := bench.Cell{Op: bench.Upload, Volume: 10 * fixtures.MiB, Clients: 5, Workers: n, Pool: pool}
				took := time.Duration(100/n+pass) * time.Millisecond
				if pool == "process" {
					took += took / 5
				}
				run.Results = append(run.Results, bench.Result{Cell: cell, Pass: pass, Rounds: rounds(5, took)})
			}
		}
	}
	run.Head = journal.Head{
		Plan:        journal.Plan{Base: pools[0], Passes: 2, Flags: map[string]string{"target": target}}.Of(cells(run.Results)),
		Environment: map[string]string{"cpu-model": "A processor", "cpus": "2"}, Flags: map[string]string{"target": target, "verify": "on"},
		Time: time.Unix(int64(60*workers[0]), 0), Commit: "0123456789ab", Program: "0", Target: map[string]string{"version": "1.0"}, Given: []string{"-target=" + target},
	}
	return journal.Part{Dir: dir, Run: run}
}

// joined returns an analysis of three runs of a lab that restarts its servers by hand. The
// last repeats a cell, and was interrupted.
func joined(t *testing.T) *analysis.Analysis {
	t.Helper()
	again := part("results/w9", "lab:1", []int{5, 9}, "process", "thread")
	again.Why, again.Results = "interrupted", again.Results[:4]
	again.Head.Plan = again.Head.Plan.Of(append(again.Head.Plan.Cells, bench.Cell{Op: bench.Upload, Volume: 10 * fixtures.MiB, Clients: 50, Workers: 9, Pool: "thread"}))
	run, err := journal.Join(part("results/w5", "lab:1", []int{5}, "thread", "process"), part("results/w1", "lab:2", []int{1}, "python"), again)
	require.NoError(t, err)
	return analysis.New(run)
}

// Every format has the cells of all runs, and what is known of their runs.
func TestFormatsOfJoinedRuns(t *testing.T) {
	formats := report.Formats()
	for _, language := range report.Languages() {
		formats = append(formats, report.Format{Name: "lab-" + language, Write: func(w io.Writer, a *analysis.Analysis) error { return report.Lab(w, a, language) }})
	}
	for _, format := range formats {
		t.Run(format.Name, func(t *testing.T) {
			var got bytes.Buffer
			require.NoError(t, format.Write(&got, joined(t)))
			golden(t, "testdata/joined/"+format.Name+".golden", got.Bytes())
			assert.ErrorIs(t, format.Write(broken{}, joined(t)), os.ErrClosed)
		})
	}
}

// With several bases each effect names its own.
func TestEffectsOfSeveralBases(t *testing.T) {
	run, err := journal.Join(part("a", "lab:1", []int{1}, "thread", "process"), part("b", "lab:2", []int{1}, "python", "python-process"))
	require.NoError(t, err)
	var got bytes.Buffer
	require.NoError(t, report.Text(&got, analysis.New(run)))
	assert.Regexp(t, `op +of +pool +base +points`, got.String())
	assert.Regexp(t, `upload +all +process +thread +1`, got.String())
	assert.Regexp(t, `upload +all +python-process +python +1`, got.String())
	assert.Contains(t, got.String(), "throughput: the pool against its base in the same pass")
}
