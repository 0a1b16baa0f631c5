package target

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"poolbench/bench"
	"poolbench/bench/client"
	"poolbench/bench/measure"
	"poolbench/bench/plan"
	"poolbench/fixtures"
	"poolbench/protocol"
)

// connectTimeout bounds connecting to a server that was gone at the last visit. Without it
// every further visit would take as long as an op may.
const connectTimeout = 10 * time.Second

// Remote is a server that somebody else runs, with what could be learnt about it.
type Remote struct {
	Pool    string
	Workers int    // 0 if unknown
	Note    string // where Pool and Workers come from, one line for the reader

	idle     time.Duration
	server   Server
	stats    protocol.Stats
	fixtures *provider
	doubted  bool // no client could connect in the last visit
}

// Find asks the server at addr what it is. If its answer is missing or implausible, pool
// and workers are what the caller says, or "remote" and 0. idle bounds how long an upload
// of a fixture may stall.
func Find(ctx context.Context, addr, pool string, workers int, idle time.Duration) *Remote {
	r := &Remote{Pool: cmp.Or(pool, bench.Remote), Workers: workers, idle: idle, fixtures: newProvider(addr, idle)}
	r.server = Server{Target: measure.Target{Addr: addr}, Warmed: map[bench.Op]bool{}}
	stats, err := client.Stats(ctx, addr)
	switch {
	case errors.Is(err, protocol.ErrUnknownCommand):
		r.Note = fmt.Sprintf("target %s: has no STATS, so the rows lack the server's metrics, and pool and workers are from the flags", addr)
	case err != nil:
		r.Note = fmt.Sprintf("target %s: %v; pool and workers are from the flags", addr, err)
	case !bench.IsPool(stats.Pool) || stats.Workers < 1:
		r.Note = fmt.Sprintf("target %s: answers STATS, but with pool %q and %d workers; both are from the flags", addr, stats.Pool, stats.Workers)
	default:
		r.server.HasStats, r.stats = true, stats
		r.Pool, r.Workers = stats.Pool, stats.Workers
		r.Note = fmt.Sprintf("target %s: version %q, which reports pool and workers", addr, stats.Version)
	}
	return r
}

// Side implements Target.
func (r *Remote) Side() Side {
	side := Side{Target: r.server.Addr}
	if r.stats.Pool == protocol.PoolProcess {
		side.WorkerGOMAXPROCS = r.stats.GOMAXPROCS
	} else {
		side.GOMAXPROCS = r.stats.GOMAXPROCS
	}
	return side
}

// Logs implements Target.
func (r *Remote) Logs() []string { return nil }

// Drop implements Target.
func (r *Remote) Drop(bench.Cell) {}

// Close implements Target.
func (r *Remote) Close() error { return nil }

// Server implements Target. The server lives for the whole run. If no client could connect
// in the last visit, Server tries first, so that a server that is gone costs one attempt
// per cell instead of one per op.
func (r *Remote) Server(ctx context.Context, cell bench.Cell, _ plan.Lifetime, fixture fixtures.File) (*Server, bench.Failure) {
	if r.doubted {
		if err := client.Connect(ctx, r.server.Addr, min(r.idle, connectTimeout)); err != nil {
			return &r.server, failureWhen(err, "the cell was not begun")
		}
	}
	if cell.Op != bench.Download {
		return &r.server, bench.Failure{}
	}
	note, failed := r.fixtures.provide(ctx, fixture)
	r.server.Note(note)
	return &r.server, failed
}

// Observe implements Target.
func (r *Remote) Observe(result bench.Result) {
	gone := func(s bench.Sample) bool {
		return slices.Contains([]bench.Reason{bench.Refused, bench.Unreachable, bench.TimeoutConnect}, s.Failure.Reason)
	}
	r.doubted = !slices.ContainsFunc(result.Rounds, func(round bench.Round) bool {
		return slices.ContainsFunc(round.Samples, func(s bench.Sample) bool { return !gone(s) })
	})
}
