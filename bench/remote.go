package bench

import (
	"cmp"
	"context"
	"errors"
	"fmt"

	"poolbench/protocol"
)

// Remote is a server that somebody else runs, with what could be learnt of it.
// It is used from one goroutine.
type Remote struct {
	Target
	Pool    string
	Workers int    // 0 if nobody told
	Note    string // where pool and workers come from, a line for the reader
	stats   protocol.Stats

	supplied map[string]Failure // by the fixture's name; zero if it is there
	doubted  bool
}

// Find asks the server at addr what it is. If it does not tell, or nothing that
// can be believed, pool and workers are what the caller says, and "remote" and 0
// if the caller does not either.
func Find(ctx context.Context, addr, pool string, workers int) *Remote {
	r := &Remote{Target: Target{Addr: addr}, Pool: cmp.Or(pool, "remote"), Workers: workers, supplied: map[string]Failure{}}
	stats, err := Stats(ctx, addr)
	switch {
	case errors.Is(err, protocol.ErrUnknownCommand):
		r.Note = fmt.Sprintf("target %s: has no STATS, so the rows have no figures of the server's side, and pool and workers are what the flags say", addr)
	case err != nil:
		r.Note = fmt.Sprintf("target %s: %v; pool and workers are what the flags say", addr, err)
	case !IsPool(stats.Pool) || stats.Workers < 1:
		r.Note = fmt.Sprintf("target %s: answers STATS, but with pool %q and %d workers; both are what the flags say", addr, stats.Pool, stats.Workers)
	default:
		r.Tells, r.stats = true, stats
		r.Pool, r.Workers = stats.Pool, stats.Workers
		r.Note = fmt.Sprintf("target %s: version %q, pool and workers as it tells", addr, stats.Version)
	}
	return r
}

// Side describes the server for the configuration lines.
func (r *Remote) Side() ServerSide {
	side := ServerSide{Target: r.Addr}
	if r.stats.Pool == "process" {
		side.WorkerGOMAXPROCS = r.stats.GOMAXPROCS
	} else {
		side.GOMAXPROCS = r.stats.GOMAXPROCS
	}
	return side
}

// ServerSide is what configuration lines say of the server.
type ServerSide struct {
	Target     string // empty for a server of our own
	GOMAXPROCS int    // 0 if it is not known
	// WorkerGOMAXPROCS is that of worker processes; 0 if there can be none.
	WorkerGOMAXPROCS int
	Storage          string // the folder that storages are made in; empty for the temporary disk
	Discard          bool
}
