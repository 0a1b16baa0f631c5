package bench_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"poolbench/bench"
	"poolbench/bench/report/reference"
	"poolbench/fixtures"
)

var referenceMatrix = bench.Matrix{
	Pools:       []string{"thread", "process"},
	ClientPools: []bench.ClientPool{bench.ThreadClients},
	Ops:         bench.Ops(),
	Workers:     []int{1, 5, 50},
	Volumes:     []fixtures.Size{10 * fixtures.MiB, 50 * fixtures.MiB, 100 * fixtures.MiB},
	Clients:     []int{1, 5, 50},
}

func TestCellString(t *testing.T) {
	cell := bench.Cell{Op: bench.Upload, Volume: 10 * fixtures.MiB, Clients: 50, Workers: 5, Pool: "thread"}
	assert.Equal(t, "op=upload/volume=10MiB/clients=50/workers=5/pool=thread", cell.String())
	cell.Workers, cell.Pool = 0, "remote"
	assert.Equal(t, "op=upload/volume=10MiB/clients=50/workers=unknown/pool=remote", cell.String())
	cell.ClientPool = bench.ProcessClients
	assert.Equal(t, "op=upload/volume=10MiB/clients=50/workers=unknown/client-pool=process/pool=remote", cell.String())
}

// The reference table has 102 rows. Our cells follow its order, with its 6 missing rows
// where they belong.
func TestMatrixOrderMatchesReferenceTable(t *testing.T) {
	cells := referenceMatrix.Cells()
	require.Len(t, cells, 108)
	missing := 0
	for _, row := range reference.Rows() {
		for len(cells) > 0 && cells[0] != row.Cell {
			missing++
			cells = cells[1:]
		}
		require.NotEmpty(t, cells, "%v is not in its place", row.Cell)
		cells = cells[1:]
	}
	assert.Equal(t, 108-102, missing+len(cells))
}

func TestMatrixFilters(t *testing.T) {
	matrix := referenceMatrix
	matrix.Ops, matrix.Workers, matrix.Volumes = []bench.Op{bench.Download}, []int{5}, []fixtures.Size{fixtures.KiB}
	var names []string
	for _, cell := range matrix.Cells() {
		names = append(names, cell.String())
	}
	assert.Equal(t, []string{
		"op=download/volume=1KiB/clients=1/workers=5/pool=thread",
		"op=download/volume=1KiB/clients=5/workers=5/pool=thread",
		"op=download/volume=1KiB/clients=50/workers=5/pool=thread",
		"op=download/volume=1KiB/clients=1/workers=5/pool=process",
		"op=download/volume=1KiB/clients=5/workers=5/pool=process",
		"op=download/volume=1KiB/clients=50/workers=5/pool=process",
	}, names)
	matrix.Ops = nil
	assert.Empty(t, matrix.Cells())
}

// Client pools appear in names only if there are several.
func TestMatrixOfClientPools(t *testing.T) {
	matrix := bench.Matrix{
		Pools: []string{"thread", "goroutine"}, ClientPools: bench.ClientPools(), Ops: []bench.Op{bench.Upload},
		Workers: []int{5}, Volumes: []fixtures.Size{fixtures.KiB}, Clients: []int{1},
	}
	names := func() (names []string) {
		for _, cell := range matrix.Cells() {
			names = append(names, cell.String())
		}
		return names
	}
	assert.Equal(t, []string{
		"op=upload/volume=1KiB/clients=1/workers=5/client-pool=thread/pool=thread",
		"op=upload/volume=1KiB/clients=1/workers=5/client-pool=process/pool=thread",
		"op=upload/volume=1KiB/clients=1/workers=5/client-pool=thread/pool=goroutine",
		"op=upload/volume=1KiB/clients=1/workers=5/client-pool=process/pool=goroutine",
	}, names())
	matrix.ClientPools = matrix.ClientPools[1:]
	assert.Equal(t, []string{
		"op=upload/volume=1KiB/clients=1/workers=5/pool=thread",
		"op=upload/volume=1KiB/clients=1/workers=5/pool=goroutine",
	}, names())
	matrix.ClientPools = nil
	assert.Empty(t, names())
}
