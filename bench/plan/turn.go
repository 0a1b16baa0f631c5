package plan

import (
	"slices"

	"poolbench/bench"
)

// turns are the points that a pass may have, in order.
type turns struct {
	pass    int // whose turns these are
	points  []*point
	longest int // largest stride
}

// next returns the next visit, in the current pass or a later one. A point is due once per
// stride, so if none of the next passes up to the largest stride has one, none ever will.
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

// compose finds the turns of the current pass.
func (l *ledger) compose() {
	if l.turns.pass == l.pass {
		return
	}
	l.turns = turns{l.pass, l.inOrder(), l.stride()}
}

// turn returns the point whose turn it is; nil if the pass is over.
func (l *ledger) turn(wanted func(bench.Cell) bool) *point {
	last := 0 // index of the last point that has begun; points skipped before it stay out
	for i, p := range l.turns.points {
		if p.begun {
			last = i
		}
	}
	for i, p := range l.turns.points {
		switch {
		case p.whole():
		case p.begun, l.hasAll():
			return p
		case i >= last && p.due(l.Seed, l.pass) && l.fits(p) && (wanted == nil || wanted(p.Cell)):
			return p
		}
	}
	return nil
}

// over reports whether the last pass is done.
func (l *ledger) over() bool { return l.Passes > 0 && l.pass > l.Passes }

// hasAll reports whether the current pass has every point.
func (l *ledger) hasAll() bool { return l.pass == 1 || l.Passes > 0 }

// visit returns the next visit to a point.
func (l *ledger) visit(p *point) Visit {
	order := p.order(l.Seed)
	v := Visit{Pass: l.pass, Lifetime: l.lifetime(p)}
	for _, pool := range order {
		v.Mates = append(v.Mates, p.pools[pool])
	}
	v.Cell = v.Mates[slices.IndexFunc(order, func(pool int) bool { return !p.visited[pool] })]
	return v
}

// lifetime returns the lifetime of a point's servers.
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
