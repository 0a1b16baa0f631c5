package stats

import (
	"errors"
	"slices"

	"gonum.org/v1/gonum/stat"
)

// Summary is what there is to say of one sample.
type Summary struct {
	Center
	Mean float64
	// StdDev is the sample standard deviation, the root of Σ(x-mean)² / (n-1). It
	// is zero, with a warning, for a single value.
	StdDev float64
	// Outliers are the places, from 0 and ascending, of the values outside of
	// Tukey's fences: more than 1.5 times the distance of the hinges below the
	// lower one or above the upper one. A hinge is the median of a half of the
	// values, the middle one being in both halves if their number is odd
	// (J. Tukey, Exploratory Data Analysis, 1977). They are flagged only: every
	// other number here is of all values.
	Outliers []int
	// Warnings are what a reader should know of the numbers before trusting them.
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

// outliers are those of [Summary].
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

// middle returns the median of values that are sorted.
func middle(sorted []float64) float64 {
	n := len(sorted)
	return (sorted[(n-1)/2] + sorted[n/2]) / 2
}
