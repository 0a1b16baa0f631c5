package figure

import (
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"

	"poolbench/bench"
	"poolbench/bench/internal/digits"
	"poolbench/bench/journal"
)

// roundPoints is about the most rounds of a series that are drawn.
const roundPoints = 100

// stabilities returns a figure of the makespans, in the order in which they were
// measured, for each cell but for the pool.
func stabilities(run journal.Run, totals []journal.Total) []Figure {
	points := inOrder(run)
	var figures []Figure
	for _, p := range panels(totals, anyPool) {
		f := Figure{
			Name: cellName("stability", p), Group: Stability, Title: "Stability: " + cellPhrase(p), Cells: p.cells(),
			X:      Axis{Name: "round of these cells"},
			Y:      Axis{Name: "makespan", Unit: "s"},
			marked: "warning", void: "an op failed",
		}
		var numbers, marks []string
		thinned := 0
		for _, t := range p.totals {
			of := points[t.Cell]
			if len(of) == 0 {
				continue
			}
			marks = append(marks, marksOf(t.Cell.Pool, of)...)
			drawn, each := envelope(of)
			thinned = max(thinned, each)
			f.Series = append(f.Series, Series{Name: t.Cell.Pool, Pool: t.Cell.Pool, look: rounds, Points: drawn})
			numbers = append(numbers, spanOf(t.Cell.Pool, of))
		}
		if len(f.Series) == 0 {
			continue
		}
		f.Alt = fmt.Sprintf("%s. %s.", f.Title, strings.Join(numbers, "; "))
		f.Note = notes(
			remark(thinned > 0, fmt.Sprintf("of every %d rounds in turn the shortest and the longest are drawn", thinned)),
			remark(slices.ContainsFunc(f.Series, hasVoid), "a round with a failed op has no makespan to compare, and stands at the foot"),
			remark(len(marks) > 0, "warnings of rounds by themselves: "+strings.Join(marks, ", ")),
		)
		figures = append(figures, f)
	}
	return figures
}

func hasVoid(s Series) bool {
	return slices.ContainsFunc(s.Points, func(p Point) bool { return p.Void != "" })
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

// inOrder returns the rounds of each cell, of pairs too. X is a round's place, from 1,
// among those of all the cells that differ from it in the pool alone.
func inOrder(run journal.Run) map[bench.Cell][]Point {
	points := map[bench.Cell][]Point{}
	place := map[bench.Cell]int{}
	machine := run.Head.Machine()
	add := func(cell bench.Cell, round bench.Round) {
		key := anyPool(cell)
		place[key]++
		point := Point{X: float64(place[key]), Y: round.Makespan.Seconds()}
		if failed := round.Failed(); failed > 0 {
			point.Void = fmt.Sprintf("%d of %s failed", failed, digits.Count(len(round.Samples), "op"))
		} else {
			point.Mark = markOf(cell, round, machine)
		}
		points[cell] = append(points[cell], point)
	}
	for _, result := range run.Results {
		for _, round := range result.Rounds {
			add(result.Cell, round)
		}
	}
	for _, pair := range run.Pairs {
		for cell, round := range inTurn(pair) {
			add(cell, round)
		}
	}
	return points
}

// inTurn are the rounds of a pair as they were done.
func inTurn(pair bench.Pair) iter.Seq2[bench.Cell, bench.Round] {
	return func(yield func(bench.Cell, bench.Round) bool) {
		for i := range pair.Rounds() {
			sides := pair.Sides()
			if !bench.BaseFirst(i) {
				slices.Reverse(sides)
			}
			for _, side := range sides {
				if i < len(side.Rounds) && !yield(side.Cell, side.Rounds[i]) {
					return
				}
			}
		}
	}
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

// spanOf tells a pool's shortest and longest makespan.
func spanOf(pool string, points []Point) string {
	var whole []float64
	for _, p := range points {
		if p.Void == "" {
			whole = append(whole, p.Y)
		}
	}
	text := fmt.Sprintf("%s %s", pool, digits.Count(len(points), "round"))
	if len(whole) > 0 {
		text += fmt.Sprintf(" from %s to %s", quantity(slices.Min(whole), "s"), quantity(slices.Max(whole), "s"))
	}
	if failed := len(points) - len(whole); failed > 0 {
		text += fmt.Sprintf(", %d with a failure", failed)
	}
	return text
}
