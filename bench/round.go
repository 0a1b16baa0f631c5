package bench

import (
	"time"
)

// Round is every client doing one op at once: one iteration of a benchmark.
type Round struct {
	Samples  []Sample      `json:"-"`           // of every client, in their order
	Makespan time.Duration `json:"makespan_ns"` // from the start to the end of the last op
	// LoadCPU and ServerCPU are the CPU time that either side took; zero if it could not
	// be read.
	LoadCPU   time.Duration `json:"load_cpu_ns"`
	ServerCPU time.Duration `json:"server_cpu_ns"`
	MachineUse
	// Stalled is the longest time in which this program did not run or a process of
	// either side was stopped, by SIGSTOP or with its container; zero if there was none
	// worth a word. Such a round is kept, and is in no estimate.
	Stalled time.Duration `json:"stalled_ns,omitempty"`
}

// Whole reports whether every op succeeded and nothing stood still: only then do the
// round's times say something of the server.
func (r Round) Whole() bool { return r.Failed() == 0 && r.Stalled == 0 }

// Failed counts the ops that did not succeed.
func (r Round) Failed() int {
	n := 0
	for _, s := range r.Samples {
		if !s.OK() {
			n++
		}
	}
	return n
}

// Wire is the payload bytes of the ops that succeeded.
func (r Round) Wire() int64 {
	var n int64
	for _, s := range r.Samples {
		if s.OK() {
			n += s.Wire
		}
	}
	return n
}

// MachineUse is what a machine did in a time, whoever asked it to.
type MachineUse struct {
	// Steal is the time that the machine's processors were ready to run and a hypervisor
	// ran something else.
	Steal time.Duration `json:"steal_ns"`
	// Load1 is the load average of the minute before the end.
	Load1 float64 `json:"load_average_1min"`
	// ContextSwitches are those of all processes.
	ContextSwitches int64 `json:"context_switches"`
}

// Since returns the use between an earlier reading and this one.
func (u MachineUse) Since(before MachineUse) MachineUse {
	return MachineUse{max(0, u.Steal-before.Steal), u.Load1, max(0, u.ContextSwitches-before.ContextSwitches)}
}

// Sample is one op of one client, however it ended. Its times count from the start of its
// round on the monotonic clock, in nanoseconds; a time of zero is of something that did
// not happen.
type Sample struct {
	Client    int           `json:"client"`       // from 0
	Scheduled time.Duration `json:"scheduled_ns"` // when it was to begin; in a closed loop the start itself, 0
	Connected time.Duration `json:"connected_ns,omitempty"`
	Sent      time.Duration `json:"sent_ns,omitempty"`       // the request's last byte was handed to the kernel
	FirstByte time.Duration `json:"first_byte_ns,omitempty"` // of the server's first answer
	Done      time.Duration `json:"done_ns,omitempty"`       // the op's end, with everything verified, or its failure
	Wire      int64         `json:"wire_bytes"`              // payload bytes that the client sent or received, headers not counted
	Failure                 // zero if the op succeeded
}

// OK reports whether the op succeeded.
func (s Sample) OK() bool { return s.Failure.Reason == "" }

// Latency is how long the op took, from when it was to begin.
func (s Sample) Latency() time.Duration { return s.Done - s.Scheduled }

// Wait is how long the client waited in the server's queue: from its request to
// the first byte of the answer. It is zero if there was no answer.
func (s Sample) Wait() time.Duration {
	if s.FirstByte == 0 {
		return 0
	}
	return s.FirstByte - s.Sent
}

// Throughput is payload bytes per second of latency, 0 if the op failed.
func (s Sample) Throughput() float64 {
	if !s.OK() {
		return 0
	}
	return float64(s.Wire) / s.Latency().Seconds()
}
