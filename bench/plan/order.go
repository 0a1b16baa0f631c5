package plan

import (
	"cmp"
	"hash/fnv"
	"io"
	"math/rand/v2"
	"slices"
)

// inOrder returns all points in the order of the current pass: block by block, and within a
// block in an order drawn from seed and pass.
func (l *ledger) inOrder() []*point {
	points := slices.Clone(l.points)
	random := rand.New(rand.NewPCG(l.Seed, uint64(l.pass)))
	random.Shuffle(len(points), func(i, j int) { points[i], points[j] = points[j], points[i] })
	slices.SortStableFunc(points, byBlock)
	return points
}

// byBlock orders points by how much memory a server keeps afterwards, least first: next to
// none for downloads, and for uploads more with more clients.
func byBlock(a, b *point) int {
	return cmp.Or(cmp.Compare(a.Op, b.Op), cmp.Compare(a.Clients, b.Clients)) // download before upload
}

// lot is what is drawn once for a point.
type lot struct {
	first []int   // the pools, in the order of the point's first visit
	phase float64 // in [0, 1): where within its stride the point begins
}

// draw draws the point's lot from seed and point on first use: most points of a pass never
// need it.
func (p *point) draw(seed uint64) lot {
	if p.lot.first == nil {
		name := fnv.New64a()
		io.WriteString(name, p.String())
		random := rand.New(rand.NewPCG(seed, name.Sum64()))
		p.lot = lot{phase: random.Float64(), first: random.Perm(len(p.pools))}
	}
	return p.lot
}

// order returns the pools in the order in which the current pass visits them.
func (p *point) order(seed uint64) []int {
	order := slices.Clone(p.draw(seed).first)
	if turn := p.visits % 4; turn == 1 || turn == 2 {
		slices.Reverse(order)
	}
	return order
}
