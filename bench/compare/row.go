package compare

import (
	"math"
	"slices"

	"poolbench/bench/stats"
)

// Word is what a row comes to.
type Word string

// The words.
const (
	Better  Word = "better"
	Worse   Word = "worse"
	Higher  Word = "higher"  // of a unit of which nobody said which way it is better
	Lower   Word = "lower"   // the same
	Unshown Word = "~"       // no difference that these values can show
	TooFew  Word = "too few" // values, for any difference to be shown
	Equal   Word = "equal"   // every value of both sides is the same
)

// Row is one unit of one cell on both sides.
type Row struct {
	Cell, Unit string
	// Better is +1 if more is better, -1 if less is, and 0 if nobody said.
	Better    int
	Base, New stats.Center
	// Change is New ÷ Base. It is zero if a value is not positive, for which there is
	// no ratio, and if all values are the same.
	Change stats.Comparison
	P      float64
	Holm   float64 // P, corrected; 1 if all values are the same, which is no test
	Word   Word

	means [2]float64 // of Base and New
	minP  float64    // that P can be of so many values
}

// newRow compares the values of both sides, of which each has one at least.
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
	compare, test := stats.Unpaired, stats.RankSum
	row.minP = stats.MinUnpairedP(len(before), len(after))
	if paired {
		compare, test, row.minP = stats.Paired, stats.SignedRank, stats.MinPairedP(len(before))
	}
	all := slices.Concat(before, after)
	switch least, most := slices.Min(all), slices.Max(all); {
	case least == most:
		row.Word = Equal
	case least > 0:
		row.Change, err = compare(after, before)
		row.P = row.Change.P
	default:
		row.P, err = test(after, before)
	}
	return row, err
}

// Ratio returns by what factor the row has changed, and false if its values have no
// ratio. That of values that are all the same is 1.
func (r Row) Ratio() (float64, bool) {
	if r.Word == Equal {
		return 1, true
	}
	return r.Change.Ratio, r.Change.N > 0
}

// slowdown is by what factor the row has got worse: how much longer the same work
// takes, of a rate too. Where there is no ratio it is of the means, which may be
// infinite.
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

// word is what the row comes to among so many that were tested.
func (r Row) word(tested int) Word {
	if r.Holm > alpha {
		if r.minP*float64(tested) > alpha {
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
