package bench

import "poolbench/bench/stats"

// significant is the p-value, corrected for there being many, up to which a
// difference is taken for one.
const significant = 0.05

// Verdict is what a run shows of a pair, in a word or a few.
type Verdict string

// The verdicts.
const (
	Faster       Verdict = "faster"           // the pool, than the base, beyond the noise floor
	Slower       Verdict = "slower"           // the same
	NoDifference Verdict = "no difference"    // that this run could show
	WithinFloor  Verdict = "within the floor" // a difference, which the base has from itself too
	NoiseFloor   Verdict = "noise floor"      // the base against itself
	TooFew       Verdict = "too few rounds"   // for an interval, or for any difference to be shown among so many pairs
	NoFloor      Verdict = "no noise floor"   // that could be measured at this point
	NotCompared  Verdict = "failed"           // in every pair of rounds an op failed
)

// Compared is a pair with what all pairs of its run say of it.
type Compared struct {
	Pair
	// Comparison is the pool's throughput ÷ the base's, over the pairs of rounds
	// in which every op succeeded. N is 0 if there is none.
	stats.Comparison
	// PHolm is the p-value among those of all pairs, in which the base against
	// itself does not count. It is 1 where there is none.
	PHolm float64
	// least is the least that PHolm could be of so many rounds among so many pairs.
	least float64
	// Floor is the factor by which the base differs from itself at this point: the
	// farther end of that interval from 1, and at least 1. 0 if it is not known.
	Floor float64
}

// Compare compares the pairs of a run, all of them, as each that is compared makes
// another chance difference more likely. others is how many more will be, which a
// difference has to stand up to before they are measured.
func Compare(pairs []Pair, others int) []Compared {
	all := make([]Compared, len(pairs))
	floors := map[Cell]float64{}
	var (
		family []int
		ps     []float64
	)
	for i, p := range pairs {
		all[i] = Compared{Pair: p, PHolm: 1}
		base, pool := p.Makespans()
		comparison, err := stats.Paired(base, pool)
		if err != nil {
			continue // no pair of rounds
		}
		all[i].Comparison = comparison
		if p.Same() {
			floors[p.Cell] = floorOf(comparison)
			continue
		}
		family, ps = append(family, i), append(ps, comparison.P)
	}
	for range others {
		ps = append(ps, 1)
	}
	for i, p := range stats.Holm(ps)[:len(family)] {
		c := &all[family[i]]
		c.PHolm, c.least = p, stats.LeastPaired(c.N)*float64(len(ps))
	}
	for i, p := range pairs {
		all[i].Floor = floors[p.BaseCell()]
	}
	return all
}

func floorOf(c stats.Comparison) float64 {
	if !c.Bounded() {
		return 0
	}
	return max(c.Hi, 1/c.Lo)
}

// Verdict returns what the run shows: a difference only where it is one among all
// that were compared, and larger than the base's from itself.
func (c Compared) Verdict() Verdict {
	switch {
	case c.N == 0:
		return NotCompared
	case !c.Bounded():
		return TooFew
	case c.Same():
		return NoiseFloor
	case c.Floor == 0:
		return NoFloor
	case c.PHolm > significant && c.least > significant:
		return TooFew
	case c.PHolm > significant:
		return NoDifference
	case c.Ratio > c.Floor:
		return Faster
	case c.Ratio < 1/c.Floor:
		return Slower
	}
	return WithinFloor
}

// Metrics returns the numbers of the pair's benchmark line, as Result.Metrics
// does. The times are means over the pairs of rounds that Comparison is of.
func (c Compared) Metrics() []Metric {
	_, failed := c.Ops()
	base, pool := c.Makespans()
	baseMean, _ := stats.Mean(base)
	poolMean, _ := stats.Mean(pool)
	metrics := []Metric{{"ns/op", poolMean}, {"fail/op", float64(failed) / float64(max(1, c.Rounds()))}}
	if c.N == 0 {
		return metrics
	}
	metrics = append(metrics, Metric{"base-ns/op", baseMean}, Metric{"ratio", c.Ratio})
	if c.Bounded() {
		metrics = append(metrics, Metric{"ratio-lo", c.Lo}, Metric{"ratio-hi", c.Hi})
	}
	if !c.Same() {
		metrics = append(metrics, Metric{"p-holm", c.PHolm})
	}
	return metrics
}

// PairUnitLines are UnitLines of what the lines of pairs have beside. A p-value is
// neither better nor worse.
func PairUnitLines() []string {
	return []string{
		"Unit base-ns/op better=lower",
		"Unit ratio better=higher",
		"Unit ratio-lo better=higher",
		"Unit ratio-hi better=higher",
	}
}
