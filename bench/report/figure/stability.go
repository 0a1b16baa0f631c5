package figure

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"poolbench/bench"
	"poolbench/bench/analysis"
	"poolbench/bench/internal/digits"
	"poolbench/bench/journal"
)

// stoodStill is why a round in which something did has no value.
const stoodStill = "stood still"

// roundPoints is about the most rounds of a series that are drawn.
const roundPoints = 100

// stabilities returns a figure of the makespans, in the order in which they were
// measured, for each cell but for the pool.
func stabilities(a *analysis.Analysis) []Figure {
	points := inOrder(a.Run)
	var figures []Figure
	for _, p := range panels(a.Totals, anyPool) {
		if f := stability(p, points); len(f.Series) > 0 {
			figures = append(figures, f)
		}
	}
	return figures
}

func stability(p panel, points map[bench.Cell][]Point) Figure {
	f := Figure{
		Name: cellName("stability", p), Group: Stability, Title: "Stability: " + cellPhrase(p), Cells: p.cells(),
		X:      Axis{Name: "round of these cells"},
		Y:      Axis{Name: "makespan", Unit: "s"},
		marked: "warning",
	}
	var numbers, marks, voids []string
	thinned := 0
	for _, t := range p.totals {
		of := points[t.Cell]
		if len(of) == 0 {
			continue
		}
		marks, voids = append(marks, marksOf(t.Cell.Pool, of)...), append(voids, voidsOf(of)...)
		drawn, each := envelope(of)
		thinned = max(thinned, each)
		f.Series = append(f.Series, Series{Name: t.Cell.Pool, Pool: t.Cell.Pool, look: rounds, Points: drawn})
		numbers = append(numbers, spanOf(t.Cell.Pool, of))
	}
	still := slices.Contains(voids, stoodStill)
	failed := slices.ContainsFunc(voids, func(v string) bool { return v != stoodStill })
	f.void = strings.Join(present(remark(failed, "an op failed"), remark(still, stoodStill)), ", or ")
	f.Alt = fmt.Sprintf("%s. %s.", f.Title, strings.Join(numbers, "; "))
	f.Note = notes(
		remark(thinned > 0, fmt.Sprintf("of every %d rounds in turn the shortest and the longest are drawn", thinned)),
		remark(failed, "a round with a failed op has no makespan to compare, and is at the foot"),
		remark(still, "a round in which the benchmark or a server stood still is at the foot, and in no estimate"),
		remark(len(marks) > 0, "warnings of rounds by themselves: "+strings.Join(marks, ", ")),
	)
	return f
}

// voidsOf are why points have no value.
func voidsOf(points []Point) []string {
	var voids []string
	for _, p := range points {
		if p.Void != "" {
			voids = append(voids, p.Void)
		}
	}
	return voids
}

// marksOf counts the rounds of a pool by what there is to warn of in them.
func marksOf(pool string, points []Point) []string {
	counts := map[string]int{}
	for _, p := range points {
		if p.Mark != "" {
			counts[p.Mark]++
		}
	}
	var texts []string
	for _, mark := range slices.Sorted(maps.Keys(counts)) {
		texts = append(texts, fmt.Sprintf("%s %s in %d of %s", pool, mark, counts[mark], digits.Count(len(points), "round")))
	}
	return texts
}

// inOrder returns the rounds of each cell, as they were measured. X is a round's place,
// from 1, among those of all the cells that differ from it in the pool alone.
func inOrder(run journal.Run) map[bench.Cell][]Point {
	points := map[bench.Cell][]Point{}
	place := map[bench.Cell]int{}
	machine := run.Head.Machine()
	for _, visit := range run.Results {
		for _, round := range visit.Rounds {
			key := anyPool(visit.Cell)
			place[key]++
			point := Point{X: float64(place[key]), Y: round.Makespan.Seconds()}
			switch failed := round.Failed(); {
			case round.Stalled > 0:
				point.Void = stoodStill
			case failed > 0:
				point.Void = fmt.Sprintf("%d of %s failed", failed, digits.Count(len(round.Samples), "op"))
			default:
				point.Mark = markOf(visit.Cell, round, machine)
			}
			points[visit.Cell] = append(points[visit.Cell], point)
		}
	}
	return points
}

// markOf is what there is to warn of in a round, that it is but one aside.
func markOf(cell bench.Cell, round bench.Round, machine bench.Machine) string {
	var kinds []string
	for _, w := range (bench.Result{Cell: cell, Rounds: []bench.Round{round}}).MachineWarnings(machine) {
		kinds = append(kinds, string(w.Kind))
	}
	return strings.Join(kinds, " and ")
}

// envelope returns all of few points and, of many, the least and the greatest of each
// so many in turn, which keeps those that stand out, and those without a value.
func envelope(points []Point) (drawn []Point, each int) {
	if len(points) <= roundPoints {
		return points, 0
	}
	each = (2*len(points) + roundPoints - 1) / roundPoints
	for part := range slices.Chunk(points, each) {
		least, most := -1, -1
		for i, p := range part {
			if p.Void != "" {
				continue
			}
			if least < 0 || p.Y < part[least].Y {
				least = i
			}
			if most < 0 || p.Y > part[most].Y {
				most = i
			}
		}
		for i, p := range part {
			if i == least || i == most || p.Void != "" {
				drawn = append(drawn, p)
			}
		}
	}
	return drawn, each
}

// spanOf tells a pool's shortest and longest makespan, and how many rounds have none.
func spanOf(pool string, points []Point) string {
	var whole []float64
	still := 0
	for _, p := range points {
		switch p.Void {
		case "":
			whole = append(whole, p.Y)
		case stoodStill:
			still++
		}
	}
	text := fmt.Sprintf("%s %s", pool, digits.Count(len(points), "round"))
	if len(whole) > 0 {
		text += fmt.Sprintf(" from %s to %s", quantity(slices.Min(whole), "s"), quantity(slices.Max(whole), "s"))
	}
	if failed := len(points) - len(whole) - still; failed > 0 {
		text += fmt.Sprintf(", %d with a failure", failed)
	}
	if still > 0 {
		text += fmt.Sprintf(", %d that stood still", still)
	}
	return text
}
