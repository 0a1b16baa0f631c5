package page

import (
	"fmt"
	"html/template"
	"math"
	"slices"

	"poolbench/bench"
	"poolbench/bench/internal/digits"
	"poolbench/fixtures"
)

// heat is a map of one op and one pool against the base: a row for each number of
// clients, in it a field for each volume and number of workers.
type heat struct {
	Title   string
	Volumes []string
	Workers []int
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

// full is the ratio from which on a field has its colour in full.
const full = 2

func heats(all []contrast) []heat {
	type key struct {
		op         bench.Op
		clientPool bench.ClientPool
		pool       string
	}
	var order []key
	groups := map[key][]contrast{}
	for _, c := range all {
		k := key{c.cell.Op, c.cell.ClientPool, c.cell.Pool}
		if groups[k] == nil {
			order = append(order, k)
		}
		groups[k] = append(groups[k], c)
	}
	var maps []heat
	for _, k := range order {
		title := fmt.Sprintf("%s: %s against %s", k.op, k.pool, groups[k][0].base)
		if k.clientPool != "" {
			title += fmt.Sprintf(", clients as %s", k.clientPool)
		}
		maps = append(maps, heatOf(title, groups[k]))
	}
	return maps
}

func heatOf(title string, group []contrast) heat {
	var (
		volumes          []fixtures.Size
		workers, clients []int
	)
	at := map[[3]int]contrast{}
	for _, c := range group {
		volumes, workers, clients = append(volumes, c.cell.Volume), append(workers, c.cell.Workers), append(clients, c.cell.Clients)
		at[[3]int{int(c.cell.Volume), c.cell.Workers, c.cell.Clients}] = c
	}
	volumes, workers, clients = levels(volumes), levels(workers), levels(clients)
	h := heat{Title: title, Workers: workers}
	for _, v := range volumes {
		h.Volumes = append(h.Volumes, v.String())
	}
	for _, n := range clients {
		row := heatRow{Clients: n}
		for _, v := range volumes {
			for _, w := range workers {
				c, ok := at[[3]int{int(v), w, n}]
				row.Fields = append(row.Fields, fieldOf(c, ok))
			}
		}
		h.Rows = append(h.Rows, row)
	}
	return h
}

func levels[T ~int | ~int64](values []T) []T {
	slices.Sort(values)
	return slices.Compact(values)
}

// fieldOf colours a difference alone, so that what is within the noise is neutral.
func fieldOf(c contrast, there bool) heatField {
	if !there {
		return heatField{Text: "–", Title: "not planned"}
	}
	f := heatField{Link: anchor(c.cell), Title: c.describe()}
	switch c.verdict {
	case bench.Faster, bench.Slower:
		f.Text = signed(c.Ratio - 1)
		colour := "--good"
		if c.verdict == bench.Slower {
			colour = "--bad"
		}
		share := min(1, math.Abs(math.Log(c.Ratio))/math.Log(full))
		f.Style = template.CSS(fmt.Sprintf("background: rgba(var(%s), %.2f)", colour, 0.15+0.45*share))
	case bench.NoDifference, bench.WithinFloor:
		f.Text = "≈"
	default:
		f.Text = "?"
	}
	return f
}

// describe says what there is to say of a contrast.
func (c contrast) describe() string {
	text := fmt.Sprintf("%s, %v, %s, %s: ", c.cell.Op, c.cell.Volume, count(c.cell.Clients, "client"), count(c.cell.Workers, "worker"))
	switch {
	case c.verdict == bench.NotCompared:
		return text + "no rounds without a failure to compare"
	case c.verdict == bench.TooFew:
		return text + fmt.Sprintf("%s, of too few rounds to say more", signed(c.Ratio-1))
	}
	text += fmt.Sprintf("%s by throughput %s, 95 %% interval %s … %s, p %s after Holm", c.cell.Pool, signed(c.Ratio-1), signedNumber(c.Lo-1), signed(c.Hi-1), digits.P(c.p))
	if c.floor > 0 {
		text += fmt.Sprintf(", noise floor ±%s", digits.Percent(c.floor-1))
	}
	if c.verdict != bench.Faster && c.verdict != bench.Slower {
		text += ": no difference that this run can show"
	}
	return text
}
