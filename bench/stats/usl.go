package stats

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/optimize"
)

// USLNeeds is the smallest number of levels for fitting a Universal Scalability Law: three
// parameters fit any three levels exactly.
const USLNeeds = 5

// resamples is the number of bootstrap samples.
const resamples = 200

// USL is a Universal Scalability Law for n workers or clients (N. Gunther, Guerrilla
// Capacity Planning, 2007). Lambda is the throughput of one, Sigma the share of their work
// that only one can do at a time, and Kappa the cost between every two. None is negative.
type USL struct{ Lambda, Sigma, Kappa float64 }

// At returns the throughput of n: λn / (1 + σ(n-1) + κn(n-1)).
func (u USL) At(n float64) float64 { return u.Lambda * u.capacity(n) }

// capacity returns the throughput of n relative to that of one.
func (u USL) capacity(n float64) float64 { return n / (1 + u.Sigma*(n-1) + u.Kappa*n*(n-1)) }

// Peak returns the n with the largest throughput: √((1-σ)/κ), but at least 1, and infinite
// if more is always better.
func (u USL) Peak() float64 {
	switch {
	case u.Sigma >= 1:
		return 1
	case u.Kappa == 0:
		return math.Inf(1)
	}
	return max(1, math.Sqrt((1-u.Sigma)/u.Kappa))
}

// USLFit is a fitted law, with those of the bootstrap.
type USLFit struct {
	USL
	bootstrap []USL
}

// FitUSL fits a law by least squares to the medians of values, where values[i] are the
// throughputs of rounds with levels[i] workers or clients. Levels must differ and be 1 or
// more; with fewer than [USLNeeds] the error is [ErrTooFew]. Values must be positive.
func FitUSL(levels []float64, values [][]float64) (USLFit, error) {
	medians, fewest, err := usable(levels, values)
	if err != nil {
		return USLFit{}, err
	}
	// Starts with little cost, and with much of either kind: a single search may end on the
	// wrong side of a ridge.
	found, err := fitUSL(levels, medians, []float64{0.1, 0.1}, []float64{1, 0.1}, []float64{0.1, 1})
	if err != nil {
		return USLFit{}, err
	}
	fit := USLFit{USL: found.law}
	if fewest < IntervalNeeds() {
		return fit, nil
	}
	random := rand.New(rand.NewPCG(1, 1)) // for the same report every time
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

// Band returns bounds of the law at n, at [Confidence]: quantiles of 200 laws fitted to the
// medians of resampled rounds (B. Efron, Bootstrap Methods, The Annals of Statistics 7,
// 1979). It reports false if some level had fewer rounds than [IntervalNeeds]: too few to
// resample.
func (f USLFit) Band(n float64) (lo, hi float64, ok bool) {
	if len(f.bootstrap) == 0 {
		return 0, 0, false
	}
	at := make([]float64, len(f.bootstrap))
	for i, law := range f.bootstrap {
		at[i] = law.At(n)
	}
	bounds, err := Quantiles(at, Alpha/2, 1-Alpha/2)
	if err != nil {
		return 0, 0, false
	}
	return bounds[0], bounds[1], true
}

// usable returns the medians, and the smallest number of values at any level.
func usable(levels []float64, values [][]float64) (medians []float64, fewest int, err error) {
	if len(levels) != len(values) {
		return nil, 0, fmt.Errorf("stats: %d levels, but values for %d", len(levels), len(values))
	}
	if len(levels) < USLNeeds {
		return nil, 0, fmt.Errorf("%w: a scalability law needs %d levels, and there are %d", ErrTooFew, USLNeeds, len(levels))
	}
	if err := check(levels); err != nil {
		return nil, 0, err
	}
	fewest = len(values[0])
	for i, level := range levels {
		if level < 1 || slices.Contains(levels[:i], level) {
			return nil, 0, fmt.Errorf("stats: levels[%d] is %v: levels must be 1 or more, each once", i, level)
		}
		center, err := Median(values[i])
		if err != nil {
			return nil, 0, err
		}
		if floats.Min(values[i]) <= 0 {
			return nil, 0, fmt.Errorf("stats: a throughput of %v: a scalability law needs positive ones", floats.Min(values[i]))
		}
		medians, fewest = append(medians, center.Median), min(fewest, len(values[i]))
	}
	return medians, fewest, nil
}

// minimum is where a search ended.
type minimum struct {
	law     USL
	at      []float64
	squares float64
}

// fitUSL searches for σ and κ only, from each of the starts. λ, in which the law is linear,
// is the best one for them. The search variables are the roots of σ and κ scaled by the
// highest level: squares cannot be negative but can be zero, and steps in either have a
// similar effect.
func fitUSL(levels, medians []float64, starts ...[]float64) (minimum, error) {
	highest, scale := floats.Max(levels), floats.Max(medians)
	capacities := make([]float64, len(levels))
	law := func(x []float64) USL {
		u := USL{Sigma: x[0] * x[0] / highest, Kappa: x[1] * x[1] / (highest * highest)}
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
