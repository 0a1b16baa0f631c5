package report_test

import (
	"bytes"
	"encoding/json"
	"math"
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

// estimate returns an estimate from n ratios in three passes.
func estimate(ratio, lo, hi float64, n int) analysis.Estimate {
	return analysis.Estimate{Ratio: ratio, Lo: lo, Hi: hi, N: n, Passes: 3}
}

// one is the estimate of an effect from a single ratio, few has no interval, and none is
// from nothing.
var (
	one  = analysis.Estimate{Hi: math.Inf(1), N: 1, Passes: 1}
	few  = estimate(1.2, 0, math.Inf(1), 1)
	none = analysis.Estimate{Ratio: math.NaN(), Hi: math.Inf(1)}
)

// compared returns a run of passes with every kind of finding.
func compared() *analysis.Analysis {
	const ms = time.Millisecond
	cell := func(workers int, pool string) bench.Cell {
		return bench.Cell{Op: bench.Upload, Volume: 10 * fixtures.MiB, Clients: 50, Workers: workers, Pool: pool}
	}
	var results []bench.Result
	for pass := range 3 {
		for _, workers := range []int{1, 5} {
			for _, pool := range []string{"thread", "process"} {
				results = append(results, bench.Result{Cell: cell(workers, pool), Pass: pass + 1, Rounds: rounds(50, 10*ms)})
			}
		}
	}
	a := of(journal.Run{Head: journal.Head{Plan: journal.Plan{Base: "thread", Passes: 9}.Of(cells(results))}, Results: results, Ended: true, Why: "interrupted"})
	a.Passes = 3
	a.Verdict = []string{"Uploads: process is 3.1 % faster.", "5 workers are enough."}
	effect := func(op bench.Op, axis, level string, e analysis.Estimate, standsOut bool) analysis.Effect {
		return analysis.Effect{Op: op, Pool: "process", Base: "thread", Axis: axis, Level: level, Points: 2, Estimate: e, StandsOut: standsOut}
	}
	a.Effects = []analysis.Effect{
		effect(bench.Upload, "", "", estimate(1.031, 1.01, 1.052, 6), false),
		effect(bench.Upload, "workers", "1", estimate(1.5, 1.2, 1.9, 3), true),
		effect(bench.Upload, "workers", "5", estimate(1.02, 0.99, 1.05, 3), false),
		effect(bench.Download, "", "", estimate(0.9, 0.85, 0.95, 6), false),
		effect(bench.Download, "workers", "1", few, false),
		effect(bench.Download, "workers", "5", none, false),
		effect(bench.Download, "workers", "9", one, false),
	}
	a.Points = []analysis.Point{
		{Cell: cell(1, "process"), Base: "thread", Estimate: estimate(1.5, 1.2, 1.9, 3), StandsOut: true, P: 0},
		{Cell: cell(5, "process"), Base: "thread", Estimate: few, P: 1},
		{Cell: cell(9, "process"), Base: "thread", Estimate: none, P: math.NaN()},
	}
	a.Workers = []analysis.Workers{
		{Op: bench.Upload, Clients: 50, Enough: 5, Certain: true, Levels: []analysis.Level{
			{Workers: 1, Estimate: estimate(0.4, 0.35, 0.45, 6), Wait: 9e6}, {Workers: 5, Estimate: analysis.Estimate{Ratio: 1, Lo: 1, Hi: 1}, Best: true, Wait: 5e6},
		}},
		{Op: bench.Download, Clients: 50, Levels: []analysis.Level{{Workers: 1, Estimate: none}}},
	}
	return a
}

// Every format has the findings of a run of passes, and leaves out what is not known.
func TestFormatsOfPasses(t *testing.T) {
	for _, format := range report.Formats() {
		t.Run(format.Name, func(t *testing.T) {
			var got bytes.Buffer
			require.NoError(t, format.Write(&got, compared()))
			golden(t, "testdata/passes/"+format.Name+".golden", got.Bytes())
			assert.NotRegexp(t, `NaN|Inf|null`, got.String()[max(0, bytes.Index(got.Bytes(), []byte(`"verdict"`))):])
			assert.ErrorIs(t, format.Write(broken{}, compared()), os.ErrClosed)
		})
	}
}

// The keys are there even if nothing was found.
func TestJSONOfNothing(t *testing.T) {
	var text bytes.Buffer
	require.NoError(t, report.JSON(&text, run(nil, nil, "")))
	var got map[string]any
	require.NoError(t, json.Unmarshal(text.Bytes(), &got))
	for _, key := range []string{"verdict", "effects", "workers", "points", "cells"} {
		assert.Equal(t, []any{}, got[key], key)
	}
}

// A run paced by the testing package has no table of effects.
func TestEffectsOfACount(t *testing.T) {
	a := compared()
	a.Head.Plan.Count = 1
	for _, write := range []func(*bytes.Buffer) error{
		func(w *bytes.Buffer) error { return report.Text(w, a) }, func(w *bytes.Buffer) error { return report.Markdown(w, a) },
	} {
		var text bytes.Buffer
		require.NoError(t, write(&text))
		assert.NotContains(t, text.String(), "stands out")
		assert.Contains(t, text.String(), "verdict: 5 workers are enough.\n")
	}
}

func TestBrokenOff(t *testing.T) {
	for _, row := range []struct {
		name   string
		change func(*analysis.Analysis)
		want   string
	}{
		{"passes", func(*analysis.Analysis) {}, "\nbroken off after 3 of 9 passes: interrupted\n"},
		{"a budget", func(a *analysis.Analysis) { a.Head.Plan.Passes, a.Passes = 0, 1 }, "\nbroken off after 1 pass: interrupted\n"},
		{"whole", func(a *analysis.Analysis) { a.Why = "" }, ""},
		{"nothing visited", func(a *analysis.Analysis) { a.Results = nil }, ""},
		{"a count", func(a *analysis.Analysis) { a.Head.Plan.Count = 4 }, "\nbroken off: 4 cells were to be measured 4 times and were not: interrupted\n"},
		{"a count that was reached", func(a *analysis.Analysis) { a.Head.Plan.Count = 3 }, ""},
	} {
		t.Run(row.name, func(t *testing.T) {
			a := compared()
			row.change(a)
			var text bytes.Buffer
			require.NoError(t, report.Text(&text, a))
			if row.want == "" {
				assert.NotContains(t, text.String(), "broken off")
			} else {
				assert.Contains(t, text.String(), row.want)
			}
		})
	}
}

func TestFinding(t *testing.T) {
	for _, row := range []struct {
		name   string
		effect analysis.Effect
		want   string
	}{
		{"faster", analysis.Effect{Estimate: estimate(1.03, 1.01, 1.05, 9)}, "faster"},
		{"slower", analysis.Effect{Estimate: estimate(0.9, 0.8, 0.99, 9)}, "slower"},
		{"an interval around 1", analysis.Effect{Estimate: estimate(1.03, 0.99, 1.05, 9)}, ""},
		{"no interval", analysis.Effect{Estimate: few}, ""},
		{"nothing", analysis.Effect{Estimate: none}, ""},
		{"a level", analysis.Effect{Axis: "clients", Level: "5", Estimate: estimate(1.03, 1.01, 1.05, 9)}, ""},
		{"a level that stands out", analysis.Effect{Axis: "clients", Level: "5", Estimate: estimate(1, 0.99, 1.01, 9), StandsOut: true}, "stands out"},
	} {
		t.Run(row.name, func(t *testing.T) { assert.Equal(t, row.want, report.Finding(row.effect)) })
	}
}

func TestEstimated(t *testing.T) {
	for _, row := range []struct {
		name     string
		estimate analysis.Estimate
		want     string
	}{
		{"bounded", estimate(1.031, 0.99, 1.052, 6), "+3.1 %, 95 % interval −1.0 … +5.2 %, of 6 ratios in 3 passes"},
		{"too few", analysis.Estimate{Ratio: 0.8, Hi: math.Inf(1), N: 1, Passes: 1}, "−20 %, of 1 ratio in 1 pass, too few for an interval"},
		{"one of an effect", one, "too little to compare"},
		{"none", none, "nothing to compare"},
	} {
		t.Run(row.name, func(t *testing.T) { assert.Equal(t, row.want, report.Estimated(row.estimate)) })
	}
}
