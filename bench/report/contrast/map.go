package contrast

import (
	"fmt"
	"slices"

	"poolbench/bench"
	"poolbench/fixtures"
)

// Map is the contrasts of one op and one pool by what else they differ in.
type Map struct {
	Op         bench.Op
	ClientPool bench.ClientPool // empty if the run has one
	Pool, Base string
	// The levels that there are, ascending. Not each of their combinations has to be
	// there.
	Volumes          []fixtures.Size
	Workers, Clients []int

	at map[point]Contrast
}

type point struct {
	volume           fixtures.Size
	workers, clients int
}

// Maps returns those of the contrasts, in their order.
func Maps(all []Contrast) []Map {
	var maps []Map
	for _, c := range all {
		i := slices.IndexFunc(maps, func(m Map) bool {
			return m.Op == c.Cell.Op && m.ClientPool == c.Cell.ClientPool && m.Pool == c.Cell.Pool
		})
		if i < 0 {
			i = len(maps)
			maps = append(maps, Map{Op: c.Cell.Op, ClientPool: c.Cell.ClientPool, Pool: c.Cell.Pool, Base: c.Base, at: map[point]Contrast{}})
		}
		m := &maps[i]
		m.Volumes = with(m.Volumes, c.Cell.Volume)
		m.Workers, m.Clients = with(m.Workers, c.Cell.Workers), with(m.Clients, c.Cell.Clients)
		m.at[point{c.Cell.Volume, c.Cell.Workers, c.Cell.Clients}] = c
	}
	return maps
}

// with keeps levels ascending, and each once.
func with[T ~int | ~int64](levels []T, value T) []T {
	i, there := slices.BinarySearch(levels, value)
	if there {
		return levels
	}
	return slices.Insert(levels, i, value)
}

// Title says what the map is of.
func (m Map) Title() string {
	title := fmt.Sprintf("%s: %s against %s", m.Op, m.Pool, m.Base)
	if m.ClientPool != "" {
		title += fmt.Sprintf(", clients as %s", m.ClientPool)
	}
	return title
}

// All returns the contrasts by volume, clients and workers.
func (m Map) All() []Contrast {
	var all []Contrast
	for _, v := range m.Volumes {
		for _, n := range m.Clients {
			for _, w := range m.Workers {
				if c, there := m.At(v, w, n); there {
					all = append(all, c)
				}
			}
		}
	}
	return all
}

// At returns the contrast of a point, and reports whether there is one.
func (m Map) At(volume fixtures.Size, workers, clients int) (Contrast, bool) {
	c, there := m.at[point{volume, workers, clients}]
	return c, there
}
