package compare

import (
	"fmt"
	"slices"
	"strings"

	"golang.org/x/perf/benchfmt"

	"poolbench/bench"
	"poolbench/bench/journal"
	"poolbench/bench/stats"
)

// readFolder reads the last run in a folder of results. A cell that was planned and
// not measured is one without values.
func readFolder(dir string) (*Input, error) {
	run, err := journal.Read(dir)
	if err != nil {
		return nil, err
	}
	if len(run.Head.Plan.Cells) == 0 {
		return nil, fmt.Errorf("compare: %s: the last run has pairs alone, which are compared already: poolbench report has them", dir)
	}
	in := newInput(dir, Rounds)
	for _, planned := range run.Head.Plan.Planned() {
		in.cell(planned.String())
	}
	for _, result := range run.Results {
		c := in.cell(result.Cell.String())
		for _, round := range result.Rounds {
			in.add(c, ofRound(result.Cell, round))
		}
	}
	for name, value := range run.Head.Environment {
		in.Config[name] = value
	}
	for name, value := range run.Head.Plan.Flags {
		if name != "rounds" && name != "seed" { // how often, and in which order
			in.Config["-"+name] = value
		}
	}
	if why := run.Unfinished(); why != "" {
		in.Config["broken off"] = why
	}
	lines := benchfmt.NewReader(strings.NewReader(strings.Join(bench.UnitLines(), "\n")), "units")
	for lines.Scan() {
	}
	in.better = lines.Units()
	return in, nil
}

// quantiles are the units that are one of a round's ops.
var quantiles = map[string]float64{"p50-ns": 0.5, "p90-ns": 0.9, "p99-ns": 0.99, "wait-p50-ns": 0.5}

// ofRound returns the metrics of a round alone, in the units of a benchmark line. A
// round with a failed op has no other than fail/op. What is of a whole measurement is
// not in it, as the peaks of memory and the time at the storage, nor a quantile of
// fewer ops than it needs.
func ofRound(cell bench.Cell, round bench.Round) []bench.Metric {
	metrics := bench.Result{Cell: cell, Rounds: []bench.Round{round}}.Metrics()
	return slices.DeleteFunc(metrics, func(m bench.Metric) bool {
		p, quantile := quantiles[m.Unit]
		return m.Unit != "fail/op" && round.Failed() > 0 || quantile && len(round.Samples) < stats.QuantileNeeds(p)
	})
}
