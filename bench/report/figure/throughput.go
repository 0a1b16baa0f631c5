package figure

import (
	"fmt"
	"math"
	"slices"
	"strconv"

	"poolbench/bench"
	"poolbench/bench/internal/digits"
	"poolbench/bench/stats"
)

// rates returns the throughputs of a cell's rounds in MB/s.
func (d data) rates(c bench.Cell) []float64 {
	rates := d.totals[c].Throughputs()
	for i := range rates {
		rates[i] /= 1e6
	}
	return rates
}

// level returns the value of a cell on an axis of numbers, 0 if it is unknown.
func level(axis bench.Axis, c bench.Cell) float64 {
	value, _ := strconv.ParseFloat(axis.Plain(c), 64)
	return value
}

// throughputs returns the figures over the axis x, with columns for another axis. The group
// has the key of x.
func (d data) throughputs(x, column bench.Axis) []Figure {
	best := map[bench.Op]float64{}
	levels := []float64{}
	for _, c := range d.cells {
		best[c.Op] = slices.Max(append(d.rates(c), best[c.Op]))
		if at := level(x, c); at > 0 {
			levels = append(levels, at)
		}
	}
	slices.Sort(levels)
	levels = slices.Compact(levels)
	return d.grids(d.cells, Figure{
		Name: "throughput-" + x.Key, Group: x.Key, Title: "Throughput over " + x.Head,
		X: Axis{Name: x.Head, Levels: levels, Log: len(levels) > 0 && levels[len(levels)-1] > 10*levels[0]}, Y: Axis{Name: "throughput, MB/s", Unit: rate},
	}, []bench.Axis{column}, []bench.Axis{d.volume}, func(cells []bench.Cell) []Series { return d.throughput(x, cells, best[cells[0].Op]) })
}

// throughput returns the series of a panel: guides, fits, and the medians of each pool. It
// returns none if there is only one level.
func (d data) throughput(x bench.Axis, cells []bench.Cell, best float64) []Series {
	var fits, pools []Series
	var levels []float64
	for _, of := range alike(cells, func(c bench.Cell) string { return c.Pool }) {
		s, samples := d.medians(x, of)
		if len(s.Points) == 0 {
			continue
		}
		for _, p := range s.Points {
			levels = append(levels, p.X)
		}
		if fit := scaling(s, samples); len(fit.Points) > 0 {
			s.style = dots
			fits = append(fits, fit)
		}
		pools = append(pools, s)
	}
	if len(levels) == 0 || slices.Min(levels) == slices.Max(levels) {
		return nil
	}
	return slices.Concat(guides(pools, slices.Min(levels), slices.Max(levels), best), fits, pools)
}

// medians returns the series of one pool's cells, and the throughputs behind each point. It
// leaves out cells without a throughput or a level.
func (d data) medians(x bench.Axis, cells []bench.Cell) (s Series, samples [][]float64) {
	slices.SortFunc(cells, x.Compare)
	s = Series{Name: cells[0].Pool, Pool: cells[0].Pool, style: joined}
	for _, c := range cells {
		sample := d.rates(c)
		center, err := stats.Median(sample)
		if err != nil || level(x, c) == 0 {
			continue
		}
		p := Point{X: level(x, c), Y: center.Median}
		p.Tip = d.tip(c, "%s, %s", rate.write(p.Y), digits.Count(center.N, "round"))
		if center.Bounded() {
			p.Lo, p.Hi = center.Lo, center.Hi
			p.Tip += fmt.Sprintf(", 95 %% interval %s … %s", digits.Of(p.Lo), digits.Of(p.Hi))
		}
		s.Points, samples = append(s.Points, p), append(samples, sample)
	}
	return s, samples
}

// guides returns two lines: how throughput would scale linearly from the better pool at the
// lowest level, and the best round of the op. The best round stands for what the machine can
// move, which nothing else in a run tells.
func guides(pools []Series, lowest, highest, best float64) []Series {
	from := 0.0
	for _, s := range pools {
		if s.Points[0].X == lowest {
			from = max(from, s.Points[0].Y)
		}
	}
	linear := Series{Name: "linear scaling", style: guide}
	for _, x := range spread(lowest, min(highest, lowest*best/from), 16) {
		linear.Points = append(linear.Points, Point{X: x, Y: from * x / lowest, Tip: linear.Name})
	}
	tip := "best round of the op: " + rate.write(best)
	top := Series{Name: "best round of the op", style: limit, Points: []Point{{X: lowest, Y: best, Tip: tip}, {X: highest, Y: best}}}
	return []Series{linear, top}
}

// scaling returns the fit of a Universal Scalability Law to a series, in which samples[i]
// are the throughputs behind point i. Without enough levels it has no points.
func scaling(of Series, samples [][]float64) Series {
	xs := make([]float64, len(of.Points))
	for i, p := range of.Points {
		xs[i] = p.X
	}
	law, err := stats.FitUSL(xs, samples)
	if err != nil { // too few levels: they are distinct, and rates are positive
		return Series{}
	}
	// A parameter at its bound, zero, is left with a tiny remainder.
	orZero := func(value float64) float64 { return math.Round(value*1e6) / 1e6 }
	text := fmt.Sprintf("Universal Scalability Law of %s: λ %s, σ %.3g, κ %.2g", of.Name, rate.write(law.Lambda), orZero(law.Sigma), orZero(law.Kappa))
	if peak := law.Peak(); peak <= xs[len(xs)-1] { // beyond the data it is only a guess
		text += fmt.Sprintf(", most at %.0f", peak)
	}
	s := Series{Name: of.Name + ", fit", Pool: of.Pool, style: curve}
	for _, x := range spread(xs[0], xs[len(xs)-1], 32) {
		p := Point{X: x, Y: law.At(x), Tip: text}
		if lo, hi, ok := law.Band(x); ok {
			p.Lo, p.Hi = lo, hi
		}
		s.Points = append(s.Points, p)
	}
	return s
}

// spread returns n values, from one to the other in equal ratios.
func spread(from, to float64, n int) []float64 {
	values := make([]float64, n)
	for i := range values {
		values[i] = from * math.Pow(to/from, float64(i)/float64(n-1))
	}
	values[n-1] = to
	return values
}
