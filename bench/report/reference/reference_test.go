package reference_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"poolbench/bench"
	"poolbench/bench/report/reference"
	"poolbench/fixtures"
)

// The numbers in doc.go.
func TestRows(t *testing.T) {
	rows := reference.Rows()
	require.Len(t, rows, 102)
	ok, failed, allFailed, notMoved := 0, 0, 0, 0
	for _, r := range rows {
		assert.Equal(t, r.Cell.Clients, r.OK+r.Failed, "%v", r.Cell)
		ok += r.OK
		failed += r.Failed
		if r.OK == 0 {
			allFailed++
			assert.Equal(t, 300.0, r.Seconds)
		}
		if !r.Moved() {
			notMoved++
			assert.Equal(t, 100*fixtures.MiB, r.Cell.Volume, "%v", r.Cell)
			assert.True(t, r.OK == 0 || r.Cell.Op == bench.Download, "%v", r.Cell)
		}
	}
	assert.Equal(t, 221, failed)
	assert.Equal(t, 1589, ok)
	assert.Equal(t, 3, allFailed)
	assert.Equal(t, 3+15, notMoved, "rows that moved nothing")
	rows[0].OK = -1
	assert.Equal(t, 1, reference.Rows()[0].OK, "the table is the caller's own")
}

// Throughput is the volume ÷ the time, within what the time was rounded to, wherever no
// client failed.
func TestThroughputIsVolumeOverTime(t *testing.T) {
	checked := 0
	for _, r := range reference.Rows() {
		if r.Failed > 0 || !r.Moved() {
			continue
		}
		kib := float64(r.Cell.Volume) * 4 / 3 / 1024
		assert.InDelta(t, kib/r.KiBPerS, r.Seconds, 0.0006, "%v", r.Cell)
		checked++
	}
	assert.Equal(t, 80, checked)
}

func TestLookup(t *testing.T) {
	cell := bench.Cell{Op: bench.Upload, Volume: 50 * fixtures.MiB, Clients: 50, Workers: 1, Pool: "thread"}
	row, there := reference.Lookup(cell)
	assert.True(t, there)
	assert.Equal(t, reference.Row{Cell: cell, Seconds: 68.083, KiBPerS: 1223.92, OK: 27, Failed: 23}, row)

	clients := cell
	clients.ClientPool = bench.ProcessClients
	row, there = reference.Lookup(clients)
	assert.True(t, there, "the table does not say what its clients were")
	assert.Equal(t, cell, row.Cell)

	for _, row := range []struct {
		name   string
		change func(*bench.Cell)
	}{
		{"one that the table lacks", func(c *bench.Cell) { c.Volume = 100 * fixtures.MiB }},
		{"another pool", func(c *bench.Cell) { c.Pool = "goroutine" }},
		{"an unknown number of workers", func(c *bench.Cell) { c.Workers = 0 }},
	} {
		t.Run(row.name, func(t *testing.T) {
			other := cell
			row.change(&other)
			_, there := reference.Lookup(other)
			assert.False(t, there)
		})
	}
}
