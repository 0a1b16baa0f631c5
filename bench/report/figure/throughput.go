package figure

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"poolbench/bench"
	"poolbench/bench/internal/digits"
	"poolbench/bench/journal"
	"poolbench/bench/stats"
)

// dimension is what throughput is drawn over.
type dimension struct {
	group, thing string
	of           func(bench.Cell) int
	key          func(bench.Cell) bench.Cell // without it, and without the pool
	// rest is what else a title and a name say.
	rest func(key bench.Cell) (words, name string)
}

var overWorkers = dimension{
	group: Workers, thing: "worker",
	of:   func(c bench.Cell) int { return c.Workers },
	key:  func(c bench.Cell) bench.Cell { c.Workers, c.Pool = 0, ""; return c },
	rest: func(key bench.Cell) (string, string) { return digits.Count(key.Clients, "client"), number(key.Clients) },
}

var overClients = dimension{
	group: Clients, thing: "client",
	of:   func(c bench.Cell) int { return c.Clients },
	key:  func(c bench.Cell) bench.Cell { c.Clients, c.Pool = 0, ""; return c },
	rest: func(key bench.Cell) (string, string) { return workers(key.Workers), number(key.Workers) },
}

// rates returns a result's throughputs in MB/s.
func rates(r bench.Result) []float64 {
	rates := r.Throughputs()
	for i := range rates {
		rates[i] /= 1e6
	}
	return rates
}

// throughputs returns the figures over one dimension.
func throughputs(totals []journal.Total, over dimension) []Figure {
	best := map[bench.Op]float64{}
	for _, t := range totals {
		for _, rate := range rates(t.Result) {
			best[t.Cell.Op] = max(best[t.Cell.Op], rate)
		}
	}
	var figures []Figure
	for _, p := range panels(totals, over.key) {
		if f, ok := throughput(p, over, best[p.key.Op]); ok {
			figures = append(figures, f)
		}
	}
	return figures
}

// throughput returns the figure of a panel, and reports whether there is one.
func throughput(p panel, over dimension, best float64) (Figure, bool) {
	words, short := over.rest(p.key)
	axis := over.group
	f := Figure{
		Name:  name(p.key, "throughput", axis, string(p.key.Op), p.key.Volume.String(), short),
		Group: over.group,
		Title: fmt.Sprintf("Throughput over %s: %s", axis, phrase(p.key, string(p.key.Op), digits.Size(p.key.Volume), words)),
		Cells: p.cells(),
		Y:     Axis{Name: "throughput", Unit: "MB/s"},
	}
	var (
		levels    []float64
		fits      []Series
		remarks   []string
		unbounded bool
		leftOut   int
	)
	for _, pool := range p.pools() {
		var samples [][]float64
		series := Series{Name: pool, Pool: pool, look: line}
		for _, t := range sortedBy(p.of(pool), over.of) {
			sample := rates(t.Result)
			leftOut += len(t.Rounds) - len(sample)
			center, err := stats.Median(sample)
			if level := float64(over.of(t.Cell)); err == nil && level > 0 {
				point := Point{X: level, Y: center.Median, Label: digits.Count(center.N, "round")}
				if center.Bounded() {
					point.Lo, point.Hi = center.Lo, center.Hi
				}
				unbounded = unbounded || !center.Bounded()
				series.Points, samples = append(series.Points, point), append(samples, sample)
				levels = append(levels, level)
			}
		}
		if len(series.Points) == 0 {
			continue
		}
		if fit, remark := scaling(series, samples); len(fit.Points) > 0 {
			series.look = fitted
			fits, remarks = append(fits, fit), append(remarks, remark)
		}
		f.Series = append(f.Series, series)
	}
	slices.Sort(levels)
	levels = slices.Compact(levels)
	if len(levels) < 2 {
		return Figure{}, false
	}
	f.X = Axis{Name: axis, Levels: levels, Log: levels[len(levels)-1] > 10*levels[0]}
	f.Alt = fmt.Sprintf("%s. Medians in MB/s: %s.", f.Title, medians(f.Series, over.thing))
	f.Note = notes(append(remarks, noFit(len(levels), axis), remark(unbounded, "an interval needs 6 whole rounds"),
		remark(leftOut > 0, digits.Count(leftOut, "round")+" left out, in which an op failed or something stood still"))...)
	f.Series = slices.Concat(fits, f.Series, guides(f.Series, levels, best, p.key.Op))
	return f, true
}

func sortedBy(totals []journal.Total, of func(bench.Cell) int) []journal.Total {
	slices.SortStableFunc(totals, func(a, b journal.Total) int { return of(a.Cell) - of(b.Cell) })
	return totals
}

func remark(there bool, text string) string {
	if !there {
		return ""
	}
	return text
}

// medians tells them for each series.
func medians(all []Series, thing string) string {
	var texts []string
	for _, s := range all {
		var parts []string
		for _, point := range s.Points {
			parts = append(parts, fmt.Sprintf("%s with %s", threeDigits(point.Y), digits.Count(int(point.X), thing)))
		}
		texts = append(texts, s.Name+" "+strings.Join(parts, ", "))
	}
	return strings.Join(texts, "; ")
}

// guides are what the throughput would be if that of the lowest level, of the better
// pool, grew as the level does, as far as the best round of the run, and that best. It
// stands for what the machine can move, which nothing else in a run tells.
func guides(all []Series, levels []float64, best float64, op bench.Op) []Series {
	lowest, highest, from := levels[0], levels[len(levels)-1], 0.0
	for _, s := range all {
		if s.Points[0].X == lowest {
			from = max(from, s.Points[0].Y)
		}
	}
	top := Series{Name: fmt.Sprintf("best %s of this run", op), look: ceiling, Points: []Point{{X: lowest, Y: best}, {X: highest, Y: best}}}
	end := min(highest, lowest*best/from)
	if end <= lowest {
		return []Series{top}
	}
	linear := Series{Name: "linear scaling", look: guide}
	for _, x := range spread(lowest, end, 16) {
		linear.Points = append(linear.Points, Point{X: x, Y: from * x / lowest})
	}
	return []Series{linear, top}
}

// spread returns n values of which each is the same multiple of the one before.
func spread(from, to float64, n int) []float64 {
	values := make([]float64, n)
	for i := range values {
		values[i] = from * math.Pow(to/from, float64(i)/float64(n-1))
	}
	values[n-1] = to
	return values
}
