package bench

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"poolbench/bench/stats"
)

// WarningKind says in one word what a warning is about.
type WarningKind string

// The kinds, each with the meaning of its value. Shares are from 0 to 1.
const (
	// About a cell.
	LoadSaturated WarningKind = "load-saturated" // share used of the CPU time that the clients could have had
	Steal         WarningKind = "steal"          // share of the machine's CPU time that a hypervisor took
	Throttled     WarningKind = "throttled"      // share of the time in which a CPU quota kept threads waiting
	FewRounds     WarningKind = "few-rounds"     // number of whole rounds
	Stalled       WarningKind = "stalled"        // number of stalled rounds
	OtherLoad     WarningKind = "other-load"     // number of transfers that the server served for others
	// About a run.
	MachineBusy  WarningKind = "machine-busy"  // share of the machine's CPU time in use before the run
	Governor     WarningKind = "governor"      // none
	SharedCores  WarningKind = "shared-cores"  // number of the machine's processors
	StorageMoved WarningKind = "storage-moved" // none
	SlowLink     WarningKind = "slow-link"     // number of cells whose ops cannot end in time
)

// Warning says how far to trust a number, and why.
type Warning struct {
	Kind  WarningKind `json:"kind"`
	Value float64     `json:"value,omitempty"` // meaning depends on Kind
	// Text is one line with the value and how to read the numbers because of it.
	Text string `json:"text"`
}

// Machine is what [Result.Warnings] needs to know about where the result was measured.
type Machine struct {
	CPUs int // 0 if unknown, which turns off warnings about CPU time
	// Quota is how many processors' worth of CPU time the benchmark and its servers may
	// use; 0 if there is no limit.
	Quota float64
	// GOMAXPROCS is the benchmark's, which limits clients that are goroutines. 0 means no
	// limit.
	GOMAXPROCS int
	ClientPool ClientPool // of cells that do not name their own
	Remote     bool       // the server is on another machine
}

// The shares from which on there is a warning.
const (
	Saturated = 0.9  // used of the CPU time that the clients could have had
	Stolen    = 0.02 // of the machine's CPU time, taken by a hypervisor
)

// stealTick is the kernel's unit of steal: USER_HZ, which is 100 wherever Go runs on Linux.
const stealTick = time.Second / 100

// Warnings returns the warnings about a result, which may cover several visits. A result
// without a succeeded op has no numbers to warn about.
func (r Result) Warnings(m Machine) []Warning {
	if ok, _ := r.Ops(); ok == 0 {
		return nil
	}
	var warnings []Warning
	add := func(kind WarningKind, value float64, text string, args ...any) {
		warnings = append(warnings, Warning{kind, value, fmt.Sprintf(text, args...)})
	}
	if share := r.loadShare(m); share >= Saturated {
		add(LoadSaturated, share, "the clients took %.0f %% of the CPU time that they could have had: read MB/s as what the clients can do, and the server as no slower", 100*share)
	}
	if share := r.stealShare(m); share >= Stolen {
		add(Steal, share, "a hypervisor took %.1f %% of the machine's CPU time: read times as too long by as much or more", 100*share)
	}
	if share := r.throttledShare(m); share >= Stolen {
		add(Throttled, share, "a CPU quota of %.4g processors kept threads waiting for %.0f %% of the time: read times as those of a machine with that many", m.Quota, 100*share)
	}
	if n, needs := len(r.Makespans()), stats.IntervalNeeds(); n < needs {
		add(FewRounds, float64(n), "whole rounds: %d, and the interval of a median needs %d: read the makespan as a first impression", n, needs)
	}
	if n := r.Stalled(); n > 0 {
		add(Stalled, float64(n), "in %d of %d rounds the benchmark did not run or a server was stopped: they are kept, and in no estimate", n, len(r.Rounds))
	}
	if n := r.others(); n > 0 {
		ok, failed := r.Ops()
		add(OtherLoad, float64(n), "the server served %d transfers of somebody else's besides the %d of this run: read times as shared with that load", n, ok+failed)
	}
	return warnings
}

// others returns how many transfers of the cell's op the server counted beyond the ops; 0
// if it did not report. An op may fail without reaching the server.
func (r Result) others() int64 {
	if !r.ServerTold() {
		return 0
	}
	ok, failed := r.Ops()
	return max(0, r.Told.OK+r.Told.Failed-int64(ok+failed))
}

// MachineWarnings returns Warnings without [FewRounds].
func (r Result) MachineWarnings(m Machine) []Warning {
	return slices.DeleteFunc(r.Warnings(m), func(w Warning) bool { return w.Kind == FewRounds })
}

// loadShare returns which share of the CPU time that the clients could have had they used;
// 0 if unknown. They can use as many processors as there are clients. If they used more
// than a server on the same machine, what the server used is subtracted. If the server used
// more, it is the server that fills the machine.
func (r Result) loadShare(m Machine) float64 {
	var makespan, load, server time.Duration
	for _, round := range r.Running() {
		makespan += round.Makespan
		load += round.LoadCPU
		server += round.ServerCPU // 0 on another machine
	}
	if m.CPUs <= 0 || load == 0 {
		return 0
	}
	atOnce := min(r.Cell.Clients, m.CPUs)
	if cmp.Or(r.Cell.ClientPool, m.ClientPool) == ThreadClients && m.GOMAXPROCS > 0 {
		atOnce = min(atOnce, m.GOMAXPROCS)
	}
	// CPU clocks are read around the round and may count more time than it had.
	could := time.Duration(atOnce) * makespan
	if load >= server {
		could = min(could, time.Duration(m.CPUs)*makespan-server)
	}
	return float64(load) / float64(max(could, load))
}

// throttledShare returns for which share of the rounds' time a quota kept at least one
// thread from running; 0 without a quota.
func (r Result) throttledShare(m Machine) float64 {
	var makespan, throttled time.Duration
	for _, round := range r.Running() {
		makespan += round.Makespan
		throttled += round.Throttled
	}
	if m.Quota == 0 || m.CPUs == 0 || makespan == 0 {
		return 0
	}
	return min(1, float64(throttled)/float64(makespan)/float64(m.CPUs))
}

// stealShare returns steal as a share of the machine's CPU time. It is 0 if unknown, and
// for rounds so short that a single tick would cause a warning.
func (r Result) stealShare(m Machine) float64 {
	var makespan, steal time.Duration
	for _, round := range r.Running() {
		makespan += round.Makespan
		steal += round.Steal
	}
	has := float64(m.CPUs) * float64(makespan)
	if has*Stolen <= float64(stealTick) {
		return 0
	}
	return min(1, float64(steal)/has)
}
