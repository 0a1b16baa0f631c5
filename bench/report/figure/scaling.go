package figure

import (
	"fmt"
	"math"

	"poolbench/bench/stats"
)

// scaling fits a Universal Scalability Law to a series of throughputs, of which
// samples[i] are the rounds of point i, and says what it found. The series is without
// points if there are too few of these.
func scaling(of Series, samples [][]float64) (Series, string) {
	levels := make([]float64, len(of.Points))
	for i, point := range of.Points {
		levels[i] = point.X
	}
	law, err := stats.FitUSL(levels, samples)
	if err != nil { // it has too few levels: each is there once, and its rates are positive
		return Series{}, ""
	}
	series := Series{Name: of.Name + ", fit", Pool: of.Pool, look: fit}
	banded := true
	for _, x := range spread(levels[0], levels[len(levels)-1], 32) {
		point := Point{X: x, Y: law.At(x)}
		if lo, hi, ok := law.Band(x); ok {
			point.Lo, point.Hi = lo, hi
		} else {
			banded = false
		}
		series.Points = append(series.Points, point)
	}
	text := fmt.Sprintf("Universal Scalability Law of %s: λ %s MB/s, σ %.3g, κ %.2g", of.Name, threeDigits(law.Lambda), orZero(law.Sigma), orZero(law.Kappa))
	if peak := law.Peak(); peak <= levels[len(levels)-1] { // beyond it is no more than a guess
		text += fmt.Sprintf(", most at %.0f", peak)
	}
	if !banded {
		text += ", no band for fewer than 6 rounds"
	}
	return series, text
}

// orZero keeps what a fit leaves of a bound at zero from being read as a number.
func orZero(value float64) float64 {
	if math.Abs(value) < 1e-6 {
		return 0
	}
	return value
}

// noFit says why there is no fit, of so many levels of what the axis has.
func noFit(levels int, axis string) string {
	if levels >= stats.USLNeeds {
		return ""
	}
	return fmt.Sprintf("no fit of the Universal Scalability Law: it needs five levels of %s, and there are %s",
		axis, [stats.USLNeeds]string{2: "two", 3: "three", 4: "four"}[levels])
}
