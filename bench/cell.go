package bench

import (
	"fmt"

	"poolbench/fixtures"
)

// Op is what a client does.
type Op string

// The ops.
const (
	Upload   Op = "upload"
	Download Op = "download"
)

// Ops returns the ops there are, in the order of the reference table.
func Ops() []Op { return []Op{Upload, Download} }

// Cell is one point of the matrix: so many clients do one op of one volume at
// once against a server with so many workers in its pool.
type Cell struct {
	Op      Op
	Volume  fixtures.Size // before Base64
	Clients int
	Workers int // zero if the server is somebody else's and does not tell
	Pool    string
}

// String is the cell's name in a benchmark line: key=value pairs, so that
// benchstat can sort and compare by each key.
func (c Cell) String() string {
	workers := "unknown"
	if c.Workers > 0 {
		workers = fmt.Sprint(c.Workers)
	}
	return fmt.Sprintf("op=%s/volume=%s/clients=%d/workers=%s/pool=%s", c.Op, c.Volume, c.Clients, workers, c.Pool)
}

// Matrix is the cells of a run: each of its values with each other. What is not
// in a list is filtered out.
type Matrix struct {
	Pools   []string
	Ops     []Op
	Workers []int
	Volumes []fixtures.Size
	Clients []int
}

// Cells returns the cells in the order of the reference table: the clients
// change soonest, then volume, workers, op and pool.
func (m Matrix) Cells() []Cell {
	var cells []Cell
	for _, pool := range m.Pools {
		for _, op := range m.Ops {
			for _, workers := range m.Workers {
				for _, volume := range m.Volumes {
					for _, clients := range m.Clients {
						cells = append(cells, Cell{op, volume, clients, workers, pool})
					}
				}
			}
		}
	}
	return cells
}
