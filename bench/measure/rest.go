package measure

import (
	"context"
	"errors"
	"fmt"
	"time"

	"poolbench/bench"
	"poolbench/protocol"
)

// A server goes on with an op for a while that its client has given up. It is asked
// until it does nothing more, but not for longer than restLag.
const (
	restLag  = 5 * time.Second
	restStep = 5 * time.Millisecond
)

// Wedged reports whether the server may be at work still for a round that has
// ended, and has not had its storage emptied since. It is not to be visited again.
func (r *Visit) Wedged() bool { return r.wedged }

// reset undoes what a round has left on the server, once that has nothing under way:
// a file that is removed while it is written is an upload that fails.
func (r *Visit) reset(round *bench.Round) {
	if r.config.Reset == nil || r.wedged {
		return
	}
	if round.Failed() > 0 {
		if err := r.awaitRest(); err != nil {
			r.wedged = true
			r.note("the server's storage was not emptied, as ops of a round may be under way yet: %v", err)
			return
		}
	}
	if err := r.config.Reset(); err != nil {
		r.note("the server's storage could not be emptied: %v", err)
	}
}

// awaitRest returns when the server has nothing under way, or why that is not known.
func (r *Visit) awaitRest() error {
	if !r.config.Target.Tells {
		return errors.New("the server does not tell")
	}
	err := awaitRest(r.ctx, r.config.Target.stats)
	if err != nil {
		r.config.Target.Tells = false // in End it would take as long, or tell of half the ops
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
		// One of them answers.
		if busy <= 1 && stats.Queue == 0 {
			return nil
		}
		if ctx.Err() != nil {
			return fmt.Errorf("%w; busy workers: %d, waiting connections: %d", context.Cause(ctx), busy-1, stats.Queue)
		}
	}
}
