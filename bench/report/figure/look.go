package figure

import (
	"image/color"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// look is how a series is drawn.
type look int

const (
	line    look = iota // points with intervals, joined
	fitted              // points with intervals, and a fit beside them
	fit                 // a curve in a band
	guide               // a dashed line of no pool
	ceiling             // another
	steps               // an empirical distribution
	filled              // dots in rows
	hollow              // dots in rows, of another kind
	rounds              // points in time, joined
	bounded             // dots in rows, with intervals along X
	thin                // bars along X
	thick               // bars along X that stand out
)

// ink is the colour of text and axes, and faint that of the grid. Neither is drawn:
// the SVG has the colour of the text around it instead.
var (
	ink   = color.NRGBA{R: 1, G: 1, B: 1, A: 255}
	faint = color.NRGBA{R: 2, G: 2, B: 2, A: 255}
)

// style tells a pool from the others, with and without colour.
type style struct {
	color          color.NRGBA
	dashes         []vg.Length
	filled, hollow draw.GlyphDrawer
}

var styles = map[string]style{
	"thread":    {color.NRGBA{0x00, 0x72, 0xB2, 255}, nil, draw.CircleGlyph{}, outline{draw.RingGlyph{}}},
	"process":   {color.NRGBA{0xD5, 0x5E, 0x00, 255}, []vg.Length{6, 2}, draw.BoxGlyph{}, outline{draw.SquareGlyph{}}},
	"goroutine": {color.NRGBA{0x00, 0x9E, 0x73, 255}, []vg.Length{2, 2}, draw.PyramidGlyph{}, outline{draw.TriangleGlyph{}}},
}

// styleOf returns a pool's; those of somebody else's servers share one, and what is
// of no pool stands back.
func styleOf(pool string) style {
	if s, ok := styles[pool]; ok {
		return s
	}
	if pool == "" {
		return style{ink, nil, outline{draw.RingGlyph{}}, outline{draw.RingGlyph{}}}
	}
	return style{color.NRGBA{0xCC, 0x79, 0xA7, 255}, []vg.Length{6, 2, 1, 2}, outline{draw.PlusGlyph{}}, outline{draw.CrossGlyph{}}}
}

// line is a pool's.
func (s style) line(width vg.Length) draw.LineStyle {
	return draw.LineStyle{Color: s.color, Width: width, Dashes: s.dashes}
}

// dots are a pool's.
func (s style) dots() draw.GlyphStyle {
	return draw.GlyphStyle{Color: s.color, Radius: 3, Shape: s.filled}
}

// Shade is a pool's colour behind text, for a difference of that depth, from 0 to 1:
// from hardly any to as much as leaves the text readable.
func Shade(pool string, depth float64) color.NRGBA {
	c := styleOf(pool).color
	c.A = uint8(255 * (0.15 + 0.45*depth))
	return c
}

// translucent is the pool's colour for what lies behind other things.
func (s style) translucent() color.NRGBA {
	c := s.color
	c.A = 51
	return c
}
