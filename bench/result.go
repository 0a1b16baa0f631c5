package bench

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"poolbench/bench/stats"
)

// Result is what came of a visit to a cell, or of several.
type Result struct {
	Cell Cell `json:"fields"`
	// Pass is the pass that the visit was of, from 1; 0 if the testing package asked for
	// it.
	Pass int `json:"pass,omitempty"`
	// Server numbers the server that was visited, from 1 in the order in which they were
	// started: visits to one server share its luck. It is 0 for somebody else's.
	Server int `json:"server_number,omitempty"`
	// Took is the time of the visit with all that it needed besides its rounds, such as
	// starting and warming a server.
	Took time.Duration `json:"took_ns"`
	// Rounds are those that were done, in order, warm-up not counted.
	Rounds []Round `json:"-"`
	// WarmUpFailed is how many ops of the warm-up failed, which are in no round.
	WarmUpFailed int `json:"warm_up_failed"`
	// LoadPeak and ServerPeak are the most resident memory that either side's processes
	// had, in bytes; zero if it could not be read. A client's process that was killed is
	// not in it, only the one that took its place.
	LoadPeak   int64 `json:"load_peak_bytes"`
	ServerPeak int64 `json:"server_peak_bytes"`
	// Told is what the server told of the rounds; nil if it did not.
	Told  *Told    `json:"server,omitempty"`
	Notes []string `json:"notes,omitempty"` // what a reader should know, a line each
}

// Told is what a server told of the rounds of a visit, or of several.
type Told struct {
	Storage time.Duration `json:"storage_ns"` // that its workers were at its storage, added up
	OK      int64         `json:"ok"`         // transfers of the cell's op that succeeded
	Failed  int64         `json:"failed"`
	// Reasons counts those that failed, in the server's words; nil if none did.
	Reasons map[string]int64 `json:"reasons,omitempty"`
	// Partial says that it did not tell of all visits.
	Partial bool `json:"-"`
}

// ServerTold reports whether the server told of all rounds.
func (r Result) ServerTold() bool { return r.Told != nil && !r.Told.Partial }

// addTold returns what was told of both of two results.
func addTold(a, b *Told) *Told {
	if a == nil && b == nil {
		return nil
	}
	sum := Told{Partial: a == nil || b == nil}
	for _, t := range []*Told{a, b} {
		if t != nil {
			sum.Storage, sum.OK, sum.Failed = sum.Storage+t.Storage, sum.OK+t.OK, sum.Failed+t.Failed
			sum.Reasons = sumOf(sum.Reasons, t.Reasons)
			sum.Partial = sum.Partial || t.Partial
		}
	}
	return &sum
}

// FailedStart is the result of a cell that could not begin: one round, in which
// each client failed for the reason, with err.
func FailedStart(cell Cell, reason Reason, err error) Result {
	round := Round{Samples: make([]Sample, cell.Clients)}
	for i := range round.Samples {
		round.Samples[i] = Sample{Client: i, Failure: Failure{reason, err.Error()}}
	}
	return Result{Cell: cell, Rounds: []Round{round}}
}

// Metric is one number of a benchmark line.
type Metric struct {
	Unit  string
	Value float64
}

// Ops counts the ops that succeeded and those that failed.
func (r Result) Ops() (ok, failed int) {
	for _, round := range r.Rounds {
		failed += round.Failed()
		ok += len(round.Samples) - round.Failed()
	}
	return ok, failed
}

// Add returns the result of both measurements of one cell, of which other is the
// later.
func (r Result) Add(other Result) Result {
	r.Rounds = slices.Concat(r.Rounds, other.Rounds)
	r.Notes = slices.Concat(r.Notes, other.Notes)
	r.WarmUpFailed += other.WarmUpFailed
	r.Took += other.Took
	r.LoadPeak = max(r.LoadPeak, other.LoadPeak)
	r.ServerPeak = max(r.ServerPeak, other.ServerPeak)
	r.Told = addTold(r.Told, other.Told)
	return r
}

// Makespans returns the makespans, in nanoseconds, of the rounds that are whole. One
// with a failure has none that could be compared: a client that failed early, or
// waited for its timeout, is in it.
func (r Result) Makespans() []float64 {
	var makespans []float64
	for _, round := range r.Rounds {
		if round.Whole() {
			makespans = append(makespans, float64(round.Makespan))
		}
	}
	return makespans
}

// Throughputs returns the throughputs, in wire bytes per second, of the rounds that are
// whole and moved something.
func (r Result) Throughputs() []float64 {
	var rates []float64
	for _, round := range r.Rounds {
		if round.Whole() && round.Makespan > 0 && round.Wire() > 0 {
			rates = append(rates, float64(round.Wire())/round.Makespan.Seconds())
		}
	}
	return rates
}

