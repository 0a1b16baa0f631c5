package figure

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"poolbench/bench"
)

const (
	width     = 640 // the least, of a drawing
	narrowest = 86  // the least width of a panel
	lineHigh  = 15
	rowHigh   = 16
	gap       = 8
)

// long estimates the length of a text. Fonts differ.
func long(text string) float64 { return 6.8 * float64(utf8.RuneCountInString(text)) }

// size returns the length of the longest line of the heads, and the most lines of a head.
func size(heads []string) (longest, lines float64) {
	for _, head := range heads {
		parts := strings.Split(head, ", ")
		lines = max(lines, float64(len(parts)))
		for _, part := range parts {
			longest = max(longest, long(part))
		}
	}
	return longest, lines
}

// drawing is a figure being drawn.
type drawing struct {
	paper
	Figure
	link  func(bench.Cell) string // nil for no links
	pools []string
	rows  int
	// Margins around the panels, space between their rows, width of all, size of a panel.
	left, right, top, between, wide, panelWide, panelHigh float64
}

func newDrawing(f Figure, link func(bench.Cell) string) *drawing {
	d := &drawing{Figure: f, link: link, rows: max(1, len(f.Rows)), left: 44, between: gap, panelHigh: 64}
	for _, s := range f.Series {
		if s.Pool != "" && !slices.Contains(d.pools, s.Pool) {
			d.pools = append(d.pools, s.Pool)
		}
	}
	names, _ := size(f.Y.Rows)
	heads, _ := size(f.Rows)
	_, lines := size(f.Columns)
	d.top = gap + lines*lineHigh
	if f.Y.Rows != nil {
		d.left, d.panelHigh = names+gap, float64(len(f.Y.Rows))*rowHigh+6
	} else {
		d.top += lineHigh // for the name of the axis
		if len(f.Rows) <= 4 {
			d.panelHigh = 110
		}
	}
	if f.byRow {
		d.between += lineHigh
	}
	d.right = 1.1*heads + gap // heads are bold
	columns := float64(max(1, len(f.Columns)))
	d.wide = max(width, d.left+d.right+columns*(narrowest+gap))
	d.panelWide = (d.wide-d.left-d.right+gap)/columns - gap
	return d
}

func (d *drawing) high() float64 {
	return d.top + float64(d.rows)*(d.panelHigh+d.between) - d.between + 2*lineHigh + gap
}

// draw draws the heads and the panels.
func (d *drawing) draw() {
	columns := max(1, len(d.Columns))
	for i, head := range d.Columns {
		d.lines("head", d.left+float64(i)*(d.panelWide+gap)+d.panelWide/2, d.top-5-lineHigh*float64(strings.Count(head, ", ")), head)
	}
	_, lines := size(d.Columns)
	d.text("start", 0, d.top-gap-lineHigh*lines, d.Y.Name)
	d.text("middle", (d.left+d.wide-d.right)/2, d.high()-gap, d.X.Name)
	for row := range d.rows {
		top := d.top + float64(row)*(d.panelHigh+d.between)
		if row < len(d.Rows) {
			d.lines("side", d.wide-d.right+gap, top+12, d.Rows[row])
		}
		xs, ys := d.values(row)
		y := d.Y.scaled(ys, top+d.panelHigh, top)
		for _, tick := range y.ticks(d.panelHigh / 28) {
			d.text("end", d.left-5, y.at(tick)+4, y.text(tick))
		}
		for column := range columns {
			left := d.left + float64(column)*(d.panelWide+gap)
			x := d.X.scaled(xs, left, left+d.panelWide)
			d.axes(x, y, top, d.byRow || row == d.rows-1)
			for _, s := range d.Series {
				if s.Row == row && s.Column == column {
					d.series(s, x, y)
				}
			}
		}
	}
}

// lines writes the lines of a head, the first at y.
func (d *drawing) lines(class string, x, y float64, head string) {
	for i, line := range strings.Split(head, ", ") {
		d.text(class, x, y+lineHigh*float64(i), line)
	}
}

// axes draws the frame and the grid of a panel and, with words, the ticks of X below it.
func (d *drawing) axes(x, y scale, top float64, words bool) {
	var grid strings.Builder
	for _, tick := range y.ticks(d.panelHigh / 28) {
		fmt.Fprintf(&grid, "M%.1f %.1fH%.1f", x.from, y.at(tick), x.to)
	}
	free, bottom := x.from-gap, top+d.panelHigh
	for _, tick := range x.ticks(min(6, max(2, d.panelWide/48))) {
		at, text := x.at(tick), x.text(tick)
		fmt.Fprintf(&grid, "M%.1f %.1fV%.1f", at, top, bottom)
		if half := long(text) / 2; words && at-half > free && at+half < x.to+gap {
			d.text("middle", at, bottom+12, text)
			free = at + half + gap/2
		}
	}
	d.path("grid", grid.String(), "")
	d.path("frame", box(x.from, top, x.to, bottom), "")
}

// values returns the values that the axes must cover: those of the row if it has axes of its
// own, or all.
func (d *drawing) values(row int) (xs, ys []float64) {
	for _, s := range d.Series {
		for _, p := range s.Points {
			switch {
			case d.byRow && s.Row != row, p.Cross && d.Y.Rows != nil:
			case s.style == bars:
				xs, ys = append(xs, p.Lo, p.Hi), append(ys, p.Y)
			case p.Cross:
				xs = append(xs, p.X)
			case d.Y.Rows != nil && p.Hi > 0: // a useless interval must not squeeze all others
				xs = append(xs, p.X, max(p.Lo, min(1, p.X)/3), min(p.Hi, max(1, p.X)*3))
			default: // the bounds of Y need no room: the line of the best round lies above them
				xs, ys = append(xs, p.X), append(ys, p.Y)
			}
		}
	}
	return xs, ys
}
