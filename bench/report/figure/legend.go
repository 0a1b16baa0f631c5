package figure

import (
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// legend is entries beside each other, above a plot. gonum's stands inside of it, on
// what it explains.
type legend struct{ entries []entry }

type entry struct {
	name   string
	thumbs []plot.Thumbnailer
}

func (l *legend) add(name string, thumbs ...plot.Thumbnailer) {
	l.entries = append(l.entries, entry{name, thumbs})
}

// draw draws the entries from the top down, as many in a line as fit, and returns
// the height that it used.
func (l *legend) draw(c draw.Canvas) vg.Length {
	const gap, between, lineHeight = 5, 14, 18
	style := text.Style{Color: ink, Font: font.From(plot.DefaultFont, fontSize), Handler: plot.DefaultTextHandler, YAlign: text.YCenter}
	x, y := c.Min.X, c.Max.Y-lineHeight/2
	for _, e := range l.entries {
		thumb := vg.Length(24)
		if _, dot := e.thumbs[0].(*plotter.Scatter); dot {
			thumb = 10
		}
		// A tenth more, for fonts that are wider than the one that is measured.
		takes := thumb + gap + style.Width(e.name)*1.1
		if x > c.Min.X && x+takes > c.Max.X {
			x, y = c.Min.X, y-lineHeight
		}
		for _, t := range e.thumbs {
			t.Thumbnail(&draw.Canvas{Canvas: c.Canvas, Rectangle: vg.Rectangle{
				Min: vg.Point{X: x, Y: y - lineHeight/4}, Max: vg.Point{X: x + thumb, Y: y + lineHeight/4},
			}})
		}
		c.FillText(style, vg.Point{X: x + thumb + gap, Y: y}, e.name)
		x += takes + between
	}
	return c.Max.Y - y + lineHeight/2 + 4
}
