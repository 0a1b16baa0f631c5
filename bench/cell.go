package bench

import (
	"regexp"
	"slices"
	"strings"

	"poolbench/fixtures"
)

// Op is what a client does in a round.
type Op string

// The ops.
const (
	Upload   Op = "upload"
	Download Op = "download"
)

// Ops returns all ops, in the order of the reference table.
func Ops() []Op { return []Op{Upload, Download} }

// ClientPool is the kind of a cell's clients.
type ClientPool string

// The client pools, named like the server's pools.
const (
	// ThreadClients are goroutines in the benchmark's own process.
	ThreadClients ClientPool = "thread"
	// ProcessClients are processes, one per client.
	ProcessClients ClientPool = "process"
)

// ClientPools returns all client pools.
func ClientPools() []ClientPool { return []ClientPool{ThreadClients, ProcessClients} }

// Cell has one value on each axis: Clients clients do one op of one volume at once against
// a server with Workers workers.
type Cell struct {
	Op      Op            `json:"op"`
	Volume  fixtures.Size `json:"volume_bytes"` // before Base64
	Clients int           `json:"clients"`
	Workers int           `json:"workers,omitempty"` // zero if unknown: a remote server that does not say
	// ClientPool is empty if all cells of the run have the same one.
	ClientPool ClientPool `json:"client_pool,omitempty"`
	Pool       string     `json:"pool"`
}

// String returns the cell's name in a benchmark line: key=value pairs, by which benchstat
// can sort and compare.
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

// Matrix spans the cells of a run: every combination of the listed values. An empty list
// means no cells.
type Matrix struct {
	Pools       []string
	ClientPools []ClientPool // set in the cells only if there are several
	Ops         []Op
	Workers     []int
	Volumes     []fixtures.Size
	Clients     []int
}

var (
	poolName   = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_-]*$`)
	processors = regexp.MustCompile(`-[0-9]*$`)
)

// IsPool reports whether name may follow pool= in a row's name. An ending like "-2" would
// be read as the number of processors.
func IsPool(name string) bool { return poolName.MatchString(name) && !processors.MatchString(name) }

// Control names a second server with the base pool. Its contrast with the first is what
// chance alone produces.
const Control = "control"

// Remote is the pool of a remote server of which nobody says what it is.
const Remote = "remote"

// Base returns the pool that the others are compared with: thread if present, otherwise the
// first. Pools must not be empty.
func (m Matrix) Base() string {
	const usual = "thread"
	if slices.Contains(m.Pools, usual) {
		return usual
	}
	return m.Pools[0]
}

// Cells returns the cells in the order of the reference table: clients vary fastest, then
// volume, workers, op, client pool and pool.
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
