package stats

import (
	"errors"
	"slices"

	"gonum.org/v1/gonum/stat"
)

// Summary describes one sample.
type Summary struct {
	Center
	Mean float64
	// StdDev is the sample standard deviation, the root of Σ(x-mean)² / (n-1). For a single
	// value it is zero, with a warning.
	StdDev float64
	// Outliers are the indices, ascending, of values outside Tukey's fences: more than 1.5
	// times the distance of the hinges below the lower or above the upper hinge. A hinge is
	// the median of half of the values; if their number is odd, the middle one is in both
	// halves (J. Tukey, Exploratory Data Analysis, 1977). Outliers are only flagged: all
	// other numbers here include them.
	Outliers []int
	// Warnings say how far to trust the numbers.
	Warnings []error
}

// Summarize returns the summary of values.
func Summarize(values []float64) (Summary, error) {
	center, warnings, err := median(values)
	if err != nil {
		return Summary{}, err
	}
	s := Summary{Center: center, Outliers: outliers(values), Warnings: warnings}
	if len(values) == 1 {
		s.Mean = values[0]
		s.Warnings = append(s.Warnings, errors.New("need >= 2 samples for a standard deviation"))
		return s, nil
	}
	s.Mean, s.StdDev = stat.MeanStdDev(values, nil)
	return s, nil
}

// Mean returns the arithmetic mean.
func Mean(values []float64) (float64, error) {
	if err := check(values); err != nil {
		return 0, err
	}
	return stat.Mean(values, nil), nil
}

// outliers returns the Outliers of a [Summary].
func outliers(values []float64) []int {
	sorted := slices.Sorted(slices.Values(values))
	n := len(sorted)
	lower, upper := middle(sorted[:(n+1)/2]), middle(sorted[n/2:])
	reach := 1.5 * (upper - lower)
	var places []int
	for i, v := range values {
		if v < lower-reach || v > upper+reach {
			places = append(places, i)
		}
	}
	return places
}

// middle returns the median of sorted values.
func middle(sorted []float64) float64 {
	n := len(sorted)
	return (sorted[(n-1)/2] + sorted[n/2]) / 2
}