// Metrics returns the numbers of the cell's benchmark line. One that nothing
// was measured for, as the latency of ops that all failed, is not in it, but
// ns/op is 0 then, which makes the testing package leave it out.
func (r Result) Metrics() []Metric {
	var (
		metrics []Metric
		rounds  = float64(len(r.Rounds))
		add     = func(unit string, value float64) { metrics = append(metrics, Metric{unit, value}) }
	)
	_, failed := r.Ops()
	r.Rounds = r.running()
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
		waits, _ := stats.Quantiles(durations(ok, Sample.Wait), 0.5)
		add("wait-p50-ns", waits[0])
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

// UnitLines are the lines that tell benchstat which way each unit of Metrics is
// better. It knows ns/op and MB/s.
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

// running are the rounds in which nothing stood still.
func (r Result) running() []Round {
	return slices.DeleteFunc(slices.Clone(r.Rounds), func(round Round) bool { return round.Stalled > 0 })
}

// Stalled counts the rounds in which something stood still.
func (r Result) Stalled() int { return len(r.Rounds) - len(r.running()) }

// Throughput is the wire bytes of all ops that succeeded per second of all
// makespans, of the rounds in which nothing stood still.
func (r Result) Throughput() float64 {
	var (
		wire int64
		time time.Duration
	)
	for _, round := range r.running() {
		wire += round.Wire()
		time += round.Makespan
	}
	if time == 0 {
		return 0
	}
	return float64(wire) / time.Seconds()
}

// fairness is the mean of the rounds' fairness, a client that failed having got
// nothing, over the rounds in which somebody got something.
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

// Failures returns how many ops failed in each way.
func (r Result) Failures() map[Failure]int {
	failures := map[Failure]int{}
	for _, round := range r.Rounds {
		for _, s := range round.Samples {
			if !s.OK() {
				failures[s.Failure]++
			}
		}
	}
	return failures
}

// StorageShare returns the share of the uploads' transfer time, which is from
// the server's readiness to the end, that the server's storage took. It reports
// false if no upload got so far or the server did not tell.
func (r Result) StorageShare() (share float64, ok bool) {
	var transfer time.Duration
	for _, round := range r.Rounds {
		for _, s := range round.Samples {
			if s.FirstByte > 0 {
				transfer += s.Done - s.FirstByte
			}
		}
	}
	if r.Cell.Op != Upload || !r.ServerTold() || transfer == 0 {
		return 0, false
	}
	// The server's clock may run a little longer than the client's, which is not
	// always woken at once.
	return min(1, float64(r.Told.Storage)/float64(transfer)), true
}

// Succeeded returns the samples of all ops that succeeded, of the rounds in which
// nothing stood still.
func (r Result) Succeeded() []Sample {
	var ok []Sample
	for _, round := range r.running() {
		for _, s := range round.Samples {
			if s.OK() {
				ok = append(ok, s)
			}
		}
	}
	return ok
}

// Latencies returns those of all ops that succeeded, in nanoseconds.
func (r Result) Latencies() []float64 { return durations(r.Succeeded(), Sample.Latency) }

// Reasons returns in which ways ops failed, the most frequent first, as
// "5 × refused".
func (r Result) Reasons() []string {
	counts := map[string]int64{}
	for failure, n := range r.Failures() {
		counts[failure.String()] = int64(n)
	}
	return counted(counts)
}

// ServerSaid returns the server's reasons in the form of Reasons.
func (r Result) ServerSaid() []string {
	if r.Told == nil {
		return nil
	}
	return counted(r.Told.Reasons)
}

// counted writes counts, the largest first.
func counted(counts map[string]int64) []string {
	ordered := slices.SortedFunc(maps.Keys(counts), func(a, b string) int {
		return cmp.Or(cmp.Compare(counts[b], counts[a]), strings.Compare(a, b))
	})
	lines := make([]string, len(ordered))
	for i, what := range ordered {
		lines[i] = fmt.Sprintf("%d × %s", counts[what], what)
	}
	return lines
}

// sumOf returns a + b, and nil if both are empty.
func sumOf(a, b map[string]int64) map[string]int64 {
	if len(a)+len(b) == 0 {
		return nil
	}
	sum := map[string]int64{}
	for _, counts := range []map[string]int64{a, b} {
		for what, n := range counts {
			sum[what] += n
		}
	}
	return sum
}

func durations(samples []Sample, of func(Sample) time.Duration) []float64 {
	values := make([]float64, len(samples))
	for i, s := range samples {
		values[i] = float64(of(s))
	}
	return values
}

func throughputs(samples []Sample) []float64 {
	values := make([]float64, len(samples))
	for i, s := range samples {
		values[i] = s.Throughput()
	}
	return values
}
