package plan

import (
	"slices"
	"time"

	"poolbench/bench"
	"poolbench/fixtures"
)

// maxVisits bounds the simulation of a budget. Hours hold millions of short visits, and
// their course is clear long before.
const maxVisits = 100_000

// Estimate says what a run will take, judged by a short transfer.
type Estimate struct {
	Cells, Points int
	Pass          time.Duration // the first pass, with every cell
	// Passes is the approximate number of passes: half of the points have at least this
	// many visits.
	Passes  int
	Total   time.Duration
	Wire    int64 // bytes on the wire
	Storage int64 // peak bytes of stored uploads
}

// Estimate simulates the schedule from its beginning, as if all points stayed wanted. rates
// are wire bytes per second by op; an op without a rate takes no time. fixed is the time of
// a visit apart from its transfers.
func (s *Schedule) Estimate(rates map[bench.Op]float64, fixed time.Duration) Estimate {
	l := s.ledger()
	e := Estimate{Cells: len(l.places), Points: len(l.points)}
	n := 0
	visit, more := l.next(nil)
	for ; more && (n < maxVisits || l.hasAll()); visit, more = l.next(nil) {
		result, rounds := s.simulated(visit, rates, fixed)
		l.add(&result)
		e.take(result, rounds)
		n++
	}
	e.Passes = l.medianVisits()
	if more {
		e.extend(s.Budget)
	}
	return e
}

// simulated returns the result of a visit. It takes at least a millisecond; otherwise free
// visits would fit into a budget forever.
func (s *Schedule) simulated(v Visit, rates map[bench.Op]float64, fixed time.Duration) (r bench.Result, rounds int) {
	r, rounds = bench.Result{Cell: v.Cell, Pass: v.Pass, Took: fixed}, 1
	if round := roundTime(v.Cell, rates); round > 0 {
		rounds = s.rounds(round)
		r.Took += round * time.Duration(rounds)
	}
	r.Took = max(r.Took, time.Millisecond)
	return r, rounds
}

// Late returns how many cells have rounds that take longer than limit at these rates, and the
// one whose rounds take longest, with their time.
func Late(cells []bench.Cell, rates map[bench.Op]float64, limit time.Duration) (late int, worst bench.Cell, longest time.Duration) {
	for _, c := range cells {
		took := roundTime(c, rates)
		if took > limit {
			late++
		}
		if took > longest {
			worst, longest = c, took
		}
	}
	return late, worst, longest
}

// roundTime returns the time of a round at these rates; 0 if its rate is unknown.
func roundTime(c bench.Cell, rates map[bench.Op]float64) time.Duration {
	if rates[c.Op] <= 0 {
		return 0
	}
	return time.Duration(float64(wire(c)) / rates[c.Op] * float64(time.Second))
}

// rounds returns how many rounds of this length a visit has.
func (s *Schedule) rounds(round time.Duration) int {
	return min(MaxRounds, max(1, int((s.Visit+round-1)/max(round, 1))))
}

// wire returns the wire bytes of one round of a cell.
func wire(c bench.Cell) int64 {
	return int64(c.Clients) * fixtures.Spec{Size: c.Volume}.TextSize()
}

// take adds a result.
func (e *Estimate) take(r bench.Result, rounds int) {
	e.Total += r.Took
	e.Wire += int64(rounds) * wire(r.Cell)
	if r.Pass == 1 {
		e.Pass += r.Took
	}
	if r.Cell.Op == bench.Upload {
		e.Storage = max(e.Storage, int64(r.Cell.Clients)*int64(r.Cell.Volume))
	}
}

// extend scales the estimate up to a budget that the simulation did not use up.
func (e *Estimate) extend(budget time.Duration) {
	more := float64(budget) / float64(e.Total)
	e.Passes, e.Wire = int(float64(e.Passes)*more), int64(float64(e.Wire)*more)
	e.Total = budget
}

// medianVisits returns the number of visits that half of the points have at least, in the
// passes before the current one.
func (l *ledger) medianVisits() int {
	var visits []int
	for _, p := range l.points {
		visits = append(visits, p.visits)
	}
	slices.Sort(visits)
	if len(visits) == 0 {
		return 0
	}
	return visits[len(visits)/2]
}
