package compare

import (
	"slices"
	"strings"

	"golang.org/x/perf/benchfmt"

	"poolbench/bench"
	"poolbench/bench/journal"
	"poolbench/bench/plan"
	"poolbench/bench/stats"
)

// readFolder reads the last run in a folder of results. A cell that was planned and
// not measured is one without values.
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
		if passes { // the rounds of one depend on each other
			in.add(c, of(result.Cell, result.Rounds))
			continue
		}
		for _, round := range result.Rounds {
			in.add(c, of(result.Cell, []bench.Round{round}))
		}
	}
	for name, value := range run.Head.Environment {
		in.Config[name] = value
	}
	for name, value := range run.Head.Plan.Flags {
		if plan.ClassOf(name) != plan.Paced {
			in.Config["-"+name] = value
		}
	}
	in.Config["pace"] = "passes"
	if run.Head.Plan.Count > 0 {
		in.Config["pace"] = "one cell after the other"
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

// of returns the metrics of rounds alone, in the units of a benchmark line. Where one is
// not whole there is no other than fail/op. What is of a whole visit is not in it, as the
// peaks of memory and the time at the storage, nor a quantile of fewer ops than it needs.
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
