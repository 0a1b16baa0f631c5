package stats

import (
	"fmt"
	"maps"
	"math"
	"slices"

	"gonum.org/v1/gonum/stat/distuv"
)

// Ratio is the log ratio of two sides measured next to each other.
type Ratio struct {
	Log float64
	// Took is the geometric mean of both sides' times, in seconds. Short rounds spread more
	// than long ones.
	Took float64
	// Group identifies ratios that share some luck, such as those of one pair of server
	// processes.
	Group int
}

// Pooled is what many ratios have in common.
type Pooled struct {
	N      int
	Log    float64 // the estimate
	SE     float64 // its standard error
	DF     float64 // degrees of freedom of SE
	Spread Spread  // of a single ratio
}

// The knees of Huber's function: a ratio farther away than this many standard deviations
// counts as if it were there. 1.345 loses 5 % of the precision if ratios are normal. The
// knee for a few ratios is wider, because each of three holds a third of the information.
const (
	knee       = 1.345
	efficiency = 0.95
	singleKnee = 2
)

// Prior knowledge, and the degrees of freedom that it is worth. In recorded rounds of equal
// pools, the ratios of one pair of servers varied together by a factor of 1.0 to 1.2 more
// than independent ones.
const (
	designBefore   = 1.1
	designBeforeDF = 20
	singleBeforeDF = 14
)

// Pool returns what ratios of many points have in common, with little influence of single
// outliers. It needs two.
//
// The estimate is Huber's (P. Huber, Robust Estimation of a Location Parameter, Annals of
// Mathematical Statistics 35, 1964), with each ratio weighted by its [Spread]. Its standard
// error is the sandwich estimate by group (K. Liang, S. Zeger, Longitudinal Data Analysis
// Using Generalized Linear Models, Biometrika 73, 1986), or that of normal ratios if
// larger. Groups are few, so the factor by which they raise it is moderated by prior
// knowledge (G. Smyth, Linear Models and Empirical Bayes Methods, Statistical Applications
// in Genetics and Molecular Biology 3, 2004).
//
// It assumes that ratios of different groups are independent, and symmetric about one
// effect. If the effect differs from point to point, the estimate is an average in which
// long rounds weigh more.
func Pool(ratios []Ratio) (Pooled, error) {
	if len(ratios) < 2 {
		return Pooled{}, fmt.Errorf("%w: a pooled ratio needs 2, and there are %d", ErrTooFew, len(ratios))
	}
	logs := make([]float64, len(ratios))
	for i, r := range ratios {
		if !(r.Took > 0) || math.IsInf(r.Took, 0) {
			return Pooled{}, fmt.Errorf("stats: ratios[%d] took %v s: that must be positive", i, r.Took)
		}
		logs[i] = r.Log
	}
	if err := check(logs); err != nil {
		return Pooled{}, err
	}
	slices.Sort(logs)
	p := Pooled{N: len(ratios), Log: middle(logs)}
	for range 3 { // spread and estimate depend on each other
		p.Spread = spreadOf(ratios, p.Log)
		p.Log = huber(ratios, p.Spread.all(ratios), p.Log, knee)
	}
	p.judge(ratios, p.Spread.all(ratios))
	return p, nil
}

// huber returns the estimate with the given knee, by iteratively reweighted means from a
// first guess. sds are the standard deviations of the ratios.
func huber(ratios []Ratio, sds []float64, guess, knee float64) float64 {
	const maxSteps, tolerance = 50, 1e-7
	for range maxSteps {
		var sum, weights float64
		for i, r := range ratios {
			off := r.Log - guess
			weight := 1 / (sds[i] * sds[i])
			if far := math.Abs(off) / (knee * sds[i]); far > 1 {
				weight /= far
			}
			sum += weight * off
			weights += weight
		}
		guess += sum / weights
		if math.Abs(sum/weights) < tolerance {
			break
		}
	}
	return guess
}

// judge computes the standard error.
func (p *Pooled) judge(ratios []Ratio, sds []float64) {
	var slopes, weights, byRatio, byGroup float64
	groups := map[int]float64{}
	for i, r := range ratios {
		off := (r.Log - p.Log) / sds[i]
		score := max(-knee, min(knee, off)) / sds[i]
		weights += 1 / (sds[i] * sds[i])
		if math.Abs(off) < knee {
			slopes += 1 / (sds[i] * sds[i])
		}
		byRatio += score * score
		groups[r.Group] += score
	}
	for _, group := range slices.Sorted(maps.Keys(groups)) { // a fixed order, for a reproducible last digit
		byGroup += groups[group] * groups[group]
	}
	n, groupDF := float64(p.N), float64(len(groups)-1)
	design := designBefore
	if groupDF > 0 && byRatio > 0 {
		seen := byGroup / byRatio * (groupDF + 1) / groupDF
		design = max(1, (designBeforeDF*designBefore+groupDF*seen)/(designBeforeDF+groupDF))
	}
	p.DF = min(designBeforeDF+groupDF, n-1)
	normal := 1 / math.Sqrt(efficiency*weights)
	sandwich := math.Sqrt(byRatio*n/(n-1)) / slopes // infinite if none is within the knee, as of two that are far apart
	p.SE = math.Sqrt(design) * max(normal, sandwich)
}

// Interval returns bounds that miss the true effect with a probability of alpha.
func (p Pooled) Interval(alpha float64) (lo, hi float64) {
	reach := distuv.StudentsT{Sigma: 1, Nu: p.DF}.Quantile(1-alpha/2) * p.SE
	return p.Log - reach, p.Log + reach
}

// Differs returns the two-sided p-value for two independent effects being the same.
func (p Pooled) Differs(from Pooled) float64 {
	se := math.Hypot(p.SE, from.SE)
	if !(se > 0) {
		return 1
	}
	return 2 * distuv.StudentsT{Sigma: 1, Nu: min(p.DF, from.DF)}.Survival(math.Abs(p.Log-from.Log)/se)
}

// Single returns the effect of some of the pooled ratios, at least one: those of one point.
// Its standard error uses the pooled spread, moderated by their own as in [Pool], because
// points differ in spread by more than their time explains.
func (p Pooled) Single(ratios []Ratio) Pooled {
	sds := p.Spread.all(ratios)
	logs := make([]float64, len(ratios))
	for i, r := range ratios {
		logs[i] = r.Log
	}
	slices.Sort(logs)
	one := Pooled{N: len(ratios), Log: huber(ratios, sds, middle(logs), singleKnee), Spread: p.Spread}
	var weights, squares float64
	const far = 3 // an outlier counts as this far
	for i, r := range ratios {
		weights += 1 / (sds[i] * sds[i])
		off := min(math.Abs(r.Log-one.Log)/sds[i], far)
		squares += off * off
	}
	one.DF = singleBeforeDF + float64(len(ratios)-1)
	one.SE = math.Sqrt(designBefore / weights * (singleBeforeDF + squares) / one.DF)
	return one
}
