package stats

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/stat/combin"
)

// Confidence is the smallest confidence level of any interval.
const Confidence = 0.95

// Alpha is the significance level: the largest probability of any false claim in a family
// of tests.
const Alpha = 1 - Confidence

// Claim is the decision about one p-value of a family.
type Claim struct {
	P    float64 // adjusted for the size of the family
	Made bool    // P is at most the family's level
}

// Holm decides which effects to claim, given the p-values of a whole family of tests and
// the level of the family. The probability of any false claim is at most level, however
// the tests depend on each other (S. Holm, A Simple Sequentially Rejective Multiple Test
// Procedure, Scandinavian Journal of Statistics 6, 1979).
//
// The claims are in the order of ps, which must be in [0, 1]. The i-th smallest of m is
// multiplied by m-i+1; the result is never below that of a smaller one, nor above 1.
//
// The family must be all cells that were compared, not only interesting ones. The smallest
// p-value that a cell can have is multiplied too, so few rounds may suffice for one cell
// but not for many: see [Claimable].
func Holm(ps []float64, level float64) []Claim {
	sorted, order := slices.Clone(ps), make([]int, len(ps))
	floats.Argsort(sorted, order)
	claims := make([]Claim, len(ps))
	lower := 0.0
	for i, p := range sorted {
		lower = max(lower, min(1, p*float64(len(ps)-i)))
		claims[order[i]] = Claim{lower, lower <= level}
	}
	return claims
}

// Claimable reports whether [Holm] claims an effect with this p-value if it is the smallest
// of a family. Of 54 cells with ten pairs each none is, however large the difference:
// [MinPairedP] is 2/1024, and 54 times that is 0.105.
func Claimable(p float64, family int, level float64) bool { return p*float64(family) <= level }

// MinPairedP returns the smallest p-value that n pairs can have: 2·2⁻ⁿ, if all differences
// have one sign. It is 1 without pairs.
func MinPairedP(n int) float64 { return min(1, math.Ldexp(2, -n)) }

// MinUnpairedP returns the smallest p-value that independent samples of n and m values can
// have: 2 divided by the number of ways to choose n of n + m, if every value of one is
// above every value of the other. It is 1 if one is empty.
func MinUnpairedP(n, m int) float64 {
	// Rounded, because it is computed by logarithms; it overflows to +Inf.
	return min(1, 2/math.Round(combin.GeneralizedBinomial(float64(n+m), float64(n))))
}
