package target

import (
	"context"
	"slices"
	"time"

	"poolbench/bench"
	"poolbench/bench/measure"
	"poolbench/bench/plan"
	"poolbench/fixtures"
)

// Target hands out servers. It is used from one goroutine.
type Target interface {
	// Server returns the server for a visit to a cell, or why there is none. If the cell is
	// a download, the server has the fixture.
	Server(ctx context.Context, cell bench.Cell, life plan.Lifetime, fixture fixtures.File) (*Server, bench.Failure)
	// Observe takes note of the result of a visit.
	Observe(result bench.Result)
	// Drop ends the server of a cell, so that the next visit gets a fresh one. A remote
	// server stays.
	Drop(cell bench.Cell)
	// Side describes the servers of the run.
	Side() Side
	// Logs returns the paths of the servers' logs, which need not exist. A remote server has
	// none.
	Logs() []string
	// Close ends all servers of our own.
	Close() error
}

// Side is what all servers of a run have in common.
type Side struct {
	Target     string // address of a remote server; empty for our own
	GOMAXPROCS int    // 0 if unknown
	// WorkerGOMAXPROCS is that of each worker process; 0 if there are none.
	WorkerGOMAXPROCS int
	Storage          string // folder in which storages are made; empty means the temporary folder
	Discard          bool
}

// Server is a server that can be visited.
type Server struct {
	measure.Target
	Number int          // in the order of their start, from 1; 0 for a remote server
	Reset  func() error // empties its storage; nil if it is not ours
	// Warmed holds the ops that it has been warmed up with. WarmUpFailed counts their
	// failures that no result includes yet. The session maintains both.
	Warmed       map[bench.Op]bool
	WarmUpFailed int
	// Waited is how long a remote server was waited for, since the session last took note.
	Waited time.Duration

	notes []string
}

// Note keeps a note for the reader. Empty notes and repetitions are dropped.
func (s *Server) Note(text string) {
	if text != "" && !slices.Contains(s.notes, text) {
		s.notes = append(s.notes, text)
	}
}

// Notes returns the notes since the last call.
func (s *Server) Notes() []string {
	notes := s.notes
	s.notes = nil
	return notes
}
