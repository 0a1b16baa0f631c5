package plan

import (
	"time"

	"poolbench/bench"
)

// MostRounds is how many rounds a visit has at most.
const MostRounds = 10

// Schedule says what is visited next. Its methods are pure.
type Schedule struct {
	Cells  []bench.Cell // planned, in the order of the plan
	Seed   uint64
	Passes int           // fixed number of passes; 0 if Budget decides
	Budget time.Duration // what the visits may take together
	Visit  time.Duration // what the rounds of one take at least; for Estimate alone
	// Fresh is how many of the results that are done, from the first on, are of the
	// runs that this one resumes. A point that they leave without one of its pools
	// counts as not visited in that pass.
	Fresh int
}

// Visit is one stay at a cell.
type Visit struct {
	Cell bench.Cell
	Pass int // from 1
	// Lifetime names the server that is to be visited, together with the cell's pool
	// and workers: visits with an equal one share a server, and a new one wants a fresh
	// server.
	Lifetime Lifetime
	// Mates are the visit's cell and those of the other pools, in the order in which
	// this pass visits them: their servers can be ready before the first is measured.
	Mates []bench.Cell
}

// Lifetime is how long a server lives: a pass, if Block is 0, or the part of it that
// has one op and one number of clients, numbered from 1.
type Lifetime struct{ Pass, Block int }

// Next returns the visit after those that are done, which are in their order, and
// false at the end. Each visit has to become a result, or it is next again. What is
// not planned counts for the budget alone.
//
// wanted reports whether a point still adds to an answer that is not precise enough;
// nil is all. It is asked when a point's turn comes. The first pass and a fixed number
// of passes do not ask.
func (s *Schedule) Next(done []bench.Result, wanted func(point bench.Cell) bool) (Visit, bool) {
	return s.read(done).next(wanted)
}

// Course is a schedule under way, for who asks it often: each result is looked at once.
type Course struct{ ledger *ledger }

// Course begins behind what is done.
func (s *Schedule) Course(done []bench.Result) *Course { return &Course{s.read(done)} }

// Next is that of Schedule.
func (c *Course) Next(wanted func(point bench.Cell) bool) (Visit, bool) { return c.ledger.next(wanted) }

// Add takes what came of a visit.
func (c *Course) Add(r bench.Result) { c.ledger.add(&r) }

// Whole returns how many passes are whole: nothing of them is to be visited any more.
// It is 0 before the first is.
//
// Of the pass under way, wanted says as in Next what is still to come. If it wants
// nothing, as of a run that has ended, the pass is whole as soon as each point that it
// has begun has all its pools; if it is nil, only when no other point would fit.
func (s *Schedule) Whole(done []bench.Result, wanted func(point bench.Cell) bool) int {
	l := s.read(done)
	last := l.pass
	if visit, more := l.next(wanted); more {
		return min(last, visit.Pass-1)
	}
	return last
}

// Spent returns the time of visits together.
func Spent(done []bench.Result) time.Duration {
	var sum time.Duration
	for i := range done {
		sum += done[i].Took
	}
	return sum
}
