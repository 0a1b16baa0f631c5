package stats

import (
	"errors"
	"fmt"
	"math"
)

// Confidence is the level that every interval has at least.
const Confidence = 0.95

// ErrEmpty is returned for a sample without values.
var ErrEmpty = errors.New("stats: no values")

// ErrTooFew is returned for a sample that is too small for what was asked of it,
// with what it would need.
var ErrTooFew = errors.New("stats: too few values")

// check returns an error if there are no values, or one that nobody can have
// measured.
func check(values []float64) error {
	if len(values) == 0 {
		return ErrEmpty
	}
	for i, v := range values {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return fmt.Errorf("stats: values[%d] is %v, and has to be a finite number", i, v)
		}
	}
	return nil
}
