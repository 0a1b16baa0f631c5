package bench

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"time"

	"poolbench/fixtures"
	"poolbench/protocol"
)

// Supply sees to it that the target has the fixture to offer, once for each
// fixture of a run. What is there under its name is let be, right or wrong, as
// the ops find out; what is not there is put there, and the note says so. It
// gives up when nothing has moved for as long as idle.
//
// The failure is that of putting it, and the same when it is asked for again. A
// target that can't be asked is for the ops to find out too.
func (r *Remote) Supply(ctx context.Context, file fixtures.File, idle time.Duration) (note string, failed Failure) {
	if failed, done := r.supplied[file.Name()]; done {
		return "", failed
	}
	_, err := Transfer{Addr: r.Addr, Idle: min(idle, statsTimeout)}.Size(ctx, file.Name())
	switch {
	case errors.Is(err, protocol.ErrNotFound):
		if failed = r.put(ctx, file, idle); failed == (Failure{}) {
			note = fmt.Sprintf("the target did not have %s: %d bytes were put there", file.Name(), file.TextSize())
		}
	case err != nil:
		return "", Failure{}
	}
	r.supplied[file.Name()] = failed
	return note, failed
}

// put uploads the fixture's text as data, so that the target stores the text, and
// asks what it has then.
func (r *Remote) put(ctx context.Context, file fixtures.File, idle time.Duration) Failure {
	text, err := os.Open(file.Path)
	if err != nil {
		return Failure{LocalError, bare(err)}
	}
	defer text.Close()
	transfer := Transfer{Addr: r.Addr, Idle: idle}
	if err := transfer.Put(ctx, file.Name(), text, file.TextSize(), file.Text); err != nil {
		return failureWhen(err, "when "+file.Name()+" was put there")
	}
	size, err := transfer.Size(ctx, file.Name())
	if err != nil {
		return failureWhen(err, "after "+file.Name()+" was put there")
	}
	if want := file.TextSize(); size != want {
		return Failure{SizeMismatch, fmt.Sprintf("the server has %d bytes under %s after %d were put there", size, file.Name(), want)}
	}
	return Failure{}
}

func failureWhen(err error, when string) Failure {
	var exchange *ExchangeError
	if !errors.As(err, &exchange) {
		return Failure{LocalError, err.Error() + ", " + when}
	}
	if exchange.Detail == "" {
		return Failure{exchange.Reason, when}
	}
	return Failure{exchange.Reason, exchange.Detail + ", " + when}
}

// Heed takes note of what came of a cell: after one in which nobody could
// connect, Knock asks whether the target is there.
func (r *Remote) Heed(result Result) {
	gone := func(s Sample) bool {
		return slices.Contains([]Reason{Refused, Unreachable, TimeoutConnect}, s.Failure.Reason)
	}
	r.doubted = !slices.ContainsFunc(result.Rounds, func(round Round) bool {
		return slices.ContainsFunc(round.Samples, func(s Sample) bool { return !gone(s) })
	})
}

// Knock connects to a target that is in doubt, within timeout, so that one that is
// gone costs each cell that was still to come one attempt, and not those of all its
// ops.
func (r *Remote) Knock(ctx context.Context, timeout time.Duration) Failure {
	if !r.doubted {
		return Failure{}
	}
	if err := Connect(ctx, r.Addr, timeout); err != nil {
		return failureWhen(err, "the cell was not begun")
	}
	return Failure{}
}
