package plan

import (
	"time"

	"poolbench/bench"
)

// MaxRounds bounds the rounds of a visit.
const MaxRounds = 10

// Schedule says what is visited next. Its methods are pure functions.
type Schedule struct {
	Cells  []bench.Cell // planned, in the order of the plan
	Seed   uint64
	Passes int           // fixed number of passes; 0 if Budget decides
	Budget time.Duration // total time of the visits
	Visit  time.Duration // least total time of a visit's rounds; for Estimate only
	// Fresh is how many results, counted from the first, come from the runs that this one
	// resumes. A point that they left without one of its pools counts as not visited in
	// that pass.
	Fresh int
}

// Visit is one planned stay at a cell.
type Visit struct {
	Cell bench.Cell
	Pass int // from 1
	// Lifetime identifies the server, together with the cell's pool and workers: visits
	// with equal ones share a server, and a new one needs a fresh server.
	Lifetime Lifetime
	// Mates are the cells of all pools of the point, this one included, in the order in
	// which this pass visits them. Their servers can be made ready before the first is
	// measured.
	Mates []bench.Cell
}

// Lifetime says how long a server lives: for a pass if Block is 0, otherwise for the pass's
// block with that number, from 1. A block has one op and one number of clients.
type Lifetime struct{ Pass, Block int }

// Next returns the visit after the results so far, which must be in order, and false at the
// end. Each visit must become a result; otherwise Next returns it again. Results of cells
// that are not planned count for the budget only.
//
// wanted reports whether a point still contributes to an answer that is not precise enough;
// nil wants every point. It is called when a point's turn comes, but not in the first pass
// or with a fixed number of passes.
func (s *Schedule) Next(done []bench.Result, wanted func(point bench.Cell) bool) (Visit, bool) {
	return s.read(done).next(wanted)
}

// Course is a schedule in progress, for repeated calls: it reads each result once.
type Course struct{ ledger *ledger }

// Course returns a course that continues after the results so far.
func (s *Schedule) Course(done []bench.Result) *Course { return &Course{s.read(done)} }

// Next is as [Schedule.Next].
func (c *Course) Next(wanted func(point bench.Cell) bool) (Visit, bool) { return c.ledger.next(wanted) }

// Add adds the result of the last visit.
func (c *Course) Add(r bench.Result) { c.ledger.add(&r) }

// Whole returns how many passes are whole, with nothing left to visit; 0 before the first
// is.
//
// wanted decides as in Next what the current pass still lacks. If it wants nothing, as
// after the end of a run, the pass is whole once every point that has begun has all its
// pools. If it is nil, the pass is whole only when no other point fits.
func (s *Schedule) Whole(done []bench.Result, wanted func(point bench.Cell) bool) int {
	l := s.read(done)
	last := l.pass
	if visit, more := l.next(wanted); more {
		return min(last, visit.Pass-1)
	}
	return last
}

// Spent returns the total time of visits.
func Spent(done []bench.Result) time.Duration {
	var sum time.Duration
	for i := range done {
		sum += done[i].Took
	}
	return sum
}
