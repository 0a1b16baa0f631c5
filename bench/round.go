package bench

import (
	"time"

	"poolbench/protocol"
)

// Round is one op of every client, all at once.
type Round struct {
	Samples  []Sample      `json:"-"`           // one per client, in the clients' order
	Makespan time.Duration `json:"makespan_ns"` // from the start to the end of the last op
	// LoadCPU and ServerCPU are the CPU time that each side used; zero if it could not be
	// read.
	LoadCPU   time.Duration `json:"load_cpu_ns"`
	ServerCPU time.Duration `json:"server_cpu_ns"`
	MachineUse
	// Stalled is the longest time in which this program did not run, or a process of either
	// side was stopped by SIGSTOP or with its container. Zero means no stall worth
	// reporting. A stalled round is kept, but no estimate uses it.
	Stalled time.Duration `json:"stalled_ns,omitempty"`
}

// Whole reports whether every op succeeded and nothing stalled. Only the times of whole
// rounds describe the server.
func (r Round) Whole() bool { return r.Failed() == 0 && r.Stalled == 0 }

// Failed counts the failed ops.
func (r Round) Failed() int {
	n := 0
	for _, s := range r.Samples {
		if !s.OK() {
			n++
		}
	}
	return n
}

// Wire returns the payload bytes of the succeeded ops.
func (r Round) Wire() int64 {
	var n int64
	for _, s := range r.Samples {
		if s.OK() {
			n += s.Wire
		}
	}
	return n
}

// MachineUse is what the whole machine did in some span of time.
type MachineUse struct {
	// Steal is the time in which the machine's processors were ready to run and a
	// hypervisor ran something else.
	Steal time.Duration `json:"steal_ns"`
	// Throttled is the time in which threads of this program's cgroups were ready to run and
	// a CPU quota kept them from running.
	Throttled time.Duration `json:"throttled_ns,omitempty"`
	// Load1 is the one-minute load average at the end.
	Load1 float64 `json:"load_average_1min"`
	// ContextSwitches counts those of all processes.
	ContextSwitches int64 `json:"context_switches"`
}

// Since returns the use between an earlier reading and this one.
func (u MachineUse) Since(before MachineUse) MachineUse {
	return MachineUse{
		Steal: max(0, u.Steal-before.Steal), Throttled: max(0, u.Throttled-before.Throttled), Load1: u.Load1,
		ContextSwitches: max(0, u.ContextSwitches-before.ContextSwitches),
	}
}

// Sample is one op of one client, whether it succeeded or not. Times count from the start
// of the round on the monotonic clock, in nanoseconds. A time of zero means that the step
// did not happen.
type Sample struct {
	Client    int           `json:"client"`       // from 0
	Scheduled time.Duration `json:"scheduled_ns"` // when the op was due; 0 in a closed loop, the start itself
	Connected time.Duration `json:"connected_ns,omitempty"`
	Sent      time.Duration `json:"sent_ns,omitempty"`       // the kernel has the request's last byte
	FirstByte time.Duration `json:"first_byte_ns,omitempty"` // of the server's answer; none for an upload over HTTP
	Done      time.Duration `json:"done_ns,omitempty"`       // verified end of the op, or its failure
	Wire      int64         `json:"wire_bytes"`              // payload bytes sent or received, without headers
	TCP       protocol.TCP  `json:"tcp,omitzero"`            // of the client's side of the connection, at its end
	Failure                 // zero if the op succeeded
}

// OK reports whether the op succeeded.
func (s Sample) OK() bool { return s.Failure.Reason == "" }

// Latency returns how long the op took from when it was due.
func (s Sample) Latency() time.Duration { return s.Done - s.Scheduled }

// Wait returns how long the client waited in the server's queue: from the request to the
// first byte of the answer. It is zero if there was no answer, and for an upload over HTTP,
// whose answer comes after the payload.
func (s Sample) Wait() time.Duration {
	if s.FirstByte == 0 {
		return 0
	}
	return s.FirstByte - s.Sent
}

// Throughput returns payload bytes per second of latency; 0 if the op failed.
func (s Sample) Throughput() float64 {
	if !s.OK() {
		return 0
	}
	return float64(s.Wire) / s.Latency().Seconds()
}
