package figure

import (
	"math"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// tiles are points of a map, each a field with its text in it. gonum's HeatMap has
// neither text nor a colour for what is neutral.
type tiles struct {
	points []Point
	style  style
}

// Plot implements plot.Plotter.
func (t tiles) Plot(c draw.Canvas, p *plot.Plot) {
	x, y := p.Transforms(&c)
	words := text.Style{
		Color: ink, Font: font.From(plot.DefaultFont, fontSize), Handler: plot.DefaultTextHandler,
		XAlign: text.XCenter, YAlign: text.YCenter,
	}
	for _, at := range t.points {
		// Y runs down.
		t.field(c, at.Depth, vg.Rectangle{
			Min: vg.Point{X: x(at.X - 0.5), Y: y(at.Y + 0.5)}, Max: vg.Point{X: x(at.X + 0.5), Y: y(at.Y - 0.5)},
		})
		c.FillText(words, vg.Point{X: x(at.X), Y: y(at.Y)}, at.Text)
	}
}

// field draws a field, in a colour of its depth.
func (t tiles) field(c draw.Canvas, depth float64, at vg.Rectangle) {
	path := at.Path()
	if depth > 0 {
		c.SetColor(shade(t.style.color, depth))
		c.Fill(path)
	}
	c.SetLineStyle(draw.LineStyle{Color: faint, Width: 0.75})
	c.Stroke(path)
}

// Thumbnail implements plot.Thumbnailer.
func (t tiles) Thumbnail(c *draw.Canvas) {
	t.field(*c, math.Ceil(t.points[0].Depth), c.Rectangle)
}
