package stats

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/stat"
)

// Spread is the standard deviation of a log ratio as a function of the time of its rounds:
// Scale at one second, and Scale·t^-Decay at t. In recorded rounds it was 0.4 at 10 ms and
// 0.07 at 5 s.
type Spread struct{ Scale, Decay float64 }

// At returns the standard deviation at this many seconds.
func (s Spread) At(seconds float64) float64 { return s.Scale * math.Pow(seconds, -s.Decay) }

// all returns the standard deviation of each ratio.
func (s Spread) all(ratios []Ratio) []float64 {
	sds := make([]float64, len(ratios))
	for i, r := range ratios {
		sds[i] = s.At(r.Took)
	}
	return sds
}

const (
	// maxDecay is the decay of rounds that are averages of independent parts.
	maxDecay = 0.5
	// The decay of recorded rounds, and how many ratios it counts for.
	decayBefore, decayBeforeN = 0.27, 40
)

// spreadOf fits a spread to the distances of ratios from a center: its decay by regression
// of their logarithms (R. Carroll, D. Ruppert, Transformation and Weighting in Regression,
// 1988, section 3.3), its scale by their median, which for a normal distribution is 0.6745
// standard deviations.
func spreadOf(ratios []Ratio, center float64) Spread {
	const medianOfNormal = 0.6745
	n := float64(len(ratios))
	sizes := make([]float64, len(ratios))
	for i, r := range ratios {
		sizes[i] = math.Abs(r.Log - center)
	}
	// A ratio that happens to be at the center has a logarithm that would outweigh all
	// others.
	floor := max(0.05*middle(slices.Sorted(slices.Values(sizes))), 1e-12)
	times, logs := make([]float64, len(ratios)), make([]float64, len(ratios))
	for i, r := range ratios {
		times[i], logs[i] = math.Log(r.Took), math.Log(max(sizes[i], floor))
	}
	decay := decayBefore
	if stat.Variance(times, nil) > 0 {
		_, slope := stat.LinearRegression(times, logs, nil, false)
		decay = (-slope*n + decayBefore*decayBeforeN) / (n + decayBeforeN)
		decay = min(max(decay, 0), maxDecay)
	}
	for i, r := range ratios {
		sizes[i] *= math.Pow(r.Took, decay)
	}
	slices.Sort(sizes)
	return Spread{max(middle(sizes)/medianOfNormal, 1e-9), decay}
}
