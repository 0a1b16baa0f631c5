package measure

import (
	"context"
	"errors"
	"fmt"
	"time"

	"poolbench/bench"
	"poolbench/protocol"
)

// A server may go on for a while with an op that its client has given up. It is asked until
// it is idle, for at most restLag.
const (
	restLag  = 5 * time.Second
	restStep = 5 * time.Millisecond
)

// Wedged reports whether the server must not be visited again: it has ended, or it may
// still be busy with a finished round, so that its storage was not emptied.
func (r *Visit) Wedged() bool { return r.wedged || r.gone }

// reset empties the server's storage once nothing is under way. Removing a file while it is
// written would fail the upload.
func (r *Visit) reset(round *bench.Round) {
	if r.config.Reset == nil || r.wedged || r.gone {
		return
	}
	if round.Failed() > 0 {
		if err := r.awaitRest(); err != nil {
			r.wedged = true
			r.note("the server's storage was not emptied, because ops of a round may still be under way: %v", err)
			return
		}
	}
	if err := r.config.Reset(); err != nil {
		r.note("the server's storage could not be emptied: %v", err)
	}
}

// awaitRest returns nil once the server is idle, or why that is unknown.
func (r *Visit) awaitRest() error {
	if !r.config.Target.HasStats {
		return errors.New("the server has no STATS")
	}
	err := awaitRest(r.ctx, r.config.Target.stats)
	if err != nil {
		r.config.Target.HasStats = false // asking again in End would take as long, or count half the ops
	}
	return err
}

func awaitRest(ctx context.Context, ask func(context.Context) (protocol.Stats, error)) error {
	ctx, cancel := context.WithTimeoutCause(ctx, restLag, fmt.Errorf("not at rest within %v", restLag))
	defer cancel()
	for ; ; time.Sleep(restStep) {
		stats, err := ask(ctx)
		if err != nil {
			return err
		}
		busy := stats.Busy()
		// One of them is serving this request.
		if busy <= 1 && stats.Queue == 0 {
			return nil
		}
		if ctx.Err() != nil {
			return fmt.Errorf("%w; busy workers: %d, waiting connections: %d", context.Cause(ctx), busy-1, stats.Queue)
		}
	}
}
