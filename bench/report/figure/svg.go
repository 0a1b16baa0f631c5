package figure

import (
	"encoding/xml"
	"errors"
	"fmt"
	"html"
	"io"
	"math"
	"regexp"
	"strconv"
	"strings"
)

// compact writes what vgsvg drew as an element for a page: with the figure's title and
// text alternative, in the page's colour and font, and without what vgsvg repeats for
// each path and word, which is most of it; and with tips.
func compact(w io.Writer, f Figure, drawn io.Reader, tips []tip) error {
	c := compactor{decoder: xml.NewDecoder(drawn)}
	title, desc := f.Name+"-title", f.Name+"-desc"
	for {
		token, err := c.decoder.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		switch token := token.(type) {
		case xml.StartElement:
			if token.Name.Local == "svg" {
				fmt.Fprintf(&c.text, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="%s" role="img" aria-labelledby="%s" aria-describedby="%s" `,
					attribute(token, "viewBox"), title, desc)
				fmt.Fprintf(&c.text, `font-family="sans-serif" font-size="%d" fill="currentColor">`, fontSize)
				fmt.Fprintf(&c.text, `<title id="%s">%s</title><desc id="%s">%s</desc>`, title, html.EscapeString(f.Title), desc, html.EscapeString(f.Alt))
				continue
			}
			if err := c.start(token); err != nil {
				return err
			}
		case xml.EndElement:
			if token.Name.Local == "g" || token.Name.Local == "svg" {
				c.close()
				if token.Name.Local == "svg" {
					_, high := f.size()
					writeTips(&c.text, tips, high)
				}
				c.text.WriteString("</" + token.Name.Local + ">")
			}
		}
	}
	_, err := io.WriteString(w, c.text.String()+"\n")
	return err
}

// compactor joins paths in a row of which all but the data is the same, and words in
// a row.
type compactor struct {
	decoder *xml.Decoder
	text    strings.Builder
	open    string // attributes of the path that goes on, or "text"
}

func (c *compactor) start(e xml.StartElement) error {
	switch e.Name.Local {
	case "g":
		c.close()
		fmt.Fprintf(&c.text, `<g transform="%s">`, attribute(e, "transform"))
	case "path":
		attributes := presentation(attribute(e, "style"))
		if c.open != attributes {
			c.close()
			c.text.WriteString("<path" + attributes + ` d="`)
			c.open = attributes
		}
		c.text.WriteString(pathData(attribute(e, "d")))
	case "text":
		if c.open != "text" {
			c.close()
			c.text.WriteString(`<g transform="scale(1,-1)">`)
			c.open = "text"
		}
		var word string
		if err := c.decoder.DecodeElement(&word, &e); err != nil {
			return err
		}
		fmt.Fprintf(&c.text, `<text x="%s" y="%s">%s</text>`, rounded(attribute(e, "x")), rounded(attribute(e, "y")), html.EscapeString(strings.TrimSpace(word)))
	}
	return nil
}

// close ends what goes on.
func (c *compactor) close() {
	switch c.open {
	case "":
	case "text":
		c.text.WriteString("</g>")
	default:
		c.text.WriteString(`"/>`)
	}
	c.open = ""
}

func attribute(e xml.StartElement, name string) string {
	for _, a := range e.Attr {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}

var currentColor = strings.NewReplacer(
	"stroke:#010101", "stroke:currentColor", "fill:#010101", "fill:currentColor",
	"stroke:#020202", "stroke:currentColor;stroke-opacity:0.15",
)

// presentation makes attributes of a style: a page's policy may forbid styles.
func presentation(style string) string {
	var attributes strings.Builder
	for property := range strings.SplitSeq(currentColor.Replace(style), ";") {
		if name, value, ok := strings.Cut(property, ":"); ok {
			fmt.Fprintf(&attributes, ` %s="%s"`, name, value)
		}
	}
	return attributes.String()
}

var command = regexp.MustCompile(`([A-Z])([^A-Z]*)`)

// pathData rounds what vgsvg writes, and draws lines along the axes with H and V.
func pathData(data string) string {
	var text strings.Builder
	var x, y string
	for _, part := range command.FindAllStringSubmatch(data, -1) {
		numbers := strings.FieldsFunc(part[2], func(r rune) bool { return r == ',' || r == ' ' })
		for i, number := range numbers {
			numbers[i] = rounded(number)
		}
		name, n := part[1], len(numbers)
		switch {
		case name == "L" && numbers[1] == y:
			name, numbers = "H", numbers[:1]
			x = numbers[0]
		case name == "L" && numbers[0] == x:
			name, numbers = "V", numbers[1:]
			y = numbers[0]
		case n >= 2:
			x, y = numbers[n-2], numbers[n-1]
		}
		text.WriteString(name + strings.Join(numbers, " "))
	}
	return text.String()
}

// rounded has two decimals at most.
func rounded(number string) string {
	value, err := strconv.ParseFloat(number, 64)
	if err != nil {
		return number
	}
	return strconv.FormatFloat(math.Round(value*100)/100, 'f', -1, 64)
}
