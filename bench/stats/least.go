package stats

import (
	"math"

	"gonum.org/v1/gonum/stat/combin"
)

// LeastPaired returns the least p-value that n pairs can have, be the difference
// what it may: 2·2⁻ⁿ, of all having one sign. It is 1 for none.
func LeastPaired(n int) float64 { return min(1, math.Ldexp(2, -n)) }

// LeastUnpaired returns the least p-value that independent samples of n and m values
// can have, be the difference what it may: 2 in the number of ways to choose n of
// n + m, of every value of one being above every value of the other. It is 1 if one
// is empty.
func LeastUnpaired(n, m int) float64 {
	// Rounded, because it goes by way of logarithms; it overflows to +Inf.
	return min(1, 2/math.Round(combin.GeneralizedBinomial(float64(n+m), float64(n))))
}
