package stats

import (
	"slices"

	"gonum.org/v1/gonum/floats"
)

// Holm returns the p-values of a family adjusted for its size, in the order of
// ps, which are in [0, 1]: whoever takes those of at most α for an effect is wrong
// about any of the family with a probability of at most α, however the tests depend
// on each other (S. Holm, A Simple Sequentially Rejective Multiple Test Procedure,
// Scandinavian Journal of Statistics 6, 1979). The i-th smallest of m is multiplied
// by m-i+1, is at least what a smaller one became, and at most 1.
//
// The family is every cell that was compared, not those that look interesting. The
// least that n rounds can reach, 2·2⁻ⁿ, is multiplied too: of 54 cells with ten
// rounds each none is below 0.05 afterwards, be the difference what it may, as
// 54·2/1024 is 0.105. Twelve are enough.
func Holm(ps []float64) []float64 {
	sorted, order := slices.Clone(ps), make([]int, len(ps))
	floats.Argsort(sorted, order)
	adjusted := make([]float64, len(ps))
	least := 0.0
	for i, p := range sorted {
		least = max(least, min(1, p*float64(len(ps)-i)))
		adjusted[order[i]] = least
	}
	return adjusted
}
