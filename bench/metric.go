package bench

import (
	"slices"
	"time"

	"poolbench/bench/stats"
)

// Metric is one number of a benchmark line.
type Metric struct {
	Unit  string
	Value float64
}

// Metrics returns the numbers of the benchmark line. A metric without data is left out,
// such as latency if every op failed. ns/op is then 0, which makes the testing package
// leave it out.
func (r Result) Metrics() []Metric {
	var (
		metrics []Metric
		rounds  = float64(len(r.Rounds))
		add     = func(unit string, value float64) { metrics = append(metrics, Metric{unit, value}) }
	)
	_, failed := r.Ops()
	r.Rounds = r.Running()
	makespan, _ := stats.Mean(r.Makespans())
	add("ns/op", makespan)
	if rounds == 0 {
		return metrics
	}
	if rate := r.Throughput(); rate > 0 {
		add("MB/s", rate/1e6)
	}
	ok := r.Succeeded()
	if latencies, err := stats.Quantiles(durations(ok, Sample.Latency), 0.5, 0.9, 0.99, 1); err == nil {
		for i, unit := range []string{"p50-ns", "p90-ns", "p99-ns", "max-ns"} {
			add(unit, latencies[i])
		}
		if waits, err := stats.Quantiles(durations(answered(ok), Sample.Wait), 0.5); err == nil {
			add("wait-p50-ns", waits[0])
		}
		rate, _ := stats.Mean(throughputs(ok))
		add("client-MB/s", rate/1e6)
		add("fairness", r.fairness())
	}
	add("fail/op", float64(failed)/rounds)
	ran := float64(max(1, len(r.Rounds)))
	var load, server, storage time.Duration
	if r.Told != nil {
		storage = r.Told.Storage
	}
	for _, round := range r.Rounds {
		load += round.LoadCPU
		server += round.ServerCPU
	}
	for _, m := range []struct {
		unit     string
		value    float64
		measured bool
	}{
		{"server-cpu-ns/op", float64(server) / ran, server > 0},
		{"server-peak-B", float64(r.ServerPeak), r.ServerPeak > 0},
		{"load-cpu-ns/op", float64(load) / ran, load > 0},
		{"load-peak-B", float64(r.LoadPeak), r.LoadPeak > 0},
		{"storage-ns/op", float64(storage) / rounds, r.ServerTold() && r.Cell.Op == Upload},
	} {
		if m.measured {
			add(m.unit, m.value)
		}
	}
	return metrics
}

// answered returns the samples whose wait is known.
func answered(samples []Sample) []Sample {
	return slices.DeleteFunc(slices.Clone(samples), func(s Sample) bool { return s.FirstByte == 0 })
}

// UnitLines returns the lines that tell benchstat which direction is better, for each unit
// of Metrics except ns/op and MB/s, which it knows.
func UnitLines() []string {
	return []string{
		"Unit p50-ns better=lower",
		"Unit p90-ns better=lower",
		"Unit p99-ns better=lower",
		"Unit max-ns better=lower",
		"Unit wait-p50-ns better=lower",
		"Unit client-MB/s better=higher",
		"Unit fairness better=higher",
		"Unit fail/op better=lower",
		"Unit server-cpu-ns/op better=lower",
		"Unit server-peak-B better=lower",
		"Unit load-cpu-ns/op better=lower",
		"Unit load-peak-B better=lower",
		"Unit storage-ns/op better=lower",
	}
}

// fairness returns the mean fairness of the rounds in which at least one op succeeded. A
// client that failed counts as having got nothing.
func (r Result) fairness() float64 {
	var indices []float64
	for _, round := range r.Rounds {
		if round.Failed() == len(round.Samples) {
			continue
		}
		index, _ := stats.Fairness(throughputs(round.Samples))
		indices = append(indices, index)
	}
	mean, _ := stats.Mean(indices)
	return mean
}
