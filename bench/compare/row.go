package compare

import (
	"math"
	"slices"

	"poolbench/bench/stats"
)

// Word is the conclusion of a row.
type Word string

// The words.
const (
	Better  Word = "better"
	Worse   Word = "worse"
	Higher  Word = "higher"  // of a unit whose better direction is unknown
	Lower   Word = "lower"   // likewise
	Unshown Word = "~"       // no difference that these values can show
	TooFew  Word = "too few" // values to show any difference
	Equal   Word = "equal"   // all values of both sides are the same
)

// Row compares one unit of one cell.
type Row struct {
	Cell, Unit string
	// Better is +1 if more is better, -1 if less is, and 0 if unknown.
	Better    int
	Base, New stats.Center
	// Change is New ÷ Base. It is zero if all values are the same, or if one is not
	// positive, so that there is no ratio.
	Change stats.Comparison
	P      float64
	Holm   float64 // P, corrected; 1 without a test, if all values are the same
	Word   Word

	means [2]float64 // of Base and New
	minP  float64    // smallest P that this many values can have
}

// newRow compares the values of both sides, at least one each.
func newRow(before, after []float64, paired bool) (row Row, err error) {
	row = Row{P: 1, Holm: 1}
	if row.Base, err = stats.Median(before); err != nil {
		return row, err
	}
	if row.New, err = stats.Median(after); err != nil {
		return row, err
	}
	row.means[0], _ = stats.Mean(before)
	row.means[1], _ = stats.Mean(after)
	row.minP = minP(len(before), len(after), paired)
	compare, test := stats.Unpaired, stats.RankSum
	if paired {
		compare, test = stats.Paired, stats.SignedRank
	}
	all := slices.Concat(before, after)
	switch smallest, largest := slices.Min(all), slices.Max(all); {
	case smallest == largest:
		row.Word = Equal
	case smallest > 0:
		row.Change, err = compare(after, before)
		row.P = row.Change.P
	default:
		row.P, err = test(after, before)
	}
	return row, err
}

// minP returns the smallest p-value that n values in BASE and m in NEW can have.
func minP(n, m int, paired bool) float64 {
	if paired {
		return stats.MinPairedP(n)
	}
	return stats.MinUnpairedP(n, m)
}

// Ratio returns the factor of the change, and false if the values have no ratio. It is 1 if
// all values are the same.
func (r Row) Ratio() (float64, bool) {
	if r.Word == Equal {
		return 1, true
	}
	return r.Change.Ratio, r.Change.N > 0
}

// slowdown returns the factor by which the row got worse: how much longer the same work
// takes, also for a rate. Without a ratio it is that of the means, which may be infinite.
func (r Row) slowdown() float64 {
	ratio, ok := r.Ratio()
	if !ok {
		ratio = r.means[1] / r.means[0]
	}
	if r.Better > 0 {
		return 1 / ratio
	}
	return ratio
}

// word returns the conclusion of the row, one of tested rows, whose difference is claimed
// or not.
func (r Row) word(claimed bool, tested int) Word {
	if !claimed {
		if !stats.Claimable(r.minP, tested, stats.Alpha) {
			return TooFew
		}
		return Unshown
	}
	change := r.means[1] - r.means[0]
	if ratio, ok := r.Ratio(); ok {
		change = math.Log(ratio)
	}
	switch up := change > 0; {
	case change == 0:
		return Unshown
	case r.Better == 0 && up:
		return Higher
	case r.Better == 0:
		return Lower
	case up == (r.Better > 0):
		return Better
	}
	return Worse
}
