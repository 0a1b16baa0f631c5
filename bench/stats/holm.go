package stats

import (
	"slices"

	"gonum.org/v1/gonum/floats"
)

// Holm returns p-values adjusted for the size of their family, in the order of ps, which
// must be in [0, 1]. Whoever claims an effect for those up to α makes any false claim in
// the family with a probability of at most α, however the tests depend on each other (S.
// Holm, A Simple Sequentially Rejective Multiple Test Procedure, Scandinavian Journal of
// Statistics 6, 1979). The i-th smallest of m is multiplied by m-i+1; the result is never
// below that of a smaller one, nor above 1.
//
// The family must be all cells that were compared, not only interesting ones. The smallest
// p-value of n rounds, 2·2⁻ⁿ, is multiplied too: of 54 cells with ten rounds each none gets
// below 0.05, however large the difference, since 54·2/1024 is 0.105. Twelve rounds are
// enough.
func Holm(ps []float64) []float64 {
	sorted, order := slices.Clone(ps), make([]int, len(ps))
	floats.Argsort(sorted, order)
	adjusted := make([]float64, len(ps))
	lower := 0.0
	for i, p := range sorted {
		lower = max(lower, min(1, p*float64(len(ps)-i)))
		adjusted[order[i]] = lower
	}
	return adjusted
}
