package page

import (
	"fmt"
	"html/template"
	"slices"

	"poolbench/bench"
	"poolbench/bench/internal/digits"
	"poolbench/bench/journal"
	"poolbench/bench/report/contrast"
	"poolbench/bench/report/figure"
)

// heat is a map of one op and one pool against the base: a row for each number of
// clients, in it a field for each volume and number of workers.
type heat struct {
	contrast.Map
	Title   string
	Columns []string // volumes
	Rows    []heatRow
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

// heats links each field to its cell's row or, if that was measured as a pair alone, to
// the pair's.
func heats(all []contrast.Contrast, totals []journal.Total) []heat {
	cells := map[bench.Cell]bool{}
	for _, t := range totals {
		cells[t.Cell] = true
	}
	var heats []heat
	for _, m := range contrast.Maps(all) {
		h := heat{Map: m, Title: m.Title()}
		for _, v := range m.Volumes {
			h.Columns = append(h.Columns, digits.Size(v))
		}
		for _, n := range m.Clients {
			row := heatRow{Clients: n}
			for _, v := range m.Volumes {
				for _, w := range m.Workers {
					c, there := m.At(v, w, n)
					f := fieldOf(c, there)
					switch {
					case !there:
					case cells[c.Cell]:
						f.Link = anchor(c.Cell)
					default:
						f.Link = anchorOf("pair", c.Cell.String())
					}
					row.Fields = append(row.Fields, f)
				}
			}
			h.Rows = append(h.Rows, row)
		}
		heats = append(heats, h)
	}
	return heats
}

// inColour is the background in a pool's colour of the plots.
func inColour(pool string, depth float64) template.CSS {
	c := figure.Shade(pool, depth)
	return template.CSS(fmt.Sprintf("background: rgba(%d, %d, %d, %.2f)", c.R, c.G, c.B, float64(c.A)/255))
}

// key explains a colour of the maps.
type key struct {
	Pool  string
	Style template.CSS
}

// keys are those of the pools that are compared.
func keys(all []contrast.Contrast) []key {
	var keys []key
	for _, c := range all {
		for _, pool := range []string{c.Base, c.Cell.Pool} {
			k := key{pool, inColour(pool, 1)}
			if !slices.Contains(keys, k) {
				keys = append(keys, k)
			}
		}
	}
	return keys
}

// fieldOf colours a difference alone, so that what is within the noise is neutral.
func fieldOf(c contrast.Contrast, there bool) heatField {
	if !there {
		return heatField{Text: "–", Title: "not planned"}
	}
	f := heatField{Text: c.Word(), Title: c.String()}
	if c.Differs() {
		f.Style = inColour(c.Winner(), c.Depth())
	}
	return f
}
