package plan

import (
	"slices"
	"time"

	"poolbench/bench"
)

// ledger is what a schedule needs to know about the results so far. Results are added in
// order, so their passes never decrease.
type ledger struct {
	*Schedule
	points []*point // in the order of the plan
	places map[bench.Cell]place
	spent  time.Duration
	pass   int // the current one; 0 before the first
	turns  turns
}

// place is the position of a cell: its point, and the index of its pool there.
type place struct {
	point *point
	pool  int
}

// point is a point and its results so far.
type point struct {
	bench.Cell
	pools []bench.Cell // planned, in the order of the plan
	lot   lot

	// Over the earlier passes in which all its pools were visited.
	visits int
	took   time.Duration

	stride int // from the second pass on, passes per visit

	// In the current pass.
	begun   bool
	visited []bool          // by pool
	times   []time.Duration // by pool
}

// read makes a ledger of the results so far, each read once.
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

// ledger makes a ledger without results.
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

// add adds a result. It replaces an earlier one of the same cell and pass.
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

// begin makes pass the current one.
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

// interrupt marks where the resumed run ended: a point without all its pools starts over.
func (l *ledger) interrupt() {
	for _, p := range l.points {
		if !p.whole() {
			clear(p.visited)
		}
	}
}

// whole reports whether all pools have been visited in the current pass.
func (p *point) whole() bool { return !slices.Contains(p.visited, false) }
