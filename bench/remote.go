package bench

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"regexp"

	"poolbench/protocol"
)

// Remote is a server that somebody else runs, with what could be learnt of it.
// It is used from one goroutine.
type Remote struct {
	Target
	Pool    string
	Workers int    // 0 if nobody told
	Note    string // where the figures come from, a line for the reader
	figures protocol.Stats

	supplied map[string]Failure // by the fixture's name; zero if it is there
	doubted  bool
}

// Find asks the server at addr what it is. If it does not tell, or nothing that
// can be believed, pool and workers are what the caller says, and "remote" and 0
// if the caller does not either.
func Find(ctx context.Context, addr, pool string, workers int) *Remote {
	r := &Remote{Target: Target{Addr: addr}, Pool: cmp.Or(pool, "remote"), Workers: workers, supplied: map[string]Failure{}}
	figures, err := r.Figures(ctx)
	switch {
	case errors.Is(err, protocol.ErrUnknownCommand):
		r.Note = fmt.Sprintf("target %s: has no STATS, so the rows have no figures of the server's side, and pool and workers are what the flags say", addr)
	case err != nil:
		r.Note = fmt.Sprintf("target %s: %v; pool and workers are what the flags say", addr, err)
	case !poolName.MatchString(figures.Pool) || figures.Workers < 1:
		r.Note = fmt.Sprintf("target %s: answers STATS, but with pool %q and %d workers; both are what the flags say", addr, figures.Pool, figures.Workers)
	default:
		r.Tells, r.figures = true, figures
		r.Pool, r.Workers = figures.Pool, figures.Workers
		r.Note = fmt.Sprintf("target %s: version %q, pool and workers as it tells", addr, figures.Version)
	}
	return r
}

// poolName is what may stand behind pool= in the name of a row: an ending like
// "-2" would be taken for the number of processors.
var poolName = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_]*$`)

// Side describes the server for the configuration lines.
func (r *Remote) Side() ServerSide {
	side := ServerSide{Target: r.Addr}
	if r.figures.Pool == "process" {
		side.WorkerGOMAXPROCS = r.figures.GOMAXPROCS
	} else {
		side.GOMAXPROCS = r.figures.GOMAXPROCS
	}
	return side
}
