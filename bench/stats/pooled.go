package stats

import (
	"fmt"
	"maps"
	"math"
	"slices"

	"gonum.org/v1/gonum/stat/distuv"
)

// Ratio is the logarithm of the ratio of two sides that were measured next to each
// other.
type Ratio struct {
	Log float64
	// Took is how long a side took, in seconds: the geometric mean of both. Short
	// rounds spread more than long ones.
	Took float64
	// Group numbers the ratios that share some luck, as those of one pair of server
	// processes do.
	Group int
}

// Pooled is what many ratios have in common.
type Pooled struct {
	N      int
	Log    float64 // the estimate
	SE     float64 // its standard error
	DF     float64 // degrees of freedom that SE has
	Spread Spread  // of a single ratio
}

// The knees of Huber's function: a ratio that is farther away than so many standard
// deviations counts as if it were there. 1.345 loses 5 % of the precision if ratios are
// normal. The knee of a few ratios is wider, as one of three has a third of what there
// is to know.
const (
	knee       = 1.345
	efficiency = 0.95
	singleKnee = 2
)

// What is known before the ratios are, each with how many degrees of freedom that is
// worth. In recorded rounds of equal pools, the ratios of a pair of servers varied
// together by a factor of 1.0 to 1.2 more than independent ones do.
const (
	designBefore   = 1.1
	designBeforeDF = 20
	singleBeforeDF = 14
)

// Pool returns what ratios of many points have in common, a single outlier having
// little to say. It needs two.
//
// The estimate is Huber's (P. Huber, Robust Estimation of a Location Parameter,
// Annals of Mathematical Statistics 35, 1964), each ratio weighed by its [Spread]. Its
// standard error is the sandwich of that estimate, by group (K. Liang, S. Zeger,
// Longitudinal Data Analysis Using Generalized Linear Models, Biometrika 73, 1986), or
// what it would be of normal ratios if that is more. As there are few groups, by how
// much they raise it is moderated by what is known before (G. Smyth, Linear Models and
// Empirical Bayes Methods, Statistical Applications in Genetics and Molecular Biology
// 3, 2004).
//
// It assumes that the ratios of different groups are independent, and symmetric about
// one effect. Where the effect differs from point to point the estimate is an average
// in which long rounds weigh more.
func Pool(ratios []Ratio) (Pooled, error) {
	if len(ratios) < 2 {
		return Pooled{}, fmt.Errorf("%w: a pooled ratio needs 2, and there are %d", ErrTooFew, len(ratios))
	}
	logs := make([]float64, len(ratios))
	for i, r := range ratios {
		if !(r.Took > 0) || math.IsInf(r.Took, 0) {
			return Pooled{}, fmt.Errorf("stats: ratios[%d] took %v s: that has to be positive", i, r.Took)
		}
		logs[i] = r.Log
	}
	if err := check(logs); err != nil {
		return Pooled{}, err
	}
	slices.Sort(logs)
	p := Pooled{N: len(ratios), Log: middle(logs)}
	for range 3 { // the spread is about the estimate, which is weighed by it
		p.Spread = spreadOf(ratios, p.Log)
		p.Log = huber(ratios, p.Spread.all(ratios), p.Log, knee)
	}
	p.judge(ratios, p.Spread.all(ratios))
	return p, nil
}

// huber returns the estimate with a knee, by iterated weights from a first guess. sds
// are the standard deviations of the ratios.
func huber(ratios []Ratio, sds []float64, guess, knee float64) float64 {
	const most, enough = 50, 1e-7
	for range most {
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
		if math.Abs(sum/weights) < enough {
			break
		}
	}
	return guess
}

// judge finds the standard error.
func (p *Pooled) judge(ratios []Ratio, sds []float64) {
	var slopes, weights, alone, together float64
	groups := map[int]float64{}
	for i, r := range ratios {
		off := (r.Log - p.Log) / sds[i]
		score := max(-knee, min(knee, off)) / sds[i]
		weights += 1 / (sds[i] * sds[i])
		if math.Abs(off) < knee {
			slopes += 1 / (sds[i] * sds[i])
		}
		alone += score * score
		groups[r.Group] += score
	}
	for _, group := range slices.Sorted(maps.Keys(groups)) { // or the last digit would depend on the order
		together += groups[group] * groups[group]
	}
	n, groupDF := float64(p.N), float64(len(groups)-1)
	design := designBefore
	if groupDF > 0 && alone > 0 {
		seen := together / alone * (groupDF + 1) / groupDF
		design = max(1, (designBeforeDF*designBefore+groupDF*seen)/(designBeforeDF+groupDF))
	}
	p.DF = min(designBeforeDF+groupDF, n-1)
	normal := 1 / math.Sqrt(efficiency*weights)
	sandwich := math.Sqrt(alone*n/(n-1)) / slopes // infinite if none is within the knee, as of two that are far apart
	p.SE = math.Sqrt(design) * max(normal, sandwich)
}

// Interval bounds the effect: the true one lies outside with a probability of alpha.
func (p Pooled) Interval(alpha float64) (lo, hi float64) {
	reach := distuv.StudentsT{Sigma: 1, Nu: p.DF}.Quantile(1-alpha/2) * p.SE
	return p.Log - reach, p.Log + reach
}

// Differs returns the two-sided p-value of both having the same effect, if they are
// independent.
func (p Pooled) Differs(from Pooled) float64 {
	se := math.Hypot(p.SE, from.SE)
	if !(se > 0) {
		return 1
	}
	return 2 * distuv.StudentsT{Sigma: 1, Nu: min(p.DF, from.DF)}.Survival(math.Abs(p.Log-from.Log)/se)
}

// Single returns the effect of a few of the ratios that were pooled, at least one: of
// one point. Its standard error goes by the pooled spread, moderated by their own as
// for [Pool]: points differ in how much they spread by more than how long they take.
func (p Pooled) Single(ratios []Ratio) Pooled {
	sds := p.Spread.all(ratios)
	logs := make([]float64, len(ratios))
	for i, r := range ratios {
		logs[i] = r.Log
	}
	slices.Sort(logs)
	one := Pooled{N: len(ratios), Log: huber(ratios, sds, middle(logs), singleKnee), Spread: p.Spread}
	var weights, squares float64
	const far = 3 // an outlier is no more than that
	for i, r := range ratios {
		weights += 1 / (sds[i] * sds[i])
		off := min(math.Abs(r.Log-one.Log)/sds[i], far)
		squares += off * off
	}
	one.DF = singleBeforeDF + float64(len(ratios)-1)
	one.SE = math.Sqrt(designBefore / weights * (singleBeforeDF + squares) / one.DF)
	return one
}
