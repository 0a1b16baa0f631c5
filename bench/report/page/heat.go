package page

import (
	"cmp"
	"fmt"
	"html/template"
	"math"
	"slices"

	"poolbench/bench"
	"poolbench/bench/analysis"
	"poolbench/bench/internal/digits"
	"poolbench/bench/report"
	"poolbench/bench/report/figure"
	"poolbench/fixtures"
)

// heat is a map of one op and one pool against the base: a row for each number of
// clients, in it a field for each volume and number of workers.
type heat struct {
	Title            string
	Volumes          []fixtures.Size
	Workers, Clients []int // ascending, as are the volumes

	of bench.Cell // what all its points have in common
	at map[bench.Cell]analysis.Point
}

// heatField is one point. Style is empty where there is nothing to colour.
type heatField struct {
	Text, Title, Link string
	Style             template.CSS
}

// heats are the maps of the points, in their order.
func heats(points []analysis.Point) []*heat {
	var heats []*heat
	for _, p := range points {
		of := bench.Cell{Op: p.Cell.Op, ClientPool: p.Cell.ClientPool, Pool: p.Cell.Pool}
		i := slices.IndexFunc(heats, func(h *heat) bool { return h.of == of })
		if i < 0 {
			i = len(heats)
			heats = append(heats, &heat{Title: titleOf(p), of: of, at: map[bench.Cell]analysis.Point{}})
		}
		h := heats[i]
		h.Volumes, h.Workers, h.Clients = with(h.Volumes, p.Cell.Volume), with(h.Workers, p.Cell.Workers), with(h.Clients, p.Cell.Clients)
		h.at[p.Cell] = p
	}
	return heats
}

func titleOf(p analysis.Point) string {
	title := fmt.Sprintf("%s: %s against %s", p.Cell.Op, p.Cell.Pool, p.Base)
	if p.Cell.ClientPool != "" {
		title += fmt.Sprintf(", clients as %s", p.Cell.ClientPool)
	}
	return title
}

// with keeps levels ascending, and each once.
func with[T ~int | ~int64](levels []T, value T) []T {
	i, there := slices.BinarySearch(levels, value)
	if there {
		return levels
	}
	return slices.Insert(levels, i, value)
}

// Fields are those of a row, by volume, then workers.
func (h *heat) Fields(clients int) []heatField {
	var fields []heatField
	for _, v := range h.Volumes {
		for _, w := range h.Workers {
			cell := h.of
			cell.Volume, cell.Workers, cell.Clients = v, w, clients
			p, there := h.at[cell]
			fields = append(fields, fieldOf(p, there))
		}
	}
	return fields
}

// full is the factor from which on a difference has its colour in full.
const full = 2

// fieldOf colours what stands out alone.
func fieldOf(p analysis.Point, there bool) heatField {
	if !there {
		return heatField{Text: none, Title: "not planned"}
	}
	f := heatField{Text: cmp.Or(report.Change(p.Estimate), "?"), Title: report.PointSays(p), Link: anchor(p.Cell)}
	if p.StandsOut {
		f.Style = inColour(report.Ahead(p), min(1, math.Abs(math.Log(p.Ratio))/math.Log(full)))
	}
	return f
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
func keys(points []analysis.Point) []key {
	var keys []key
	for _, p := range points {
		for _, pool := range []string{p.Base, p.Cell.Pool} {
			if k := (key{pool, inColour(pool, 1)}); !slices.Contains(keys, k) {
				keys = append(keys, k)
			}
		}
	}
	return keys
}

// Size writes a volume.
func (h *heat) Size(v fixtures.Size) string { return digits.Size(v) }
