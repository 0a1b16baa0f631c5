package plan

import (
	"slices"
	"time"

	"poolbench/bench"
	"poolbench/fixtures"
)

// mostVisits bounds what is played of a budget. Hours hold millions of short visits, and
// how they go on is known long before.
const mostVisits = 100_000

// Estimate is what a run will take, from the rate of a short transfer.
type Estimate struct {
	Cells, Points int
	Pass          time.Duration // the first, which has every cell
	// Passes is about how many there are: half of the points have at least as many
	// visits.
	Passes  int
	Total   time.Duration
	Wire    int64 // bytes through the sockets
	Storage int64 // bytes that uploads leave, the most at a time
}

// Estimate plays the schedule from its beginning, as if all points stayed wanted. Rates
// are wire bytes per second by op; an op without one is taken to be done at once. Fixed
// is the time of a visit besides its bytes.
func (s *Schedule) Estimate(rates map[bench.Op]float64, fixed time.Duration) Estimate {
	l := s.ledger()
	e := Estimate{Cells: len(l.places), Points: len(l.points)}
	n := 0
	visit, more := l.next(nil)
	for ; more && (n < mostVisits || l.hasAll()); visit, more = l.next(nil) {
		result, rounds := s.madeUp(visit, rates, fixed)
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

// madeUp is what comes of a visit. None is shorter than a millisecond, or one that
// costs nothing would fit for ever.
func (s *Schedule) madeUp(v Visit, rates map[bench.Op]float64, fixed time.Duration) (r bench.Result, rounds int) {
	r, rounds = bench.Result{Cell: v.Cell, Pass: v.Pass, Took: fixed}, 1
	if rate := rates[v.Cell.Op]; rate > 0 {
		round := time.Duration(float64(wire(v.Cell)) / rate * float64(time.Second))
		rounds = s.rounds(round)
		r.Took += round * time.Duration(rounds)
	}
	r.Took = max(r.Took, time.Millisecond)
	return r, rounds
}

// rounds is how many of so long a visit has.
func (s *Schedule) rounds(round time.Duration) int {
	return min(MostRounds, max(1, int((s.Visit+round-1)/max(round, 1))))
}

// wire is the bytes of a round of a cell.
func wire(c bench.Cell) int64 {
	return int64(c.Clients) * fixtures.Spec{Size: c.Volume}.TextSize()
}

// take counts what came of a visit.
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

// extend makes it last as long as a budget that is not used up.
func (e *Estimate) extend(budget time.Duration) {
	more := float64(budget) / float64(e.Total)
	e.Passes, e.Wire = int(float64(e.Passes)*more), int64(float64(e.Wire)*more)
	e.Total = budget
}

// medianVisits is how many visits half of the points have at least, in the passes
// before the one under way.
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
