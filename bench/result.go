package bench

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"poolbench/protocol"
)

// Result holds the rounds of one visit to a cell, or of several added up.
type Result struct {
	Cell Cell `json:"fields"`
	// Pass is the visit's pass, from 1; 0 if the testing package set the pace.
	Pass int `json:"pass,omitempty"`
	// Server is the number of the visited server, from 1 in the order of their start.
	// Visits to one server share its luck. It is 0 for a remote server.
	Server int `json:"server_number,omitempty"`
	// Took is the time of the whole visit, including the start and warm-up of a server.
	Took time.Duration `json:"took_ns"`
	// Rounds are in the order in which they were done, without the warm-up.
	Rounds []Round `json:"-"`
	// WarmUpFailed counts failed ops of the warm-up, which are in no round.
	WarmUpFailed int `json:"warm_up_failed"`
	// LoadPeak and ServerPeak are the peak resident memory of each side's processes, in
	// bytes; zero if it could not be read. A client process that was killed is not counted,
	// its successor is.
	LoadPeak   int64 `json:"load_peak_bytes"`
	ServerPeak int64 `json:"server_peak_bytes"`
	// Told is what the server reported about the rounds; nil if it reported nothing.
	Told  *Told    `json:"server,omitempty"`
	Notes []string `json:"notes,omitempty"` // for the reader, one line each
}

// Told is what a server reported about the rounds of one visit, or of several.
type Told struct {
	Storage time.Duration `json:"storage_ns"` // time that its workers spent on storage, added up
	OK      int64         `json:"ok"`         // transfers of the cell's op that succeeded
	Failed  int64         `json:"failed"`
	TCP     protocol.TCP  `json:"tcp,omitzero"` // of the downloads' connections, added up
	// Reasons counts failed transfers by the server's own words; nil if none failed.
	Reasons map[string]int64 `json:"reasons,omitempty"`
	// Partial is set if the report does not cover all visits.
	Partial bool `json:"-"`
}

// ServerTold reports whether the server's report covers all rounds.
func (r Result) ServerTold() bool { return r.Told != nil && !r.Told.Partial }

// addTold adds up two reports. Either may be nil.
func addTold(a, b *Told) *Told {
	if a == nil && b == nil {
		return nil
	}
	sum := Told{Partial: a == nil || b == nil}
	for _, t := range []*Told{a, b} {
		if t != nil {
			sum.Storage, sum.OK, sum.Failed = sum.Storage+t.Storage, sum.OK+t.OK, sum.Failed+t.Failed
			sum.TCP = sum.TCP.Add(t.TCP)
			sum.Reasons = sumOf(sum.Reasons, t.Reasons)
			sum.Partial = sum.Partial || t.Partial
		}
	}
	return &sum
}

// FailedStart returns the result of a cell that could not begin: one round in which every
// client failed for reason, with err as the detail.
func FailedStart(cell Cell, reason Reason, err error) Result {
	round := Round{Samples: make([]Sample, cell.Clients)}
	for i := range round.Samples {
		round.Samples[i] = Sample{Client: i, Failure: Failure{reason, err.Error()}}
	}
	return Result{Cell: cell, Rounds: []Round{round}}
}

// Ops counts succeeded and failed ops.
func (r Result) Ops() (ok, failed int) {
	for _, round := range r.Rounds {
		failed += round.Failed()
		ok += len(round.Samples) - round.Failed()
	}
	return ok, failed
}

// Unconnected reports whether no client could connect, in no round.
func (r Result) Unconnected() bool {
	for _, round := range r.Rounds {
		for _, s := range round.Samples {
			if !s.Failure.Reason.Unconnected() {
				return false
			}
		}
	}
	return len(r.Rounds) > 0
}

// Add returns r and other as one result. Both must be of one cell, other the later.
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

// Makespans returns the makespans of the whole rounds, in nanoseconds. A round with a
// failure has no comparable makespan: it contains a client that failed early or waited for
// its timeout.
func (r Result) Makespans() []float64 {
	var makespans []float64
	for _, round := range r.Rounds {
		if round.Whole() {
			makespans = append(makespans, float64(round.Makespan))
		}
	}
	return makespans
}

// Throughputs returns the throughputs of the whole rounds that moved data, in wire bytes
// per second.
func (r Result) Throughputs() []float64 {
	var rates []float64
	for _, round := range r.Rounds {
		if round.Whole() && round.Makespan > 0 && round.Wire() > 0 {
			rates = append(rates, float64(round.Wire())/round.Makespan.Seconds())
		}
	}
	return rates
}

// Running returns the rounds that did not stall.
func (r Result) Running() []Round {
	return slices.DeleteFunc(slices.Clone(r.Rounds), func(round Round) bool { return round.Stalled > 0 })
}

// Stalled counts the stalled rounds.
func (r Result) Stalled() int { return len(r.Rounds) - len(r.Running()) }

// Throughput returns the wire bytes of succeeded ops per second of makespan, over the
// rounds that did not stall.
func (r Result) Throughput() float64 {
	var (
		wire int64
		time time.Duration
	)
	for _, round := range r.Running() {
		wire += round.Wire()
		time += round.Makespan
	}
	if time == 0 {
		return 0
	}
	return float64(wire) / time.Seconds()
}

// Failures counts failed ops by failure.
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

// StorageShare returns which share of the uploads' transfer time, from the server's
// readiness to the end, was spent on the server's storage. It reports false if no upload
// got that far or the server did not report.
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
	// The server's time may be slightly longer than the client's, which is not always woken
	// at once.
	return min(1, float64(r.Told.Storage)/float64(transfer)), true
}

// Succeeded returns the samples of succeeded ops, from the rounds that did not stall.
func (r Result) Succeeded() []Sample {
	var ok []Sample
	for _, round := range r.Running() {
		for _, s := range round.Samples {
			if s.OK() {
				ok = append(ok, s)
			}
		}
	}
	return ok
}

// Latencies returns the latencies of the ops of Succeeded, in nanoseconds.
func (r Result) Latencies() []float64 { return durations(r.Succeeded(), Sample.Latency) }

// Reasons returns the failures with their counts, most frequent first, as "5 × refused".
func (r Result) Reasons() []string {
	counts := map[string]int64{}
	for failure, n := range r.Failures() {
		counts[failure.String()] = int64(n)
	}
	return counted(counts)
}

// ServerSaid returns the server's own reasons in the form of Reasons.
func (r Result) ServerSaid() []string {
	if r.Told == nil {
		return nil
	}
	return counted(r.Told.Reasons)
}

// counted formats counts, largest first.
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
