package figure

import (
	"fmt"
	"slices"

	"poolbench/bench/internal/digits"
	"poolbench/bench/report/contrast"
)

// heats returns a map of which pool is faster where, for each op and pool. Pages have
// a table of it instead, which can be read aloud and has links.
func heats(all []contrast.Contrast) []Figure {
	var figures []Figure
	for _, m := range contrast.Maps(all) {
		f := againstBase(m, Heat)
		f.X.Name, f.Y.Name = "workers and volume", "clients"
		for _, v := range m.Volumes {
			for _, w := range m.Workers {
				f.X.Rows = append(f.X.Rows, fmt.Sprintf("%s w\n%s", number(w), digits.Size(v)))
			}
		}
		for _, n := range m.Clients {
			f.Y.Rows = append(f.Y.Rows, number(n))
		}
		differ := 0
		for _, c := range m.All() {
			f.Cells = append(f.Cells, c.Cell)
			column := slices.Index(m.Volumes, c.Cell.Volume)*len(m.Workers) + slices.Index(m.Workers, c.Cell.Workers)
			f.tell(c.Winner(), outcomeOf(c), tile, Point{
				X: float64(column + 1), Y: float64(slices.Index(m.Clients, c.Cell.Clients) + 1),
				Label: c.String(), Text: c.Word(), Depth: c.Depth(),
			})
			if c.Differs() {
				differ++
			}
		}
		f.Alt = fmt.Sprintf("%s. A difference at %d of %d points.", f.Title, differ, len(f.Cells))
		f.Note = "≈: no difference that this run can show; ?: too few rounds, or none without a failure"
		figures = append(figures, f)
	}
	return figures
}
