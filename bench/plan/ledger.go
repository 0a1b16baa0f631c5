package plan

import (
	"slices"
	"time"

	"poolbench/bench"
)

// ledger is what a schedule has to know of what is done. Results are added to it in
// their order, so passes never go down.
type ledger struct {
	*Schedule
	points []*point // in the order of the plan
	places map[bench.Cell]place
	spent  time.Duration
	pass   int // under way; 0 before the first
	turns  turns
}

// place is where a cell has its place.
type place struct {
	point *point
	pool  int
}

// point is a point with what is done of it.
type point struct {
	bench.Cell
	pools []bench.Cell // planned, in the order of the plan
	lot   lot

	// Of the passes before the one under way in which it has all its pools.
	visits int
	took   time.Duration

	stride int // it is in one of as many passes, from the second on

	// Of the pass under way.
	begun   bool
	visited []bool          // by pool
	times   []time.Duration // by pool
}

// read makes a ledger of what is done. It looks at each result once.
func (s *Schedule) read(done []bench.Result) *ledger {
	l := s.ledger()
	fresh := min(s.Fresh, len(done))
	for i := range done[:fresh] {
		l.add(&done[i])
	}
	l.interrupt()
	for i := range done[fresh:] {
		l.add(&done[fresh+i])
	}
	return l
}

// ledger makes one in which nothing is done.
func (s *Schedule) ledger() *ledger {
	l := &ledger{Schedule: s, places: make(map[bench.Cell]place, len(s.Cells))}
	points := map[bench.Cell]*point{}
	for _, cell := range s.Cells {
		if _, twice := l.places[cell]; twice {
			continue
		}
		key := cell
		key.Pool = ""
		p := points[key]
		if p == nil {
			p = &point{Cell: key}
			points[key] = p
			l.points = append(l.points, p)
		}
		l.places[cell] = place{p, len(p.pools)}
		p.pools = append(p.pools, cell)
	}
	for _, p := range l.points {
		p.visited, p.times = make([]bool, len(p.pools)), make([]time.Duration, len(p.pools))
	}
	return l
}

// add takes what came of a visit. One that was done before in the pass is replaced.
func (l *ledger) add(r *bench.Result) {
	l.spent += r.Took
	at, planned := l.places[r.Cell]
	if !planned || r.Pass < max(l.pass, 1) {
		return
	}
	if r.Pass > l.pass {
		l.begin(r.Pass)
	}
	p := at.point
	p.begun, p.visited[at.pool], p.times[at.pool] = true, true, r.Took
}

// begin makes a pass the one under way.
func (l *ledger) begin(pass int) {
	l.pass = pass
	for _, p := range l.points {
		if p.whole() {
			p.visits++
			for _, took := range p.times {
				p.took += took
			}
		}
		p.begun = false
		clear(p.visited)
	}
}

// interrupt is the end of a run in the middle of what it did.
func (l *ledger) interrupt() {
	for _, p := range l.points {
		if !p.whole() {
			clear(p.visited)
		}
	}
}

// whole reports whether all pools have been visited in the pass under way.
func (p *point) whole() bool { return !slices.Contains(p.visited, false) }
