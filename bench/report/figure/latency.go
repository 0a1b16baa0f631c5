package figure

import (
	"fmt"
	"slices"
	"strings"

	"poolbench/bench/internal/digits"
	"poolbench/bench/journal"
	"poolbench/bench/stats"
)

// curvePoints is the most that a distribution is drawn with.
const curvePoints = 100

// latencies returns a figure of the distributions for each cell but for the pool.
func latencies(totals []journal.Total) []Figure {
	var figures []Figure
	for _, p := range panels(totals, anyPool) {
		var curves []Series
		var failures, numbers []string
		for _, t := range p.totals {
			ok, failed := endsOf(t)
			values := latenciesOf(t)
			if len(values) == 0 {
				continue
			}
			curves = append(curves, Series{Name: t.Cell.Pool, Pool: t.Cell.Pool, look: steps, Points: distribution(values, ok+failed)})
			middle, _ := stats.Quantiles(values, 0.5, 1)
			numbers = append(numbers, fmt.Sprintf("%s median %s, longest %s of %s", t.Cell.Pool, quantity(middle[0], "s"), quantity(middle[1], "s"), digits.Count(ok, "op")))
			if failed > 0 {
				failures = append(failures, fmt.Sprintf("%d of %s of %s failed, and their share is missing at the top of its curve",
					failed, digits.Count(ok+failed, "op"), t.Cell.Pool))
			}
		}
		if len(curves) == 0 {
			continue
		}
		title := "Latency: " + cellPhrase(p)
		figures = append(figures, Figure{
			Name: cellName("latency", p), Group: Latency, Title: title, Cells: p.cells(), Series: curves,
			X:    Axis{Name: "latency of an op", Unit: "s", Log: true},
			Y:    Axis{Name: "share of ops", Unit: "%"},
			Alt:  fmt.Sprintf("%s. Of those that succeeded: %s.", title, strings.Join(numbers, "; ")),
			Note: notes(failures...),
		})
	}
	return figures
}

// endsOf counts the ops that succeeded and that failed, of the rounds in which nothing
// stood still.
func endsOf(t journal.Total) (ok, failed int) {
	for _, round := range t.Rounds {
		if round.Stalled == 0 {
			failed += round.Failed()
			ok += len(round.Samples) - round.Failed()
		}
	}
	return ok, failed
}

// cellPhrase is what a title says of a panel of one cell for each pool.
func cellPhrase(p panel) string {
	return phrase(p.key, string(p.key.Op), digits.Size(p.key.Volume), digits.Count(p.key.Clients, "client"), workers(p.key.Workers))
}

func cellName(kind string, p panel, more ...string) string {
	parts := []string{kind, string(p.key.Op), p.key.Volume.String(), number(p.key.Clients), number(p.key.Workers)}
	return name(p.key, append(parts, more...)...)
}

// latenciesOf returns those of the ops that succeeded, in seconds, ascending.
func latenciesOf(t journal.Total) []float64 {
	var values []float64
	for _, latency := range t.Latencies() {
		if latency > 0 { // a clock may be coarse, and an axis logarithmic
			values = append(values, latency/1e9)
		}
	}
	slices.Sort(values)
	return values
}

// distribution is the share, in percent, of all ops that took at most so long. Where
// there are too many for a point each, there is one at each hundredth of those that
// succeeded, always a latency that was measured.
func distribution(sorted []float64, all int) []Point {
	if len(sorted) > curvePoints {
		ps := make([]float64, curvePoints)
		for i := range ps {
			ps[i] = float64(i+1) / curvePoints
		}
		quantiles, _ := stats.Quantiles(sorted, ps...) // there are values, and all are finite
		points := make([]Point, curvePoints)
		for i, x := range quantiles {
			points[i] = Point{X: x, Y: 100 * ps[i] * float64(len(sorted)) / float64(all)}
		}
		return points
	}
	points := make([]Point, len(sorted))
	for i, x := range sorted {
		points[i] = Point{X: x, Y: 100 * float64(i+1) / float64(all)}
	}
	return points
}
