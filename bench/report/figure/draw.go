package figure

import (
	"bytes"
	"io"
	"math"
	"slices"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgsvg"
)

const (
	width     = 480
	height    = 270 // but for figures with rows
	rowHeight = 17
	fontSize  = 12
	glyphs    = 40 // the most points of a joined series that are drawn by themselves
)

// SVG writes the drawing.
func (f Figure) SVG(w io.Writer) error {
	canvas := vgsvg.New(f.size())
	d := drawing{
		Figure: f, plot: plot.New(),
		x: scaleOf(f.X, f.values(len(f.Y.Rows) == 0, func(p Point, l look) []float64 {
			switch {
			case l == thin, l == thick:
				return []float64{p.Lo, p.Hi}
			case p.Hi > 0 && len(f.Y.Rows) > 0:
				lo, hi := reach(p)
				return []float64{p.X, max(p.Lo, lo), min(p.Hi, hi)}
			}
			return []float64{p.X}
		})),
		y: scaleOf(f.Y, f.values(false, func(p Point, l look) []float64 {
			if p.Hi == 0 || l == thin || l == thick {
				return []float64{p.Y}
			}
			return []float64{p.Y, p.Lo, p.Hi}
		})),
	}
	area := d.draw(draw.Crop(draw.New(canvas), 4, -12, 4, -4))
	var raw bytes.Buffer
	if _, err := canvas.WriteTo(&raw); err != nil {
		return err
	}
	return compact(w, f, &raw, d.tips(area))
}

// size is that of the drawing, in points, which are a page's pixels before it scales
// it.
func (f Figure) size() (wide, high vg.Length) {
	if rows := vg.Length(len(f.Y.Rows)); rows > 0 {
		return width, max(rows*rowHeight+90, 250) // as high as the name of the axis is long, below the legend
	}
	return width, height
}

// values are those of an axis, of all points that are drawn, or 0 if there are none.
// Those that are void have none, but on the axis at whose foot they are.
func (f Figure) values(foot bool, of func(Point, look) []float64) []float64 {
	var values []float64
	for _, s := range f.Series {
		for _, p := range s.Points {
			if p.Void == "" || foot {
				values = append(values, of(p, s.look)...)
			}
		}
	}
	if len(values) == 0 {
		return []float64{0}
	}
	return values
}

// drawing is a figure on its way to a plot.
type drawing struct {
	Figure
	plot   *plot.Plot
	x, y   scale
	legend legend
}

// draw returns where the points are, between the axes.
func (d *drawing) draw(c draw.Canvas) draw.Canvas {
	p := d.plot
	p.BackgroundColor = nil
	d.x.apply(&p.X)
	d.y.apply(&p.Y)
	p.Y.Label.Text = d.y.label()
	for _, a := range []*plot.Axis{&p.X, &p.Y} {
		a.Color, a.Label.TextStyle.Color, a.Tick.Color, a.Tick.Label.Color = ink, ink, ink, ink
		a.Label.TextStyle.Font.Size, a.Tick.Label.Font.Size = fontSize, fontSize
		a.Width, a.Tick.Width = 0.75, 0.75
		a.Tick.Length, a.Padding = 4, 2
	}
	if len(d.Y.Rows) > 0 {
		p.Y.Scale = plot.InvertedScale{Normalizer: p.Y.Scale}
	}
	p.Y.Tick.Length = 0          // there is the grid
	p.Y.Tick.Label.YAlign = -0.6 // digits have nothing below the line
	p.Y.Tick.Marker = apart(p.Y.Tick.Marker)
	grid := plotter.NewGrid()
	grid.Horizontal = draw.LineStyle{Color: faint, Width: 0.75}
	grid.Vertical = draw.LineStyle{}
	if len(d.Y.Rows) > 0 {
		grid.Vertical = grid.Horizontal
	}
	d.add(grid)
	for _, s := range d.Series {
		d.series(s)
	}
	d.edges()
	used := d.legend.draw(c)
	// gonum leaves room for the name of a logarithmic axis where it does not draw it.
	style := p.X.Label.TextStyle
	style.XAlign, style.YAlign = text.XCenter, text.YBottom
	body := draw.Crop(c, 0, 0, style.Height(d.x.label()), -used)
	p.Draw(body)
	area := p.DataCanvas(body)
	c.FillText(style, vg.Point{X: area.Center().X, Y: c.Min.Y}, d.x.label())
	return area
}

// add hides all but Plot: the ranges are chosen, and have room for the glyphs.
func (d *drawing) add(p plot.Plotter) { d.plot.Add(struct{ plot.Plotter }{p}) }

