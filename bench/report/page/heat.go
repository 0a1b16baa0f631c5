package page

import (
	"fmt"
	"html/template"
	"math"

	"poolbench/bench"
	"poolbench/bench/report/contrast"
)

// heat is a map of one op and one pool against the base: a row for each number of
// clients, in it a field for each volume and number of workers.
type heat struct {
	contrast.Map
	Title string
	Rows  []heatRow
}

type heatRow struct {
	Clients int
	Fields  []heatField // in the order of volumes, then workers
}

// heatField is one point. Style is empty where there is no difference to colour.
type heatField struct {
	Text, Title, Link string
	Style             template.CSS
}

// full is the ratio from which on a field has its colour in full.
const full = 2

func heats(all []contrast.Contrast) []heat {
	var heats []heat
	for _, m := range contrast.Maps(all) {
		h := heat{Map: m, Title: m.Title()}
		for _, n := range m.Clients {
			row := heatRow{Clients: n}
			for _, v := range m.Volumes {
				for _, w := range m.Workers {
					c, there := m.At(v, w, n)
					row.Fields = append(row.Fields, fieldOf(c, there))
				}
			}
			h.Rows = append(h.Rows, row)
		}
		heats = append(heats, h)
	}
	return heats
}

// fieldOf colours a difference alone, so that what is within the noise is neutral.
func fieldOf(c contrast.Contrast, there bool) heatField {
	if !there {
		return heatField{Text: "–", Title: "not planned"}
	}
	f := heatField{Text: c.Word(), Title: c.String(), Link: anchor(c.Cell)}
	if c.Differs() {
		colour := "--good"
		if c.Verdict == bench.Slower {
			colour = "--bad"
		}
		share := min(1, math.Abs(math.Log(c.Ratio))/math.Log(full))
		f.Style = template.CSS(fmt.Sprintf("background: rgba(var(%s), %.2f)", colour, 0.15+0.45*share))
	}
	return f
}
