package target

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"time"

	"poolbench/bench"
	"poolbench/bench/client"
	"poolbench/bench/measure"
	"poolbench/protocol"
)

// patience is how long a server that accepts may say nothing. A busy one answers STATS when
// a worker has ended the op that it is at.
const patience = 30 * time.Second

// askStep is the time between two attempts to reach a server.
const askStep = 250 * time.Millisecond

// probeName is a file that no server needs to have: one that speaks the wire says so.
const probeName = "poolbench"

// Address says where a server is that somebody else runs, and what to make of it.
type Address struct {
	Addr    string        // as bench.Wire.Address makes it
	Label   string        // of one of several servers; empty if there is one
	Pool    string        // of a server that does not tell; empty means "remote"
	Workers int           // of a server that does not tell; 0 if unknown
	Idle    time.Duration // how long an upload of a fixture may stall
	// Wait is how long to wait for a server that is away.
	Wait time.Duration
	// Patience is how long a server that accepts may say nothing at the start. Zero means
	// 30 s. A longer Wait counts here too.
	Patience time.Duration
}

// Find asks the server what it is. If it does not tell, pool and workers are those of the
// address. The error says why a run is pointless: nobody listens, or whoever does speaks
// another protocol or says nothing. If ctx has ended, the error is its cause.
func Find(ctx context.Context, at Address) (*Remote, error) {
	at.Patience = max(at.Wait, cmp.Or(at.Patience, patience))
	r := &Remote{Pool: cmp.Or(at.Label, at.Pool, bench.Remote), Workers: at.Workers, at: at, fixtures: newProvider(at.Addr, at.Idle)}
	r.server = Server{Target: measure.Target{Addr: at.Addr}, Warmed: map[bench.Op]bool{}}
	stats, err := at.ask(ctx)
	if err != nil {
		err = at.judge(ctx, err)
	}
	var told *untold
	switch {
	case ctx.Err() != nil:
		return nil, context.Cause(ctx)
	case errors.As(err, &told):
		r.Note = fmt.Sprintf("target %s: %v; pool and workers are from the flags", at.Addr, err)
	case err != nil:
		return nil, fmt.Errorf("-target=%s: %w", bench.Place(at.Addr), err)
	case !bench.IsPool(stats.Pool) || stats.Workers < 1:
		r.Note = fmt.Sprintf("target %s: answers STATS, but with pool %q and %d workers; both are from the flags", at.Addr, stats.Pool, stats.Workers)
	default:
		r.server.HasStats, r.stats = true, stats
		r.Pool, r.Workers = stats.Pool, stats.Workers
		r.server.Pool, r.server.Workers = stats.Pool, stats.Workers
		r.Note = fmt.Sprintf("target %s: version %q, which reports pool and workers", at.Addr, stats.Version)
	}
	if note := r.locate(ctx); note != "" {
		r.Note += "; " + note
	}
	return r, nil
}

// untold says why a server that speaks the wire does not tell what it is.
type untold struct{ error }

// ask asks for STATS until there is an answer or the time for it is up.
func (a Address) ask(ctx context.Context) (stats protocol.Stats, err error) {
	for begun := time.Now(); ; {
		once, cancel := context.WithTimeoutCause(ctx, a.Patience, fmt.Errorf("nothing came for %v", a.Patience))
		stats, err = client.Stats(once, a.Addr)
		cancel()
		var wait time.Duration
		switch reason := reasonOf(err); {
		case reason.Unconnected() && !nameless(err):
			wait = a.Wait
		case reason == bench.TimeoutWait:
			wait = a.Patience
		}
		if time.Since(begun) >= wait || !sleep(ctx, askStep) {
			return stats, err
		}
	}
}

// judge decides what follows from an error of STATS: *untold if the server speaks the wire,
// otherwise why it cannot be measured. Servers that do not know STATS say so, or close.
func (a Address) judge(ctx context.Context, err error) error {
	var status *protocol.StatusError
	var exchange *client.ExchangeError
	const lacks = ", so the rows lack the server's metrics"
	switch {
	case errors.Is(err, protocol.ErrUnknownCommand):
		return &untold{errors.New("has no STATS" + lacks)}
	case errors.As(err, &status):
		return &untold{fmt.Errorf("%w%s", err, lacks)}
	case nameless(err), !errors.As(err, &exchange), exchange.Foreign():
		return err
	case exchange.Reason.Unconnected():
		return fmt.Errorf("%w: start it, or wait for it by -target-wait", err)
	}
	idle := min(a.Patience, client.StatsTimeout)
	if _, got := (client.Transfer{Addr: a.Addr, Idle: idle}).Size(ctx, probeName); got == nil || errors.As(got, &status) {
		return &untold{fmt.Errorf("%w, when asked for STATS%s", err, lacks)}
	}
	if exchange.Reason == bench.TimeoutWait {
		return fmt.Errorf("%w, or it speaks another protocol: it was asked for %v, and longer with -target-wait", err, a.Patience)
	}
	return fmt.Errorf("%w: it speaks another protocol", err)
}

// reasonOf returns the reason of an exchange's error; empty if there is none.
func reasonOf(err error) bench.Reason {
	var exchange *client.ExchangeError
	if errors.As(err, &exchange) {
		return exchange.Reason
	}
	return ""
}

// nameless reports whether the host's name does not exist, for which waiting is no cure.
func nameless(err error) bool {
	var lookup *net.DNSError
	return errors.As(err, &lookup) && lookup.IsNotFound
}

// sleep reports whether the time has passed before ctx ended.
func sleep(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
