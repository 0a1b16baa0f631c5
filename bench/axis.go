package bench

import (
	"cmp"
	"slices"
	"strconv"
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
	// Compare orders cells by this axis, ascending.
	Compare func(a, b Cell) int
}

var axes = []Axis{
	words("op", func(c Cell) string { return string(c.Op) }),
	{
		Key: "volume", Head: "volume", Field: "volume_bytes",
		Value:   func(c Cell) string { return c.Volume.String() },
		Plain:   func(c Cell) string { return strconv.FormatInt(int64(c.Volume), 10) },
		Compare: func(a, b Cell) int { return cmp.Compare(a.Volume, b.Volume) },
	},
	numbers("clients", func(c Cell) int { return c.Clients }),
	numbers("workers", func(c Cell) int { return c.Workers }),
	optional(words("client-pool", func(c Cell) string { return string(c.ClientPool) }), "client pool", "client_pool"),
	words("pool", func(c Cell) string { return c.Pool }),
}

// words returns an axis whose values are words.
func words(key string, of func(Cell) string) Axis {
	return Axis{
		Key: key, Head: key, Field: key, Word: true, Value: of, Plain: of,
		Compare: func(a, b Cell) int { return cmp.Compare(of(a), of(b)) },
	}
}

// numbers returns an axis of counts. Zero means no value.
func numbers(key string, of func(Cell) int) Axis {
	text := func(c Cell) string {
		if of(c) == 0 {
			return ""
		}
		return strconv.Itoa(of(c))
	}
	return Axis{
		Key: key, Head: key, Field: key, Value: text, Plain: text,
		Compare: func(a, b Cell) int { return cmp.Compare(of(a), of(b)) },
	}
}

func optional(a Axis, head, field string) Axis {
	a.Head, a.Field, a.Optional = head, field, true
	return a
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
