package figure

import (
	"fmt"
	"slices"
	"strings"

	"poolbench/bench"
	"poolbench/bench/internal/digits"
	"poolbench/bench/report/contrast"
	"poolbench/bench/stats"
)

// ratios returns a figure of by how much a pool differs from the base at each point,
// for each op and pool.
func ratios(all []contrast.Contrast) []Figure {
	var figures []Figure
	for _, m := range contrast.Maps(all) {
		f := againstBase(m, Ratio)
		f.X = Axis{Name: fmt.Sprintf("throughput of %s ÷ %s", m.Pool, m.Base), Log: true}
		f.Y.Name, f.void = "volume, clients, workers", "nothing to compare"
		var where []string
		cut := false
		floors := Series{Name: "noise floor", look: span}
		for i, c := range m.All() {
			f.Cells, f.Y.Rows = append(f.Cells, c.Cell), append(f.Y.Rows, rowName(anyClientPool(c.Cell)))
			at := interval(c.Comparison, i+1, c.String())
			cut = cut || beyond(at)
			f.tell(c.Winner(), outcomeOf(c), bounded, at)
			if c.Floor > 0 {
				floors.Points = append(floors.Points, Point{X: 1, Y: float64(i + 1), Lo: 1 / c.Floor, Hi: c.Floor})
			}
			if c.Differs() {
				where = append(where, c.Point()+" "+digits.Change(c.Ratio))
			}
		}
		if len(floors.Points) > 0 {
			f.Series = slices.Insert(f.Series, 0, floors)
		}
		f.Series = append(f.Series, equal(len(f.Y.Rows)))
		f.Alt = fmt.Sprintf("%s. A difference at %d of %s%s.", f.Title, len(where), digits.Count(len(f.Y.Rows), "point"), listed(where))
		f.Note = notes("bars are 95 % intervals, each for its point alone, and the verdict is of all points together",
			remark(cut, "what reaches the edge goes on"), remark(len(floors.Points) == 0, "without rounds in turn there is no noise floor"))
		figures = append(figures, f)
	}
	return figures
}

// againstBase begins a figure of a map.
func againstBase(m contrast.Map, group string) Figure {
	of := bench.Cell{ClientPool: m.ClientPool}
	return Figure{
		Name: name(of, group, string(m.Op), m.Pool), Group: group,
		Title: phrase(of, fmt.Sprintf("Throughput of %s against %s: %s", m.Pool, m.Base, m.Op)),
	}
}

// outcomeOf names the series of a contrast.
func outcomeOf(c contrast.Contrast) string {
	switch {
	case c.Differs():
		return c.Winner() + " faster"
	case c.Unshown():
		return "no difference that this run can show"
	}
	return "too little to say"
}

// tell adds a point to the series of a name.
func (f *Figure) tell(pool, name string, look look, p Point) {
	i := slices.IndexFunc(f.Series, func(s Series) bool { return s.Name == name })
	if i < 0 {
		i = len(f.Series)
		f.Series = append(f.Series, Series{Name: name, Pool: pool, look: look})
	}
	f.Series[i].Points = append(f.Series[i].Points, p)
}

// interval is a ratio in a row.
func interval(c stats.Comparison, row int, label string) Point {
	p := Point{X: c.Ratio, Y: float64(row), Label: label}
	switch {
	case c.N == 0:
		p.Void = "no rounds without a failure"
	case c.Bounded():
		p.Lo, p.Hi = c.Lo, c.Hi
	}
	return p
}

// reach is how far the axis of a ratio goes along with its interval, so that one that
// says nothing does not squeeze all others.
func reach(p Point) (lo, hi float64) { return min(1, p.X) / 3, max(1, p.X) * 3 }

func beyond(p Point) bool {
	lo, hi := reach(p)
	return p.Hi > 0 && (p.Lo < lo || p.Hi > hi)
}

// equal is the line at which both are as fast.
func equal(rows int) Series {
	return Series{Name: "equal", look: ceiling, Points: []Point{{X: 1, Y: 0.5}, {X: 1, Y: float64(rows) + 0.5}}}
}

func anyClientPool(c bench.Cell) bench.Cell {
	c.ClientPool = ""
	return c
}

// listed continues a sentence.
func listed(texts []string) string {
	if len(texts) == 0 {
		return ""
	}
	return ": " + strings.Join(texts, "; ")
}

// floors returns a figure of how far the base of a run's pairs is from itself, for
// each op.
func floors(all []bench.Compared) []Figure {
	var figures []Figure
	compared := slices.DeleteFunc(all, func(c bench.Compared) bool { return !c.Same() })
	slices.SortStableFunc(compared, func(a, b bench.Compared) int { return order(a.Cell, b.Cell) })
	for _, op := range bench.Ops() {
		var f Figure
		widest := 0.0
		for _, c := range compared {
			if c.Cell.Op != op {
				continue
			}
			row := rowName(c.Cell)
			label := row + ": too few rounds for an interval"
			if c.Bounded() {
				label = fmt.Sprintf("%s: %s, floor %s", row, contrast.Interval(c.Comparison), digits.Floor(c.Floor))
			}
			f.Title = fmt.Sprintf("Noise floor: %s against itself: %s", c.Base, op)
			f.X = Axis{Name: fmt.Sprintf("throughput of %s ÷ its own", c.Base), Log: true}
			f.Cells, f.Y.Rows = append(f.Cells, c.Cell), append(f.Y.Rows, row)
			f.tell(c.Base, c.Base, bounded, interval(c.Comparison, len(f.Y.Rows), label))
			widest = max(widest, c.Floor)
		}
		if f.Cells == nil {
			continue
		}
		f.Name, f.Group, f.Y.Name, f.void = name(bench.Cell{}, "floor", string(op)), Stability, "volume, clients, workers", "nothing to compare"
		f.Series = append(f.Series, equal(len(f.Y.Rows)))
		f.Alt = fmt.Sprintf("%s. %s.", f.Title, widestOf(widest))
		f.Note = "the farther end of a bar from 1 is the floor of its point: no smaller difference to another pool is claimed there"
		figures = append(figures, f)
	}
	return figures
}

func widestOf(floor float64) string {
	if floor == 0 {
		return "Too few rounds for an interval"
	}
	return "The widest floor is " + digits.Floor(floor)
}
