package bench_test

import (
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"poolbench/bench"
	"poolbench/fixtures"
)

const ms = time.Millisecond

// op is an op of 1 MB that succeeded.
func op(client int, wait, done time.Duration) bench.Sample {
	return bench.Sample{Client: client, Connected: 1, Sent: ms, FirstByte: ms + wait, Done: done, Wire: 1e6}
}

func failed(client int, done time.Duration, reason bench.Reason) bench.Sample {
	return bench.Sample{Client: client, Done: done, Wire: 5e5, Failure: bench.Failure{Reason: reason}}
}

func metrics(r bench.Result) map[string]float64 {
	values := map[string]float64{}
	for _, m := range r.Metrics() {
		values[m.Unit] = m.Value
	}
	return values
}

// Two rounds of two clients. The first takes 20 ms, with 10 ms and 20 ms for
// 1 MB: 100 and 50 MB/s, fairness 150²/(2·12500) = 0.9. The second takes 40 ms,
// both clients: 25 MB/s, fairness 1. In all 4 MB in 60 ms.
func TestMetrics(t *testing.T) {
	r := bench.Result{
		Cell: bench.Cell{Op: bench.Upload},
		Rounds: []bench.Round{
			{Samples: []bench.Sample{op(0, 2*ms, 10*ms), op(1, 4*ms, 20*ms)}, Makespan: 20 * ms, LoadCPU: 3 * ms, ServerCPU: 5 * ms},
			{Samples: []bench.Sample{op(0, 6*ms, 40*ms), op(1, 8*ms, 40*ms)}, Makespan: 40 * ms, LoadCPU: 5 * ms, ServerCPU: 9 * ms},
		},
		LoadPeak: 11, ServerPeak: 12, Told: &bench.Told{Storage: 30 * ms},
	}
	assert.InDeltaMapValues(t, map[string]float64{
		"ns/op": 30e6, "MB/s": 4 / 0.060,
		"p50-ns": 20e6, "p90-ns": 40e6, "p99-ns": 40e6, "max-ns": 40e6, "wait-p50-ns": 4e6,
		"client-MB/s": (100 + 50 + 25 + 25) / 4.0, "fairness": 0.95, "fail/op": 0,
		"server-cpu-ns/op": 7e6, "load-cpu-ns/op": 4e6, "server-peak-B": 12, "load-peak-B": 11,
		"storage-ns/op": 15e6,
	}, metrics(r), 1e-6)

	// Transfers are 7, 15, 33 and 31 ms, in all 86.
	share, ok := r.StorageShare()
	assert.True(t, ok)
	assert.InDelta(t, 30.0/86, share, 1e-12)
	r.Told.Storage = time.Second
	share, _ = r.StorageShare()
	assert.Equal(t, 1.0, share, "never more than all of it")
	r.Cell.Op = bench.Download
	_, ok = r.StorageShare()
	assert.False(t, ok)
	assert.NotContains(t, metrics(r), "storage-ns/op", "nothing is stored, and benchstat puts a zero in a table of its own")
}

// Over a wire on which the server does not say that it is ready, no wait is known.
func TestMetricsWithoutAWait(t *testing.T) {
	sample := op(0, ms, 20*ms)
	sample.FirstByte = 0
	r := bench.Result{Rounds: []bench.Round{{Samples: []bench.Sample{sample}, Makespan: 20 * ms}}}
	assert.NotContains(t, metrics(r), "wait-p50-ns")
	assert.Contains(t, metrics(r), "p50-ns")
	r.Rounds[0].Samples = append(r.Rounds[0].Samples, op(1, 3*ms, 20*ms))
	assert.InDelta(t, 3e6, metrics(r)["wait-p50-ns"], 1e-6)
}

