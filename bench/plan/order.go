package plan

import (
	"cmp"
	"hash/fnv"
	"io"
	"math/rand/v2"
	"slices"
)

// inOrder returns all points in the order of the pass under way: block by block, and
// drawn from seed and pass within a block.
func (l *ledger) inOrder() []*point {
	points := slices.Clone(l.points)
	random := rand.New(rand.NewPCG(l.Seed, uint64(l.pass)))
	random.Shuffle(len(points), func(i, j int) { points[i], points[j] = points[j], points[i] })
	slices.SortStableFunc(points, byBlock)
	return points
}

// byBlock orders points by what a server keeps of them, the least first: it needs next
// to no memory for a download, and for uploads the more, the more come at once.
func byBlock(a, b *point) int {
	return cmp.Or(cmp.Compare(a.Op, b.Op), cmp.Compare(a.Clients, b.Clients)) // download before upload
}

// lot is what is drawn for a point once.
type lot struct {
	first []int   // the pools, in the order of the point's first visit
	phase float64 // in [0, 1): where in its stride the point begins
}

// draw draws a point's lot from seed and point, when it is asked for: most points of a
// pass are not asked.
func (p *point) draw(seed uint64) lot {
	if p.lot.first == nil {
		name := fnv.New64a()
		io.WriteString(name, p.String())
		random := rand.New(rand.NewPCG(seed, name.Sum64()))
		p.lot = lot{phase: random.Float64(), first: random.Perm(len(p.pools))}
	}
	return p.lot
}

// order returns the pools in the order of the point's visit in the pass under way.
func (p *point) order(seed uint64) []int {
	order := slices.Clone(p.draw(seed).first)
	if turn := p.visits % 4; turn == 1 || turn == 2 {
		slices.Reverse(order)
	}
	return order
}
