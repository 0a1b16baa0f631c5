package compare

import (
	"slices"
	"strings"

	"golang.org/x/perf/benchfmt"

	"poolbench/bench"
	"poolbench/bench/journal"
	"poolbench/bench/stats"
)

// readFolder reads the last run in a results folder. A planned cell that was not measured
// has no values.
func readFolder(dir string) (*Input, error) {
	run, err := journal.Read(dir)
	if err != nil {
		return nil, err
	}
	passes := run.Head.Plan.Count == 0
	in := newInput(dir, Rounds)
	if passes {
		in.Kind = Visits
	}
	for _, planned := range run.Head.Plan.Cells {
		in.cell(planned.String())
	}
	for _, result := range run.Results {
		c := in.cell(result.Cell.String())
		if passes { // the rounds of a visit depend on each other
			in.add(c, of(result.Cell, result.Rounds))
			continue
		}
		for _, round := range result.Rounds {
			in.add(c, of(result.Cell, []bench.Round{round}))
		}
	}
	in.Config = run.Head.Config()
	if why := run.Unfinished(); why != "" {
		in.Config["broken off"] = why
	}
	lines := benchfmt.NewReader(strings.NewReader(strings.Join(bench.UnitLines(), "\n")), "units")
	for lines.Scan() {
	}
	in.better = lines.Units()
	return in, nil
}

// quantiles are the units that are a quantile over the ops.
var quantiles = map[string]float64{"p50-ns": 0.5, "p90-ns": 0.9, "p99-ns": 0.99, "wait-p50-ns": 0.5}

// of returns the metrics of rounds, in the units of a benchmark line. If a round is not
// whole, it returns fail/op only. It leaves out quantiles of too few ops, and what only a
// whole visit has, such as peaks of memory and storage time.
func of(cell bench.Cell, rounds []bench.Round) []bench.Metric {
	ops, broken := 0, false
	for _, round := range rounds {
		ops, broken = ops+len(round.Samples), broken || !round.Whole()
	}
	metrics := bench.Result{Cell: cell, Rounds: rounds}.Metrics()
	return slices.DeleteFunc(metrics, func(m bench.Metric) bool {
		p, quantile := quantiles[m.Unit]
		return m.Unit != "fail/op" && broken || quantile && ops < stats.QuantileNeeds(p)
	})
}
