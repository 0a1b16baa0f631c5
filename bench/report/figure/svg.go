package figure

import (
	"bytes"
	_ "embed"
	"fmt"
	"html"
	"html/template"
	"io"

	"poolbench/bench"
)

// Style is the style sheet that a page needs for drawings.
//
//go:embed style.css
var Style string

// SVG writes the drawing as a file that includes its legend and style. Its grey is legible
// on light and on dark.
func (f Figure) SVG(w io.Writer) error {
	d := newDrawing(f, nil)
	d.top += d.legend(false)
	fmt.Fprintf(d, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %.0f %.0f" class="plot" color="#767676" role="img">`, d.wide, d.high())
	fmt.Fprintf(d, "<title>%s</title><desc>%s</desc><style>%s</style>", html.EscapeString(f.Title), html.EscapeString(f.Alt), Style)
	d.legend(true)
	d.draw()
	_, err := fmt.Fprintln(w, d.String()+"</svg>")
	return err
}

// Inline draws the figure for a page that has Style. link returns the address of a cell on
// the page; it is nil for no links.
func (f Figure) Inline(link func(bench.Cell) string) template.HTML {
	d := newDrawing(f, link)
	role := "img" // hides its parts from screen readers, so not for links
	if f.Group == Ratio {
		role = "group"
	}
	fmt.Fprintf(d, `<svg viewBox="0 0 %.0f %.0f" class="plot" role="%s" aria-labelledby="%[4]s-title" aria-describedby="%[4]s-desc">`, d.wide, d.high(), role, f.Name)
	fmt.Fprintf(d, `<title id="%[1]s-title">%[2]s</title><desc id="%[1]s-desc">%[3]s</desc>`, f.Name, html.EscapeString(f.Title), html.EscapeString(f.Alt))
	d.draw()
	return template.HTML(d.String() + "</svg>")
}

// paper is an SVG being written.
type paper struct{ bytes.Buffer }

// path writes a path, with a title unless that is empty.
func (p *paper) path(class, data, title string) {
	fmt.Fprintf(p, `<path class="%s" d="%s"`, class, data)
	if title == "" {
		p.WriteString("/>")
		return
	}
	fmt.Fprintf(p, "><title>%s</title></path>", html.EscapeString(title))
}

// text writes a text.
func (p *paper) text(class string, x, y float64, text string) {
	fmt.Fprintf(p, `<text class="%s" x="%.1f" y="%.1f">%s</text>`, class, x, y, html.EscapeString(text))
}

// box returns the data of a path around a rectangle.
func box(left, top, right, bottom float64) string {
	return fmt.Sprintf("M%.1f %.1fH%.1fV%.1fH%.1fz", left, top, right, bottom, left)
}
