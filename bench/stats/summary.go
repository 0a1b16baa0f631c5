package stats

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/stat"
)

// ErrEmpty means a sample without values.
var ErrEmpty = errors.New("stats: no values")

// ErrTooFew means that a sample is too small for the estimate. It is wrapped with the
// number of values needed.
var ErrTooFew = errors.New("stats: too few values")

// check returns an error if there are no values, or one that is not finite.
func check(values []float64) error {
	if len(values) == 0 {
		return ErrEmpty
	}
	for i, v := range values {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return fmt.Errorf("stats: values[%d] is %v, and must be a finite number", i, v)
		}
	}
	return nil
}

// Summary describes one sample.
type Summary struct {
	Center
	Mean float64
	// StdDev is the sample standard deviation, the root of Σ(x-mean)² / (n-1). For a single
	// value it is zero.
	StdDev float64
	// Outliers are the indices, ascending, of values outside Tukey's fences: below the lower
	// or above the upper hinge by more than 1.5 times the distance between the hinges. A
	// hinge is the median of half of the values; if their number is odd, the middle one is
	// in both halves (J. Tukey, Exploratory Data Analysis, 1977). Outliers are only flagged:
	// all other numbers here include them.
	Outliers []int
}

// Summarize returns the summary of values.
func Summarize(values []float64) (Summary, error) {
	center, err := Median(values)
	if err != nil {
		return Summary{}, err
	}
	s := Summary{Center: center, Mean: stat.Mean(values, nil), Outliers: outliers(values)}
	if len(values) > 1 {
		s.StdDev = stat.StdDev(values, nil)
	}
	return s, nil
}

// Mean returns the arithmetic mean.
func Mean(values []float64) (float64, error) {
	if err := check(values); err != nil {
		return 0, err
	}
	return stat.Mean(values, nil), nil
}

// Fairness returns Jain's index of values that are not negative, (Σx)² / (n·Σx²): 1 if all
// are equal, 1/n if one has everything (R. Jain, D. Chiu, W. Hawe, A Quantitative Measure
// of Fairness and Discrimination, DEC TR-301, 1984). It is 1 if all values are zero.
func Fairness(values []float64) (float64, error) {
	if err := check(values); err != nil {
		return 0, err
	}
	if smallest := floats.Min(values); smallest < 0 {
		return 0, fmt.Errorf("stats: fairness of %v: a share can't be negative", smallest)
	}
	squares := floats.Dot(values, values)
	if squares == 0 {
		return 1, nil
	}
	sum := floats.Sum(values)
	return sum * sum / (float64(len(values)) * squares), nil
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
