package stats

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/optimize"
)

// USLNeeds is the least number of levels that a Universal Scalability Law is fitted
// to: three parameters go through any three of them.
const USLNeeds = 5

// bandNeeds is the least number of values at every level for a band: with fewer the
// interval of their median, too, is not bounded.
const bandNeeds = 6

// resamples of the bootstrap.
const resamples = 200

// USL is a Universal Scalability Law (N. Gunther, Guerrilla Capacity Planning,
// 2007): of n workers or clients, Lambda is the throughput of one, Sigma the share
// of their work that only one at a time can do, and Kappa what every two cost each
// other. None is negative.
type USL struct{ Lambda, Sigma, Kappa float64 }

// At is the throughput of n: λn / (1 + σ(n-1) + κn(n-1)).
func (u USL) At(n float64) float64 { return u.Lambda * u.capacity(n) }

// capacity is the throughput of n in those of one.
func (u USL) capacity(n float64) float64 { return n / (1 + u.Sigma*(n-1) + u.Kappa*n*(n-1)) }

// Peak is the n of the greatest throughput, √((1-σ)/κ), or 1 if that is less; it is
// infinite if more is always better.
func (u USL) Peak() float64 {
	switch {
	case u.Sigma >= 1:
		return 1
	case u.Kappa == 0:
		return math.Inf(1)
	}
	return max(1, math.Sqrt((1-u.Sigma)/u.Kappa))
}

// USLFit is a law that was fitted, with those of the bootstrap.
type USLFit struct {
	USL
	bootstrap []USL
}

// FitUSL fits a law to the medians of values, of which values[i] are those of rounds
// with levels[i] workers or clients, by least squares. Levels must differ, be 1 or
// more, and be [USLNeeds] or more, or the error is [ErrTooFew]; values must be
// positive.
func FitUSL(levels []float64, values [][]float64) (USLFit, error) {
	medians, least, err := usable(levels, values)
	if err != nil {
		return USLFit{}, err
	}
	// From next to no cost, and from much of either kind: one search alone may end
	// on the wrong side of a ridge.
	found, err := fitUSL(levels, medians, []float64{0.1, 0.1}, []float64{1, 0.1}, []float64{0.1, 1})
	if err != nil {
		return USLFit{}, err
	}
	fit := USLFit{USL: found.law}
	if least < bandNeeds {
		return fit, nil
	}
	random := rand.New(rand.NewPCG(1, 1)) // the same report each time
	for range resamples {
		for i, of := range values {
			drawn := make([]float64, len(of))
			for j := range drawn {
				drawn[j] = of[random.IntN(len(of))]
			}
			slices.Sort(drawn)
			medians[i] = middle(drawn)
		}
		resampled, err := fitUSL(levels, medians, found.at)
		if err != nil {
			return USLFit{}, err
		}
		fit.bootstrap = append(fit.bootstrap, resampled.law)
	}
	return fit, nil
}

// Band bounds the law at n, at [Confidence], by the quantiles of 200 laws fitted to
// the medians of rounds drawn anew from those there are (B. Efron, Bootstrap
// Methods, The Annals of Statistics 7, 1979). It reports false if there were fewer
// than six rounds at some level, which are too few to draw from.
func (f USLFit) Band(n float64) (lo, hi float64, ok bool) {
	if len(f.bootstrap) == 0 {
		return 0, 0, false
	}
	at := make([]float64, len(f.bootstrap))
	for i, law := range f.bootstrap {
		at[i] = law.At(n)
	}
	bounds, err := Quantiles(at, (1-Confidence)/2, (1+Confidence)/2)
	if err != nil {
		return 0, 0, false
	}
	return bounds[0], bounds[1], true
}

// usable returns the medians, and how many values there are where there are least.
func usable(levels []float64, values [][]float64) (medians []float64, least int, err error) {
	if len(levels) != len(values) {
		return nil, 0, fmt.Errorf("stats: %d levels and values of %d: each needs its own", len(levels), len(values))
	}
	if len(levels) < USLNeeds {
		return nil, 0, fmt.Errorf("%w: a scalability law needs %d levels, and there are %d", ErrTooFew, USLNeeds, len(levels))
	}
	if err := check(levels); err != nil {
		return nil, 0, err
	}
	least = len(values[0])
	for i, level := range levels {
		if level < 1 || slices.Contains(levels[:i], level) {
			return nil, 0, fmt.Errorf("stats: levels[%d] is %v: levels have to be 1 or more, each once", i, level)
		}
		center, err := Median(values[i])
		if err != nil {
			return nil, 0, err
		}
		if floats.Min(values[i]) <= 0 {
			return nil, 0, fmt.Errorf("stats: a throughput of %v: a scalability law needs positive ones", floats.Min(values[i]))
		}
		medians, least = append(medians, center.Median), min(least, len(values[i]))
	}
	return medians, least, nil
}

// minimum is where a search ended.
type minimum struct {
	law     USL
	at      []float64
	squares float64
}

// fitUSL searches for σ and κ alone, from each of the starts: λ, in which the law is
// linear, is the best that there is for them. Both are squares, so that they are not
// negative and may be zero, of what they come to at the highest level, so that steps
// of either are alike.
func fitUSL(levels, medians []float64, starts ...[]float64) (minimum, error) {
	most, scale := floats.Max(levels), floats.Max(medians)
	capacities := make([]float64, len(levels))
	law := func(x []float64) USL {
		u := USL{Sigma: x[0] * x[0] / most, Kappa: x[1] * x[1] / (most * most)}
		for i, n := range levels {
			capacities[i] = u.capacity(n)
		}
		u.Lambda = floats.Dot(capacities, medians) / floats.Dot(capacities, capacities)
		return u
	}
	squares := func(x []float64) float64 {
		u, sum := law(x), 0.0
		for i := range levels {
			off := (u.Lambda*capacities[i] - medians[i]) / scale
			sum += off * off
		}
		return sum
	}
	settings := &optimize.Settings{Converger: &optimize.FunctionConverge{Absolute: 1e-13, Iterations: 20}}
	best := minimum{squares: math.Inf(1)}
	for _, start := range starts {
		result, err := optimize.Minimize(optimize.Problem{Func: squares}, start, settings, &optimize.NelderMead{})
		if err != nil {
			return minimum{}, fmt.Errorf("stats: no scalability law fits: %w", err)
		}
		if result.F < best.squares {
			best = minimum{law(result.X), result.X, result.F}
		}
	}
	return best, nil
}
