package stats

import (
	"fmt"

	"gonum.org/v1/gonum/floats"
)

// Fairness returns Jain's index of values that are not negative, (Σx)² / (n·Σx²):
// 1 if all are equal, 1/n if one has everything (R. Jain, D. Chiu, W. Hawe, A
// Quantitative Measure of Fairness and Discrimination, DEC TR-301, 1984). It is 1
// for values that are all zero.
func Fairness(values []float64) (float64, error) {
	if err := check(values); err != nil {
		return 0, err
	}
	if least := floats.Min(values); least < 0 {
		return 0, fmt.Errorf("stats: fairness of %v: a share can't be negative", least)
	}
	squares := floats.Dot(values, values)
	if squares == 0 {
		return 1, nil
	}
	sum := floats.Sum(values)
	return sum * sum / (float64(len(values)) * squares), nil
}
