package target

import (
	"context"
	"slices"

	"poolbench/bench"
	"poolbench/bench/measure"
	"poolbench/bench/plan"
	"poolbench/fixtures"
)

// Target hands out servers. It is used from one goroutine.
type Target interface {
	// Server returns the server for a visit to a cell, which has the fixture if the
	// cell downloads it, or whose fault it is that there is none.
	Server(ctx context.Context, cell bench.Cell, life plan.Lifetime, fixture fixtures.File) (*Server, bench.Failure)
	// Heed takes note of what came of a visit.
	Heed(result bench.Result)
	// Drop ends the server of a cell, so that the next visit has a fresh one. One of
	// somebody else's stays.
	Drop(cell bench.Cell)
	// Side describes the servers.
	Side() Side
	// Log is the file that the servers log to, which need not be there; empty if they
	// are somebody else's.
	Log() string
	// Close ends all servers.
	Close() error
}

// Side is what is the same for all servers of a run.
type Side struct {
	Target     string // address of somebody else's server; empty for our own
	GOMAXPROCS int    // 0 if it is not known
	// WorkerGOMAXPROCS is that of worker processes; 0 if there can be none.
	WorkerGOMAXPROCS int
	Storage          string // folder in which storages are made; empty for the temporary disk
	Discard          bool
}

// Server is one that can be visited.
type Server struct {
	measure.Target
	Number int          // in the order of starting, from 1; 0 for somebody else's
	Reset  func() error // empties its storage; nil if that is not ours
	// Warmed are the ops that it has done without being measured, and WarmUpFailed how
	// many of these failed that no visit has told of yet. Both are the session's.
	Warmed       map[bench.Op]bool
	WarmUpFailed int

	notes []string
}

// Note keeps what a reader should know of the server, once.
func (s *Server) Note(text string) {
	if text != "" && !slices.Contains(s.notes, text) {
		s.notes = append(s.notes, text)
	}
}

// Notes returns what a reader should know of the server since the last call.
func (s *Server) Notes() []string {
	notes := s.notes
	s.notes = nil
	return notes
}
