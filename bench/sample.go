package bench

import "time"

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