// One of two clients fails in the second round, quickly. That round has no
// makespan to compare, its bytes and time count for the throughput, and the
// client that failed got nothing: fairness 0.5.
func TestMetricsWithAFailure(t *testing.T) {
	r := bench.Result{Rounds: []bench.Round{
		{Samples: []bench.Sample{op(0, ms, 20*ms), op(1, ms, 20*ms)}, Makespan: 20 * ms},
		{Samples: []bench.Sample{op(0, ms, 10*ms), failed(1, ms, bench.Reset)}, Makespan: 10 * ms},
	}}
	got := metrics(r)
	assert.InDeltaMapValues(t, map[string]float64{
		"ns/op": 20e6, "MB/s": 3 / 0.030, "p50-ns": 20e6, "p90-ns": 20e6, "p99-ns": 20e6, "max-ns": 20e6,
		"wait-p50-ns": 1e6, "client-MB/s": (50 + 50 + 100) / 3.0, "fairness": 0.75, "fail/op": 0.5,
	}, got, 1e-6)
	assert.Equal(t, []float64{20e6}, r.Makespans())
	ok, bad := r.Ops()
	assert.Equal(t, []int{3, 1}, []int{ok, bad})
}

// If nothing succeeded there is no time, however fast it failed.
func TestMetricsOfFailuresOnly(t *testing.T) {
	r := bench.Result{Rounds: []bench.Round{
		{Samples: []bench.Sample{failed(0, 1, bench.Refused), failed(1, 1, bench.Refused)}, Makespan: 1},
		{Samples: []bench.Sample{failed(0, 1, bench.Refused), failed(1, 1, bench.Reset)}, Makespan: 1},
	}}
	assert.Equal(t, map[string]float64{"ns/op": 0, "fail/op": 2}, metrics(r))
	assert.Equal(t, []string{"3 × refused", "1 × reset"}, r.Reasons())
	assert.Equal(t, map[string]float64{"ns/op": 0}, metrics(bench.Result{}))
}

func TestAdd(t *testing.T) {
	first := bench.Result{Rounds: make([]bench.Round, 2), Notes: []string{"a"}, LoadPeak: 5, ServerPeak: 1,
		Told: &bench.Told{Storage: ms, Failed: 1, Reasons: map[string]int64{"reset": 1}}}
	second := bench.Result{Rounds: make([]bench.Round, 1), Notes: []string{"b"}, LoadPeak: 3, ServerPeak: 2,
		Told: &bench.Told{Storage: ms, Failed: 3, Reasons: map[string]int64{"reset": 1, "other": 2}}}
	assert.Equal(t, bench.Result{Rounds: make([]bench.Round, 3), Notes: []string{"a", "b"}, LoadPeak: 5, ServerPeak: 2,
		Told: &bench.Told{Storage: 2 * ms, Failed: 4, Reasons: map[string]int64{"reset": 2, "other": 2}}}, first.Add(second))
	assert.Len(t, first.Rounds, 2)
}

func TestFailedStart(t *testing.T) {
	cell := bench.Cell{Op: bench.Upload, Volume: fixtures.KiB, Clients: 3, Workers: 1, Pool: "thread"}
	result := bench.FailedStart(cell, bench.NotReady, errors.New("no room"))
	assert.Equal(t, []string{"3 × server not ready: no room"}, result.Reasons())
	assert.Equal(t, []bench.Metric{{Unit: "ns/op"}, {Unit: "fail/op", Value: 3}}, result.Metrics())
}

func TestOutcome(t *testing.T) {
	good, bad := bench.Sample{}, bench.Sample{Failure: bench.Failure{Reason: bench.Refused}}
	for _, row := range []struct {
		name   string
		ops    []bench.Sample
		warmUp int
		want   bench.Outcome
	}{
		{"all", []bench.Sample{good, good}, 0, bench.OK},
		{"some", []bench.Sample{good, bad}, 0, bench.Partial},
		{"all but in the warm-up", []bench.Sample{good}, 1, bench.Partial},
		{"none", []bench.Sample{bad, bad}, 1, bench.Failed},
		{"no op", nil, 0, bench.Skipped},
	} {
		result := bench.Result{Rounds: []bench.Round{{Samples: row.ops}}, WarmUpFailed: row.warmUp}
		assert.Equal(t, row.want, result.Outcome(), row.name)
	}
}
