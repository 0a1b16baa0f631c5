package bench

import (
	"regexp"
	"slices"
	"strings"

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

// ClientPool is what the clients of a cell are.
type ClientPool string

// The client pools. They have the names that the server's pools have.
const (
	// ThreadClients are goroutines in the benchmark's own process.
	ThreadClients ClientPool = "thread"
	// ProcessClients are processes, one for each client.
	ProcessClients ClientPool = "process"
)

// ClientPools returns the client pools there are.
func ClientPools() []ClientPool { return []ClientPool{ThreadClients, ProcessClients} }

// Cell is one point of the matrix: so many clients do one op of one volume at
// once against a server with so many workers in its pool.
type Cell struct {
	Op      Op            `json:"op"`
	Volume  fixtures.Size `json:"volume_bytes"` // before Base64
	Clients int           `json:"clients"`
	Workers int           `json:"workers,omitempty"` // zero if the server is somebody else's and does not tell
	// ClientPool is empty if the clients of all the run's cells are the same.
	ClientPool ClientPool `json:"client_pool,omitempty"`
	Pool       string     `json:"pool"`
}

// String is the cell's name in a benchmark line: key=value pairs, so that benchstat can
// sort and compare by each key.
func (c Cell) String() string {
	var pairs []string
	for _, axis := range axes {
		value := axis.Value(c)
		switch {
		case value == "" && axis.Optional:
			continue
		case value == "" && !axis.Word:
			value = "unknown"
		}
		pairs = append(pairs, axis.Key+"="+value)
	}
	return strings.Join(pairs, "/")
}

// Matrix is the cells of a run: each of its values with each other. What is not
// in a list is filtered out.
type Matrix struct {
	Pools       []string
	ClientPools []ClientPool // stand in the cells if they are several
	Ops         []Op
	Workers     []int
	Volumes     []fixtures.Size
	Clients     []int
}

var poolName = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_]*$`)

// IsPool reports whether a name may stand behind pool= in the name of a row: an ending
// like "-2" would be taken for the number of processors.
func IsPool(name string) bool { return poolName.MatchString(name) }

// Control is the pool of a second server of the base pool, whose contrast with the
// first is what chance makes.
const Control = "control"

// Base returns the pool that the others are compared with: thread, if it is there, or
// the first.
func (m Matrix) Base() string {
	const usual = "thread"
	if slices.Contains(m.Pools, usual) {
		return usual
	}
	return m.Pools[0]
}

// Cells returns the cells in the order of the reference table: the clients
// change soonest, then volume, workers and op, then client pool and pool.
func (m Matrix) Cells() []Cell {
	var cells []Cell
	for _, pool := range m.Pools {
		for _, clientPool := range m.ClientPools {
			if len(m.ClientPools) == 1 {
				clientPool = ""
			}
			cells = append(cells, m.cells(clientPool, pool)...)
		}
	}
	return cells
}

func (m Matrix) cells(clientPool ClientPool, pool string) []Cell {
	var cells []Cell
	for _, op := range m.Ops {
		for _, workers := range m.Workers {
			for _, volume := range m.Volumes {
				for _, clients := range m.Clients {
					cells = append(cells, Cell{op, volume, clients, workers, clientPool, pool})
				}
			}
		}
	}
	return cells
}
