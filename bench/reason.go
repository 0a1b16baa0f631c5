package bench

import "poolbench/protocol"

// Reason says why an op failed, in one of a fixed set of words, so that failures can be
// counted.
type Reason string

// The reasons.
const (
	Refused          Reason = "refused"
	Unreachable      Reason = "unreachable"
	Reset            Reason = "reset"
	TimeoutConnect   Reason = "timeout (connect)"
	TimeoutWait      Reason = "timeout (wait)"
	TimeoutTransfer  Reason = "timeout (transfer)"
	TimeoutClient    Reason = "timeout (client)" // its process did not answer
	CutShort         Reason = "cut short"
	ProtocolError    Reason = "protocol error"
	ServerSaidNo     Reason = "server said no"
	SizeMismatch     Reason = "size mismatch"
	ChecksumMismatch Reason = "checksum mismatch"
	NotStored        Reason = "not stored" // an upload that was confirmed
	WorkerDied              = Reason(protocol.ReasonWorkerDied)
	ServerDied       Reason = "server died"
	ServerChanged    Reason = "server changed" // its pool or its number of workers
	ClientKilled     Reason = "client killed"  // its process died of a signal or was killed by the kernel
	LocalError       Reason = "client error"   // in its own files or process, not the server's
	NotReady         Reason = "server not ready"
)

// Unconnected reports whether the reason is that nobody could connect to the server.
func (r Reason) Unconnected() bool {
	return r == Refused || r == Unreachable || r == TimeoutConnect
}

// Failure is a reason with what was said or seen. The zero value means no failure.
type Failure struct {
	Reason Reason `json:"reason,omitempty"`
	Detail string `json:"detail,omitempty"` // one line, the same for every op that failed in the same way
}

func (f Failure) String() string {
	if f.Detail == "" {
		return string(f.Reason)
	}
	return string(f.Reason) + ": " + f.Detail
}

// Outcome says in one word how a cell ended.
type Outcome string

// The outcomes.
const (
	OK      Outcome = "ok"      // every op succeeded
	Partial Outcome = "partial" // some did
	Failed  Outcome = "failed"  // none did
	Skipped Outcome = "skipped" // nothing was measured
)

// Outcome returns how the cell ended. A failure in the warm-up makes it partial at best.
func (r Result) Outcome() Outcome {
	switch ok, failed := r.Ops(); {
	case ok+failed == 0:
		return Skipped
	case ok == 0:
		return Failed
	case failed+r.WarmUpFailed > 0:
		return Partial
	}
	return OK
}
