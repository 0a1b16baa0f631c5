package bench

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"poolbench/bench/stats"
)

// WarningKind is what a warning is of, in a word.
type WarningKind string

// The kinds, with what the value of each is. Shares are from 0 to 1.
const (
	// Of a cell.
	LoadSaturated WarningKind = "load-saturated" // the share of the CPU time that the clients could have had which they took
	Steal         WarningKind = "steal"          // the share of the machine's CPU time that a hypervisor took
	FewRounds     WarningKind = "few-rounds"     // rounds that are whole
	Stalled       WarningKind = "stalled"        // rounds in which something stood still
	// Of a run.
	MachineBusy  WarningKind = "machine-busy"  // the share of the machine's CPU time that was in use before the run
	Governor     WarningKind = "governor"      // none
	SharedCores  WarningKind = "shared-cores"  // the machine's processors
	StorageMoved WarningKind = "storage-moved" // none
)

// Warning is what a reader has to know of a number to take it for what it is.
type Warning struct {
	Kind  WarningKind `json:"kind"`
	Value float64     `json:"value,omitempty"` // as the kind says
	// Text is a line with the value and how to read the numbers for it.
	Text string `json:"text"`
}

// Machine is what the warnings of a result have to know of where it was measured.
type Machine struct {
	CPUs int // 0 if it is not known, and what needs it is not warned of
	// GOMAXPROCS is the benchmark's, which bounds clients that are goroutines. 0 is
	// no bound.
	GOMAXPROCS int
	ClientPool ClientPool // of a cell that does not name its own
}

// From these shares on it is warned.
const (
	Saturated = 0.9  // of the CPU time that the clients could have had, that they took
	Stolen    = 0.02 // of the machine's CPU time, that a hypervisor took
)

// stealTick is the unit in which the kernel tells of steal: USER_HZ, which is 100
// wherever Go runs on Linux.
const stealTick = time.Second / 100

// Warnings returns what to warn of in a result, which may be that of several
// measurements. A result without an op that succeeded has no number to warn of.
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
	if n, needs := len(r.Makespans()), stats.IntervalNeeds(); n < needs {
		add(FewRounds, float64(n), "whole rounds: %d, and the interval of a median needs %d: read the makespan as a first impression", n, needs)
	}
	if n := r.Stalled(); n > 0 {
		add(Stalled, float64(n), "in %d of %d rounds the benchmark did not run or a server was stopped: they are kept, and in no estimate", n, len(r.Rounds))
	}
	return warnings
}

// MachineWarnings are those of Warnings but for the number of rounds.
func (r Result) MachineWarnings(m Machine) []Warning {
	return slices.DeleteFunc(r.Warnings(m), func(w Warning) bool { return w.Kind == FewRounds })
}

// loadShare is the CPU time that the clients took, by that which they could have
// had: of as many processors as they can use at once and, if they took more than a
// server on the same machine, no more than that left. Where the server took more, it
// is that which fills the machine. It is 0 if it is not known.
func (r Result) loadShare(m Machine) float64 {
	var makespan, load, server time.Duration
	for _, round := range r.running() {
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
	// The clocks of CPU time are read around the round, and may tell of more than
	// there was in it.
	could := time.Duration(atOnce) * makespan
	if load >= server {
		could = min(could, time.Duration(m.CPUs)*makespan-server)
	}
	return float64(load) / float64(max(could, load))
}

// stealShare is the steal by the CPU time that the machine has. It is 0 if it is
// not known, and for rounds so short that a single tick would be worth a warning.
func (r Result) stealShare(m Machine) float64 {
	var makespan, steal time.Duration
	for _, round := range r.running() {
		makespan += round.Makespan
		steal += round.Steal
	}
	has := float64(m.CPUs) * float64(makespan)
	if has*Stolen <= float64(stealTick) {
		return 0
	}
	return min(1, float64(steal)/has)
}
