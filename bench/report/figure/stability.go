package figure

import (
	"cmp"
	"fmt"
	"slices"

	"poolbench/bench"
	"poolbench/bench/internal/digits"
)

// RoundPoints is about how many rounds of a series are drawn. If there are more, only the
// shortest and the longest of every few consecutive rounds are drawn.
const RoundPoints = 100

// stabilities returns the figures of makespans in the order of measuring.
func (d data) stabilities() []Figure {
	points := d.inOrder()
	return d.grids(d.cells, Figure{
		Name: Stability, Group: Stability, Title: "Stability", byRow: true, marked: "warning", crossed: "an op failed or something stood still",
		X: Axis{Name: "round, counted over all pools of the panel"}, Y: Axis{Name: "makespan", Unit: seconds},
	}, []bench.Axis{d.workers}, []bench.Axis{d.volume, d.clients}, func(cells []bench.Cell) []Series {
		var series []Series
		for _, c := range cells {
			if of := envelope(points[c]); len(of) > 0 {
				series = append(series, Series{Name: c.Pool, Pool: c.Pool, style: joined, Points: of})
			}
		}
		return series
	})
}

// inOrder returns the rounds of each cell in the order of measuring. X counts the rounds of
// a point, over all its pools, from 1.
func (d data) inOrder() map[bench.Cell][]Point {
	points := map[bench.Cell][]Point{}
	place := map[bench.Cell]int{}
	machine := d.Head.Machine()
	for _, visit := range d.Results {
		key := visit.Cell
		key.Pool = ""
		for _, round := range visit.Rounds {
			place[key]++
			p := Point{X: float64(place[key]), Y: round.Makespan.Seconds()}
			text := seconds.write(p.Y)
			switch failed := round.Failed(); {
			case round.Stalled > 0:
				p.Cross, text = true, "something stood still"
			case failed > 0:
				p.Cross, text = true, fmt.Sprintf("%d of %s failed", failed, digits.Count(len(round.Samples), "op"))
			default:
				for _, w := range (bench.Result{Cell: visit.Cell, Rounds: []bench.Round{round}}).MachineWarnings(machine) {
					p.Mark, text = true, text+", "+string(w.Kind)
				}
			}
			p.Tip = d.tip(visit.Cell, "round %d, %s", place[key], text)
			points[visit.Cell] = append(points[visit.Cell], p)
		}
	}
	return points
}

// envelope thins out many points. Of every few consecutive points it keeps the least and the
// greatest, so that extremes stay, and those without a value.
func envelope(points []Point) []Point {
	if len(points) <= RoundPoints {
		return points
	}
	var drawn []Point
	for part := range slices.Chunk(points, (2*len(points)+RoundPoints-1)/RoundPoints) {
		whole := slices.DeleteFunc(slices.Clone(part), func(p Point) bool { return p.Cross })
		for _, p := range part {
			if p.Cross || p == slices.MinFunc(whole, byMakespan) || p == slices.MaxFunc(whole, byMakespan) {
				drawn = append(drawn, p)
			}
		}
	}
	return drawn
}

func byMakespan(a, b Point) int { return cmp.Compare(a.Y, b.Y) }
