package figure

import (
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// intervals are bars up and down from points.
type intervals struct {
	points []Point
	style  style
}

// Plot implements plot.Plotter.
func (b intervals) Plot(c draw.Canvas, p *plot.Plot) {
	x, y := p.Transforms(&c)
	const cap = 3
	var path vg.Path
	for _, point := range b.points {
		at, lo, hi := x(point.X), y(point.Lo), y(point.Hi)
		stroke(&path, at, lo, at, hi)
		stroke(&path, at-cap, lo, at+cap, lo)
		stroke(&path, at-cap, hi, at+cap, hi)
	}
	c.SetLineStyle(draw.LineStyle{Color: b.style.color, Width: 1})
	c.Stroke(path)
}

func stroke(path *vg.Path, x0, y0, x1, y1 vg.Length) {
	path.Move(vg.Point{X: x0, Y: y0})
	path.Line(vg.Point{X: x1, Y: y1})
}

// strip is bars along X, one path for all of them.
type strip struct {
	points []Point
	style  draw.LineStyle
}

// Plot implements plot.Plotter.
func (s strip) Plot(c draw.Canvas, p *plot.Plot) {
	x, y := p.Transforms(&c)
	var path vg.Path
	for _, point := range s.points {
		stroke(&path, max(x(point.Lo), c.Min.X), y(point.Y), min(x(point.Hi), c.Max.X), y(point.Y))
	}
	c.SetLineStyle(s.style)
	c.Stroke(path)
}

// Thumbnail implements plot.Thumbnailer.
func (s strip) Thumbnail(c *draw.Canvas) {
	style := s.style
	if style.Width > 1 {
		style.Width = 6 // of many clients it is hardly a line
	}
	c.StrokeLine2(style, c.Min.X, c.Center().Y, c.Max.X, c.Center().Y)
}

// edges draws the rings around points with a Mark, and the crosses of those that
// are Void.
func (d *drawing) edges() {
	var rings plotter.XYs
	for _, s := range d.Series {
		var crosses plotter.XYs
		for _, p := range s.Points {
			at := d.place(s, p)
			switch {
			case p.Void != "":
				crosses = append(crosses, at)
			case p.Mark != "":
				rings = append(rings, at)
			}
		}
		if len(crosses) > 0 {
			look := styleOf(s.Pool)
			d.scatter(s.Name+": "+d.void, crosses, draw.GlyphStyle{Color: look.color, Radius: 4, Shape: outline{draw.CrossGlyph{}}})
		}
	}
	if len(rings) > 0 {
		d.scatter(d.marked, rings, draw.GlyphStyle{Color: ink, Radius: 5.5, Shape: outline{draw.RingGlyph{}}})
	}
}

// outline is a glyph of lines, which gonum draws half a point wide: too thin to have
// a colour.
type outline struct{ draw.GlyphDrawer }

// DrawGlyph implements draw.GlyphDrawer.
func (o outline) DrawGlyph(c *draw.Canvas, style draw.GlyphStyle, at vg.Point) {
	o.GlyphDrawer.DrawGlyph(&draw.Canvas{Canvas: pen{c.Canvas}, Rectangle: c.Rectangle}, style, at)
}

// pen draws every line with one width.
type pen struct{ vg.Canvas }

func (p pen) SetLineWidth(vg.Length) { p.Canvas.SetLineWidth(1.25) }
