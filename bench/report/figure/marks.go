package figure

import (
	"cmp"
	"fmt"
	"html"
	"slices"
	"strings"
)

// manyDots is the most points for which a line is drawn with a dot at each.
const manyDots = 40

// glyphs are the shapes of points, as paths relative to the point. Those of pools have about
// the same area.
var glyphs = map[string]string{
	"thread":    "m-3 0a3 3 0 1 0 6 0a3 3 0 1 0-6 0z",
	"process":   "m-2.7-2.7h5.4v5.4h-5.4z",
	"goroutine": "m0-3.7l3.6 6.2h-7.2z",
	"other":     "m0-3.8l3.8 3.8l-3.8 3.8l-3.8-3.8z",
	"none":      "m-2.5 0a2.5 2.5 0 1 0 5 0a2.5 2.5 0 1 0-5 0z",
}

const cross = "m-3-3l6 6m0-6l-6 6"

// kinds are the classes of pools. Pools of other servers share the class other.
var kinds = map[string]string{"": "none", "thread": "thread", "process": "process", "goroutine": "goroutine"}

func kind(pool string) string { return cmp.Or(kinds[pool], "other") }

// class returns the class of a series' marks.
func class(s Series) string {
	return kind(s.Pool) + map[style]string{hollow: " hollow", curve: " curve", guide: " guide", limit: " limit"}[s.style]
}

// series draws a series into a panel.
func (d *drawing) series(s Series, x, y scale) {
	fmt.Fprintf(d, `<g class="%s">`, class(s))
	defer d.WriteString("</g>")
	var data strings.Builder
	switch s.style {
	case curve, guide, limit:
		d.line(s, x, y, s.Points[0].Tip)
	case steps:
		fmt.Fprintf(&data, "M%.1f %.1f", x.at(s.Points[0].X), y.at(0))
		for _, p := range s.Points {
			fmt.Fprintf(&data, "H%.1fV%.1f", x.at(p.X), y.at(p.Y))
		}
		d.path("line", data.String(), "")
	case fields:
		below := 0.0
		for _, p := range s.Points {
			d.path("field", box(x.from, y.at(p.Y), x.to, y.at(below)), p.Tip)
			below = p.Y
		}
	case bars:
		half := min(3, 0.4*(y.at(1)-y.at(2)))
		for _, p := range s.Points {
			fmt.Fprintf(&data, "M%.1f %.1fH%.1f", x.at(p.Lo), y.at(p.Y), x.at(p.X))
			d.path("bar", box(x.at(p.X), y.at(p.Y)-half, max(x.at(p.X)+0.5, x.at(p.Hi)), y.at(p.Y)+half), p.Tip)
		}
		d.path("wait", data.String(), "")
	default:
		d.dots(s, x, y)
	}
}

// line joins the points that have a value. A curve with an interval gets a band.
func (d *drawing) line(s Series, x, y scale, tip string) {
	var line, band []string
	for _, p := range s.Points {
		if !p.Cross {
			line = append(line, fmt.Sprintf("%.1f %.1f", x.at(p.X), y.at(p.Y)))
		}
	}
	if len(line) == 0 {
		return
	}
	d.path("line", "M"+strings.Join(line, "L"), tip)
	if s.style != curve || s.Points[0].Hi == 0 {
		return
	}
	for _, p := range s.Points {
		band = append(band, fmt.Sprintf("%.1f %.1f", x.at(p.X), y.at(p.Hi)))
	}
	for _, p := range slices.Backward(s.Points) {
		band = append(band, fmt.Sprintf("%.1f %.1f", x.at(p.X), y.at(p.Lo)))
	}
	d.path("band", "M"+strings.Join(band, "L")+"z", "")
}

// dots draws points with their intervals. Each pool has a lane, so that equal points of
// several pools lie beside each other.
func (d *drawing) dots(s Series, x, y scale) {
	inRows := d.Y.Rows != nil
	lane := 0.0
	if s.Pool != "" {
		lane = 9 * (float64(slices.Index(d.pools, s.Pool)+1)/float64(len(d.pools)+1) - 0.5)
	}
	switch {
	case inRows:
		y.from, y.to = y.from+lane, y.to+lane
	case len(d.X.Levels) > 0:
		x.from, x.to = x.from+lane, x.to+lane
	}
	if s.style == joined {
		d.line(s, x, y, "")
	}
	var bounds strings.Builder
	for _, p := range s.Points {
		at := [2]float64{x.at(p.X), y.at(p.Y)}
		switch {
		case p.Cross && inRows:
			at[0] = x.from + gap
		case p.Cross:
			at[1] = max(y.from, y.to) - gap
		case p.Hi > 0 && inRows:
			fmt.Fprintf(&bounds, "M%.1f %.1fH%.1f", x.at(p.Lo), at[1], x.at(p.Hi))
		case p.Hi > 0:
			fmt.Fprintf(&bounds, "M%.1f %.1fV%.1f", at[0], y.at(p.Lo), y.at(p.Hi))
		}
		if s.style != joined || len(s.Points) <= manyDots || p.Mark || p.Cross {
			d.mark(s, p, fmt.Sprintf("M%.1f %.1f", at[0], at[1]))
		}
	}
	if bounds.Len() > 0 {
		d.path("bounds", bounds.String(), "")
	}
}

// mark draws a point, with a link if it has one.
func (d *drawing) mark(s Series, p Point, at string) {
	class, shape := "dot", glyphs[kind(s.Pool)]
	switch {
	case p.Cross:
		class, shape = "cross", cross
	case p.Mark:
		class += " mark"
	}
	if d.link == nil || p.Cell.Op == "" {
		d.path(class, at+shape, p.Tip)
		return
	}
	fmt.Fprintf(d, `<a href="%s"><title>%s</title>`, html.EscapeString(d.link(p.Cell)), html.EscapeString(p.Tip))
	d.path(class, at+shape, "")
	d.WriteString("</a>")
}
