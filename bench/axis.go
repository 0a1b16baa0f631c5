package bench

import (
	"cmp"
	"slices"
	"strconv"

	"poolbench/bench/internal/digits"
)

// Axis is one dimension of the matrix. Every cell has one value on it. Row names, columns,
// files, filters and effects derive from the table of axes: a new axis is a field of [Cell]
// and an entry in the table.
type Axis struct {
	Key   string // in names of rows, filters and flags: client-pool
	Head  string // of a column: client pool
	Field string // in files for programs, and Cell's JSON tag: client_pool
	// Word marks an axis whose values are words. All other axes hold numbers.
	Word bool
	// Optional axes are left out when no cell has a value on them.
	Optional bool
	// Value formats a cell's value for the name of a row; empty if there is none.
	Value func(Cell) string
	// Plain formats it for programs; empty if there is none.
	Plain func(Cell) string
	// Label formats it for people, where no head stands beside it: 5 clients, ? workers.
	// It is empty for a missing word.
	Label func(Cell) string
	// Compare orders cells by this axis, ascending.
	Compare func(a, b Cell) int
}

var axes = []Axis{
	words("op", func(c Cell) string { return string(c.Op) }),
	{
		Key: "volume", Head: "volume", Field: "volume_bytes",
		Value:   func(c Cell) string { return c.Volume.String() },
		Plain:   func(c Cell) string { return strconv.FormatInt(int64(c.Volume), 10) },
		Label:   func(c Cell) string { return digits.Size(c.Volume) },
		Compare: func(a, b Cell) int { return cmp.Compare(a.Volume, b.Volume) },
	},
	numbers("clients", "client", func(c Cell) int { return c.Clients }),
	numbers("workers", "worker", func(c Cell) int { return c.Workers }),
	{
		Key: "client-pool", Head: "client pool", Field: "client_pool", Word: true, Optional: true,
		Value: func(c Cell) string { return string(c.ClientPool) },
		Plain: func(c Cell) string { return string(c.ClientPool) },
		Label: func(c Cell) string {
			if c.ClientPool == "" {
				return ""
			}
			return string(c.ClientPool) + " clients"
		},
		Compare: func(a, b Cell) int { return cmp.Compare(a.ClientPool, b.ClientPool) },
	},
	words("pool", func(c Cell) string { return c.Pool }),
}

// words returns an axis whose values are words.
func words(key string, of func(Cell) string) Axis {
	return Axis{
		Key: key, Head: key, Field: key, Word: true, Value: of, Plain: of, Label: of,
		Compare: func(a, b Cell) int { return cmp.Compare(of(a), of(b)) },
	}
}

// numbers returns an axis of counts of a thing. Zero means no value.
func numbers(key, thing string, of func(Cell) int) Axis {
	text := func(c Cell) string {
		if of(c) == 0 {
			return ""
		}
		return strconv.Itoa(of(c))
	}
	return Axis{
		Key: key, Head: key, Field: key, Value: text, Plain: text,
		Label: func(c Cell) string {
			if of(c) == 0 {
				return "? " + thing + "s"
			}
			return digits.Count(of(c), thing)
		},
		Compare: func(a, b Cell) int { return cmp.Compare(of(a), of(b)) },
	}
}

// Axes returns a copy of the table of axes, in the order of a row's name.
func Axes() []Axis { return slices.Clone(axes) }

// Shown returns the axes to show for the cells: all except optional axes on which no cell
// has a value.
func Shown(axes []Axis, cells []Cell) []Axis {
	return slices.DeleteFunc(slices.Clone(axes), func(a Axis) bool {
		return a.Optional && !slices.ContainsFunc(cells, func(c Cell) bool { return a.Value(c) != "" })
	})
}
