package figure

import (
	"fmt"
	"html"
	"io"
	"math"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"poolbench/bench/internal/digits"
)

// tip is a place in a drawing, from its lower left, and what to say to who points
// there.
type tip struct {
	vg.Rectangle
	text string
}

// writeTips writes the places as fields that are not seen, and of which a browser
// tells by itself.
func writeTips(w io.Writer, tips []tip, high vg.Length) {
	if len(tips) == 0 {
		return
	}
	fmt.Fprintf(w, `<g transform="translate(0,%g) scale(1,-1)" fill="none" pointer-events="all">`, float64(high))
	for _, t := range tips {
		size := t.Size()
		fmt.Fprintf(w, `<rect x="%s" y="%s" width="%s" height="%s"><title>%s</title></rect>`,
			tenths(t.Min.X), tenths(t.Min.Y), tenths(size.X), tenths(size.Y), html.EscapeString(t.text))
	}
	fmt.Fprint(w, "</g>")
}

func tenths(l vg.Length) string { return rounded(fmt.Sprintf("%.1f", float64(l))) }

// tips are those of the points that are drawn by themselves, and of a distribution
// those at the quantiles that are spoken of.
func (d *drawing) tips(area draw.Canvas) []tip {
	x, y := d.plot.Transforms(&area)
	var tips []tip
	for _, s := range d.Series {
		for _, p := range d.telling(s) {
			text := d.say(s, p)
			switch s.look {
			case thick:
				half := max(d.barWidth(), 3) / 2
				tips = append(tips, tip{vg.Rectangle{
					Min: vg.Point{X: x(p.Lo / d.x.prefix.factor), Y: y(p.Y) - half}, Max: vg.Point{X: x(p.Hi / d.x.prefix.factor), Y: y(p.Y) + half},
				}, text})
			default:
				at := d.place(s, p)
				tips = around(tips, vg.Point{X: x(at.X), Y: y(at.Y)}, text)
			}
		}
	}
	return tips
}

// around adds a tip around a point to those that there are around others, or its text
// to that of one whose point it would cover.
func around(tips []tip, at vg.Point, text string) []tip {
	const half = 6
	for i, t := range tips {
		from := t.Min.Add(t.Max).Scale(0.5).Sub(at)
		if math.Hypot(float64(from.X), float64(from.Y)) < half {
			tips[i].text += "; " + text
			return tips
		}
	}
	corner := vg.Point{X: half, Y: half}
	return append(tips, tip{vg.Rectangle{Min: at.Sub(corner), Max: at.Add(corner)}, text})
}

// telling are the points of a series that say something by themselves.
func (d *drawing) telling(s Series) []Point {
	switch s.look {
	case line, fitted, filled, hollow, bounded, thick:
		return s.Points
	case rounds:
		if len(s.Points) <= glyphs {
			return s.Points
		}
		var some []Point
		for _, p := range s.Points {
			if p.Mark != "" || p.Void != "" {
				some = append(some, p)
			}
		}
		return some
	case steps:
		var some []Point
		for _, share := range []float64{50, 90, 99} {
			for i, p := range s.Points {
				if p.Y >= share-1e-9 && (i == 0 || s.Points[i-1].Y < share-1e-9) {
					some = append(some, p)
				}
			}
		}
		return some
	}
	return nil
}

// say is what there is to say of a point, in a line.
func (d *drawing) say(s Series, p Point) string {
	switch {
	case s.look == bounded:
		return p.Label
	case s.look == thick:
		return fmt.Sprintf("%s: transfer from %s to %s", p.Label, quantity(p.Lo, d.X.Unit), quantity(p.Hi, d.X.Unit))
	case s.look == steps:
		return fmt.Sprintf("%s: %s %% of ops within %s", s.Name, digits.Of(p.Y), quantity(p.X, d.X.Unit))
	case p.Void != "":
		return d.which(s, p) + ": " + p.Void
	}
	return notes(d.which(s, p)+": "+d.value(s, p), p.Mark)
}

// which names a point.
func (d *drawing) which(s Series, p Point) string {
	switch s.look {
	case rounds:
		return fmt.Sprintf("%s, round %.0f", s.Name, p.X)
	case line, fitted:
		return fmt.Sprintf("%s, %s %.0f", s.Name, d.X.Name, p.X)
	}
	return fmt.Sprintf("%s, %s", p.Label, s.Name)
}

// value writes a point's, with its bounds.
func (d *drawing) value(s Series, p Point) string {
	switch {
	case s.look == filled, s.look == hollow:
		return quantity(p.X, d.X.Unit)
	case s.look == rounds:
		return quantity(p.Y, d.Y.Unit)
	case p.Hi > 0:
		return fmt.Sprintf("%s, %s … %s, %s", quantity(p.Y, d.Y.Unit), threeDigits(p.Lo), threeDigits(p.Hi), p.Label)
	}
	return fmt.Sprintf("%s, %s", quantity(p.Y, d.Y.Unit), p.Label)
}
