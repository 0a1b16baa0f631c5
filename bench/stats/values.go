package stats

import (
	"errors"
	"fmt"
	"math"

	"gonum.org/v1/gonum/floats"
)

// ErrEmpty means a sample without values.
var ErrEmpty = errors.New("stats: no values")

// ErrTooFew means a sample that is too small for the request. It is wrapped with the number
// that it would need.
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
