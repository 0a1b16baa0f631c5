package plan

import (
	"slices"

	"poolbench/bench"
)

// turns is what a pass may have, in its order.
type turns struct {
	pass    int // that it is of
	points  []*point
	longest int // stride
}

// next finds the next visit, in the pass under way or one after it. A point is in one
// of as many passes as its stride, so what is in none of the next ones never comes.
func (l *ledger) next(wanted func(bench.Cell) bool) (Visit, bool) {
	if l.pass == 0 {
		l.begin(1)
	}
	for idle := 0; idle <= l.turns.longest && !l.over(); idle++ {
		l.compose()
		if p := l.turn(wanted); p != nil {
			return l.visit(p), true
		}
		l.begin(l.pass + 1)
	}
	return Visit{}, false
}

// compose finds the turns of the pass under way.
func (l *ledger) compose() {
	if l.turns.pass == l.pass {
		return
	}
	l.turns = turns{l.pass, l.inOrder(), l.stride()}
}

// turn returns the point whose turn it is; nil if the pass is over.
func (l *ledger) turn(wanted func(bench.Cell) bool) *point {
	behind := 0 // the last point that has begun; what was left out before it stays out
	for i, p := range l.turns.points {
		if p.begun {
			behind = i
		}
	}
	for i, p := range l.turns.points {
		switch {
		case p.whole():
		case p.begun, l.hasAll():
			return p
		case i >= behind && p.due(l.Seed, l.pass) && l.fits(p) && (wanted == nil || wanted(p.Cell)):
			return p
		}
	}
	return nil
}

// over reports whether the pass under way is behind the last.
func (l *ledger) over() bool { return l.Passes > 0 && l.pass > l.Passes }

// hasAll reports whether the pass under way has every point.
func (l *ledger) hasAll() bool { return l.pass == 1 || l.Passes > 0 }

// visit is the next visit to a point.
func (l *ledger) visit(p *point) Visit {
	order := p.order(l.Seed)
	v := Visit{Pass: l.pass, Lifetime: l.lifetime(p)}
	for _, pool := range order {
		v.Mates = append(v.Mates, p.pools[pool])
	}
	v.Cell = v.Mates[slices.IndexFunc(order, func(pool int) bool { return !p.visited[pool] })]
	return v
}

// lifetime is that of the servers of a point.
func (l *ledger) lifetime(p *point) Lifetime {
	if p.Workers != 1 {
		return Lifetime{Pass: l.pass}
	}
	type block struct {
		op      bench.Op
		clients int
	}
	before := map[block]bool{}
	for _, other := range l.points {
		if byBlock(other, p) < 0 {
			before[block{other.Op, other.Clients}] = true
		}
	}
	return Lifetime{l.pass, 1 + len(before)}
}
