package target

import (
	"context"
	"slices"
	"time"

	"poolbench/bench"
	"poolbench/bench/client"
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

	at       Address
	server   Server
	stats    protocol.Stats
	fixtures *provider
	doubted  bool // no client could connect in the last visit
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
		if err := client.Connect(ctx, r.server.Addr, min(r.at.Idle, connectTimeout)); err != nil {
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
	r.doubted = !slices.ContainsFunc(result.Rounds, func(round bench.Round) bool {
		return slices.ContainsFunc(round.Samples, func(s bench.Sample) bool { return !away(s.Failure.Reason) })
	})
}