func (d *drawing) series(s Series) {
	xys := d.xys(s)
	if len(xys) == 0 {
		return
	}
	look := styleOf(s.Pool)
	switch s.look {
	case line:
		d.add(intervals{d.bars(s), look})
		d.join(s, xys, look.line(1.5), len(xys) <= glyphs)
	case fitted:
		d.add(intervals{d.bars(s), look})
		dots := &plotter.Scatter{XYs: xys, GlyphStyle: look.dots()}
		d.add(dots)
		d.legend.add(s.Name+" and fit", &plotter.Line{LineStyle: look.line(1.5)}, dots)
	case rounds:
		d.join(s, xys, look.line(1), len(xys) <= glyphs)
	case fit:
		if s.Points[0].Hi > 0 {
			d.add(d.band(s, look))
		}
		d.add(&plotter.Line{XYs: xys, LineStyle: look.line(1.5)})
	case guide:
		d.curve(s.Name, xys, draw.LineStyle{Color: ink, Width: 0.75, Dashes: []vg.Length{1, 3}})
	case ceiling:
		d.curve(s.Name, xys, draw.LineStyle{Color: ink, Width: 0.75, Dashes: []vg.Length{8, 3}})
	case steps:
		// From the foot up at the first.
		curve := &plotter.Line{XYs: append(plotter.XYs{{X: xys[0].X}}, xys...), StepStyle: plotter.PostStep, LineStyle: look.line(1.5)}
		d.add(curve)
		d.legend.add(s.Name, curve)
	case filled:
		d.scatter(s.Name, xys, look.dots())
	case hollow:
		d.scatter(s.Name, xys, draw.GlyphStyle{Color: look.color, Radius: 3, Shape: look.hollow})
	case bounded:
		d.bar(s, draw.LineStyle{Color: look.color, Width: 1.25}) // dashed it would have an end inside
		d.scatter(s.Name, xys, look.dots())
	case thin:
		d.legend.add(s.Name, d.bar(s, draw.LineStyle{Color: ink, Width: min(1, d.barWidth())}))
	case thick:
		d.legend.add(s.Name, d.bar(s, draw.LineStyle{Color: look.color, Width: d.barWidth()}))
	}
}

// xys are the points with a value.
func (d *drawing) xys(s Series) plotter.XYs {
	var xys plotter.XYs
	for _, p := range s.Points {
		if p.Void == "" {
			xys = append(xys, d.place(s, p))
		}
	}
	return xys
}

// place is where a point is drawn: those of several pools in a row, or with intervals
// at one level, are beside each other, and one without a value is at the foot.
func (d *drawing) place(s Series, p Point) plotter.XY {
	at := plotter.XY{X: p.X / d.x.prefix.factor, Y: p.Y / d.y.prefix.factor}
	switch {
	case len(d.Y.Rows) > 0 && (s.look == filled || s.look == hollow):
		at.Y += 0.9 * d.lane(s.Pool)
	case s.look == line, s.look == fitted:
		at.X = d.x.shift(at.X, 0.025*d.lane(s.Pool))
	}
	switch {
	case p.Void == "":
	case len(d.Y.Rows) > 0:
		at.X = d.x.min
	default:
		at.Y = d.y.min
	}
	return at
}

// lane is which way a pool is from the middle: between -½ and ½.
func (d *drawing) lane(pool string) float64 {
	var pools []string
	for _, s := range d.Series {
		if s.Pool != "" && !slices.Contains(pools, s.Pool) {
			pools = append(pools, s.Pool)
		}
	}
	return float64(slices.Index(pools, pool)+1)/float64(len(pools)+1) - 0.5
}

// join draws points and the line through them.
func (d *drawing) join(s Series, xys plotter.XYs, style draw.LineStyle, glyphs bool) {
	joined := &plotter.Line{XYs: xys, LineStyle: style}
	d.add(joined)
	thumbs := []plot.Thumbnailer{joined}
	if glyphs {
		dots := &plotter.Scatter{XYs: xys, GlyphStyle: styleOf(s.Pool).dots()}
		d.add(dots)
		thumbs = append(thumbs, dots)
	}
	d.legend.add(s.Name, thumbs...)
}

func (d *drawing) curve(name string, xys plotter.XYs, style draw.LineStyle) {
	curve := &plotter.Line{XYs: xys, LineStyle: style}
	d.add(curve)
	d.legend.add(name, curve)
}

func (d *drawing) scatter(name string, xys plotter.XYs, style draw.GlyphStyle) {
	dots := &plotter.Scatter{XYs: xys, GlyphStyle: style}
	d.add(dots)
	d.legend.add(name, dots)
}

// band is the area between the bounds of a fit.
func (d *drawing) band(s Series, look style) plot.Plotter {
	var edge plotter.XYs
	for _, p := range s.Points {
		edge = append(edge, plotter.XY{X: p.X, Y: p.Lo})
	}
	for _, p := range slices.Backward(s.Points) {
		edge = append(edge, plotter.XY{X: p.X, Y: p.Hi})
	}
	return &plotter.Polygon{XYs: []plotter.XYs{edge}, Color: look.translucent()}
}

// bars are the bounds of points, in the units that are drawn.
func (d *drawing) bars(s Series) []Point {
	var bars []Point
	for _, p := range s.Points {
		if p.Hi > 0 && p.Void == "" {
			p.X, p.Lo, p.Hi = d.place(s, p).X, p.Lo/d.y.prefix.factor, p.Hi/d.y.prefix.factor
			bars = append(bars, p)
		}
	}
	return bars
}

// bar draws a bar along X for each point that has one.
func (d *drawing) bar(s Series, style draw.LineStyle) strip {
	b := strip{style: style}
	for _, p := range s.Points {
		if p.Hi > 0 {
			p.Lo, p.Hi = p.Lo/d.x.prefix.factor, p.Hi/d.x.prefix.factor
			b.points = append(b.points, p)
		}
	}
	d.add(b)
	return b
}

// barWidth leaves a gap between the bars of clients, as long as there is room.
func (d *drawing) barWidth() vg.Length {
	return vg.Length(math.Min(8, 0.75*200/math.Max(1, d.y.max)))
}
