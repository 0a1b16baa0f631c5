package client

import (
	"context"
	"errors"
	"fmt"
	"time"

	"golang.org/x/sys/unix"

	"poolbench/bench"
	"poolbench/protocol"
)

// StatsTimeout bounds how long [Stats] takes to connect, and how long it then takes to get
// the answer. The benchmark asks only while no op is under way.
const StatsTimeout = 5 * time.Second

// Stats asks the server at addr for its counters. The error is an *ExchangeError, or the
// context's cause if the context was cancelled. It wraps protocol.ErrUnknownCommand if the
// server has no STATS.
func Stats(ctx context.Context, addr string) (stats protocol.Stats, err error) {
	err = perform(ctx, addr, StatsTimeout, func(x *exchange, _ func()) error {
		stats, err = x.wire.stats(x)
		return err
	})
	return stats, err
}

// Connect opens a connection to addr within timeout and closes it. Errors are those of
// [Stats].
func Connect(ctx context.Context, addr string, timeout time.Duration) error {
	return perform(ctx, addr, timeout, func(*exchange, func()) error { return nil })
}

// perform does one exchange that is not measured. It gives up if there is no connection
// within idle, or if do then fails to call moved for that long. The error is an
// *ExchangeError, or the context's cause if the context was cancelled.
func perform(ctx context.Context, addr string, idle time.Duration, do func(x *exchange, moved func()) error) error {
	watched, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	w, hostport := wireOf(addr)
	x := &exchange{wire: w, ctx: watched, start: time.Now()}
	err := x.connect(hostport, idle)
	if err == nil {
		defer x.close()
		watch := time.AfterFunc(idle, func() { cancel(fmt.Errorf("nothing moved for %v", idle)) })
		defer watch.Stop()
		err = do(x, func() { watch.Reset(idle) })
	}
	switch {
	case err == nil:
		return nil
	case errors.Is(ctx.Err(), context.Canceled):
		return context.Cause(ctx)
	}
	failure := classify(watched, x.Sample, err)
	// ETIMEDOUT comes from the kernel, which gives up by itself after two minutes.
	if failure.Reason == bench.TimeoutConnect && watched.Err() == nil && !errors.Is(err, unix.ETIMEDOUT) {
		failure.Detail = fmt.Sprintf("no connection within %v", idle)
	}
	return &ExchangeError{failure, x.first, !x.wire.begins(x.first), err}
}
