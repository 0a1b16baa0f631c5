package figure

import (
	"cmp"
	"fmt"
	"html/template"
	"slices"
	"strings"
)

// Key is an entry of a legend: a name and how it is drawn.
type Key struct {
	Name   string
	Swatch template.HTML

	class string   // of the whole
	parts []string // classes of the paths
}

// Legend returns one legend for figures that stand together.
func Legend(figures []Figure) []Key {
	var all []Key
	for _, f := range figures {
		all = append(all, f.keys()...)
	}
	all = once(all)
	for i, k := range all {
		var p paper
		p.WriteString(`<svg class="plot" viewBox="0 0 24 12" width="24" height="12" aria-hidden="true">`)
		k.draw(&p)
		all[i].Swatch = template.HTML(p.String() + "</svg>")
	}
	return all
}

// once keeps the first key of each name, and drops those without a name.
func once(keys []Key) []Key {
	var all []Key
	for _, k := range keys {
		if k.Name != "" && !slices.ContainsFunc(all, func(other Key) bool { return other.Name == k.Name }) {
			all = append(all, k)
		}
	}
	return all
}

// keys returns the legend of a figure: pools, then lines, then marks.
func (f *Figure) keys() []Key {
	var pools, lines, marks []Key
	for _, s := range f.Series {
		k := Key{Name: s.Name, class: class(s), parts: []string{"dot"}}
		switch s.style {
		case joined:
			k.parts = []string{"line", "dot"}
		case steps:
			k.parts = []string{"line"}
		case bars:
			k.parts = []string{"bar"}
			lines = append(lines, Key{Name: "wait", class: k.class, parts: []string{"wait"}})
		case curve, guide, limit:
			k.parts = []string{"line"}
			lines = append(lines, k)
			continue
		}
		pools = append(pools, k)
		for _, p := range s.Points {
			if p.Mark {
				marks = append(marks, Key{Name: f.marked, class: "none", parts: []string{"dot mark"}})
			}
			if p.Cross {
				marks = append(marks, Key{Name: f.crossed, class: "none", parts: []string{"cross"}})
			}
		}
	}
	return once(slices.Concat(pools, lines, marks))
}

// draw draws a swatch, 24 wide and 12 high.
func (k Key) draw(p *paper) {
	fmt.Fprintf(p, `<g class="%s">`, k.class)
	data := map[string]string{"line": "M0 6H24", "wait": "M0 6H24", "bar": box(0, 3, 24, 9), "cross": "M12 6" + cross}
	for _, part := range k.parts {
		kind, _, _ := strings.Cut(k.class, " ")
		p.path(part, cmp.Or(data[part], "M12 6"+glyphs[kind]), "")
	}
	p.WriteString("</g>")
}

// legend returns the height of the legend of a figure, in as many lines as it needs, and
// writes it if draw is set.
func (d *drawing) legend(draw bool) float64 {
	x, y := 4.0, 4.0
	for _, k := range d.keys() {
		takes := 30 + long(k.Name)
		if x > 4 && x+takes > d.wide {
			x, y = 4, y+lineHigh
		}
		if draw {
			fmt.Fprintf(d, `<g transform="translate(%.1f %.1f)">`, x, y)
			k.draw(&d.paper)
			d.text("start", 29, 10, k.Name)
			d.WriteString("</g>")
		}
		x += takes + lineHigh
	}
	return y + lineHigh
}
