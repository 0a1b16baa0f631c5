package bench

import "slices"

// Pair is two pools at one point of the matrix, measured in the same rounds.
type Pair struct {
	Cell Cell // whose pool is compared with the base
	Base string
	// BaseSide and PoolSide are what came of either, the one of a cell with the
	// base for its pool. Rounds of one index belong together. A side is empty if
	// the other could not begin.
	BaseSide, PoolSide Result
}

// defaultBase is the pool that others are compared with, if it is measured.
const defaultBase = "thread"

// Base returns the pool that the others are compared with.
func (m Matrix) Base() string {
	if slices.Contains(m.Pools, defaultBase) {
		return defaultBase
	}
	return m.Pools[0]
}

// Pairs returns the cells of the pairs of a run, in their order: at each point the
// base against itself first, which is what the others are held to, then each other
// pool that is selected. A point of which nothing is selected is left out.
func (m Matrix) Pairs(selected func(Cell) bool) []Cell {
	base := m.Base()
	points := m
	points.Pools = []string{base}
	var pairs []Cell
	for _, own := range points.Cells() {
		var others []Cell
		for _, pool := range m.Pools {
			other := own
			other.Pool = pool
			if pool != base && selected(other) {
				others = append(others, other)
			}
		}
		if len(others) > 0 || selected(own) {
			pairs = append(append(pairs, own), others...)
		}
	}
	return pairs
}

// BaseCell is the cell that the pair's is compared with.
func (p Pair) BaseCell() Cell {
	c := p.Cell
	c.Pool = p.Base
	return c
}

// Same reports whether the base is compared with itself.
func (p Pair) Same() bool { return p.Cell.Pool == p.Base }

// Sides returns both sides, the base first.
func (p Pair) Sides() []Result { return []Result{p.BaseSide, p.PoolSide} }

// Rounds returns how many pairs of rounds were done.
func (p Pair) Rounds() int { return max(len(p.BaseSide.Rounds), len(p.PoolSide.Rounds)) }

// Ops counts the ops of both sides.
func (p Pair) Ops() (ok, failed int) {
	for _, side := range p.Sides() {
		good, bad := side.Ops()
		ok, failed = ok+good, failed+bad
	}
	return ok, failed
}

// Makespans returns those of either side, in nanoseconds, of the pairs of rounds
// in which every op of both succeeded.
func (p Pair) Makespans() (base, pool []float64) {
	for i := range min(len(p.BaseSide.Rounds), len(p.PoolSide.Rounds)) {
		b, o := p.BaseSide.Rounds[i], p.PoolSide.Rounds[i]
		if b.Failed()+o.Failed() == 0 {
			base, pool = append(base, float64(b.Makespan)), append(pool, float64(o.Makespan))
		}
	}
	return base, pool
}

// Outcome returns how the pair ended: as failed if it has no pair of rounds that
// could be compared.
func (p Pair) Outcome() Outcome {
	ok, failed := p.Ops()
	whole, _ := p.Makespans()
	switch {
	case ok+failed == 0:
		return Skipped
	case len(whole) == 0:
		return Failed
	case p.BaseSide.Outcome() != OK || p.PoolSide.Outcome() != OK:
		return Partial
	}
	return OK
}

// BaseFirst reports whether the base has the first round of a pair, counted from
// 0: base, pool, pool, base, then the same the other way round, so that what grows
// steadily, as a disk fills or a processor warms up, is shared out evenly.
func BaseFirst(pair int) bool { return pair%4 == 0 || pair%4 == 3 }

// Alternate does so many pairs of rounds, but begins none when more rounds of
// either side are pointless. Both runs have begun, and are ended by the caller.
func Alternate(base, pool *Run, rounds int) {
	for i := range rounds {
		if base.Over() || pool.Over() {
			return
		}
		order := []*Run{base, pool}
		if !BaseFirst(i) {
			slices.Reverse(order)
		}
		for _, run := range order {
			// Also if the cell's time is up between the two: a round without its
			// other half could not be compared.
			run.park()
			run.Fire()
			run.Settle()
		}
	}
}
