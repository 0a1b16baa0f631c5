package target

import (
	"context"
	"time"

	"poolbench/bench"
	"poolbench/bench/plan"
	"poolbench/fixtures"
)

// knockTimeout bounds connecting to a server that was gone at the last visit, or each of
// those to come would take as long as an op may.
const knockTimeout = 10 * time.Second

// Remote is a server that somebody else runs.
type Remote struct {
	*bench.Remote
	// Idle is how long nothing may move when a fixture is put there, and how long
	// connecting may take.
	Idle time.Duration

	server Server
}

// Log implements Target.
func (r *Remote) Log() string { return "" }

// Drop implements Target.
func (r *Remote) Drop(bench.Cell) {}

// Close implements Target.
func (r *Remote) Close() error { return nil }

// Server implements Target. It serves for ever.
func (r *Remote) Server(ctx context.Context, cell bench.Cell, _ plan.Lifetime, fixture fixtures.File) (*Server, bench.Failure) {
	s := &r.server
	s.Target = r.Target
	if s.Warmed == nil {
		s.Warmed = map[bench.Op]bool{}
	}
	failed := r.Knock(ctx, min(r.Idle, knockTimeout))
	if failed.Reason == "" && cell.Op == bench.Download {
		var note string
		note, failed = r.Supply(ctx, fixture, r.Idle)
		s.Note(note)
	}
	return s, failed
}
