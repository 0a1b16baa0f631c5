package bench

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Cell's JSON fields have the names and the plain values of the table.
func TestAxesMatchCellFields(t *testing.T) {
	cell := Cell{Op: Upload, Volume: 10 << 20, Clients: 5, Workers: 50, ClientPool: ProcessClients, Pool: "thread"}
	text, err := json.Marshal(cell)
	require.NoError(t, err)
	fields := map[string]any{}
	require.NoError(t, json.Unmarshal(text, &fields))
	for _, axis := range Axes() {
		value, ok := fields[axis.Field]
		require.True(t, ok, axis.Key)
		if n, number := value.(float64); number {
			value = fmt.Sprintf("%.0f", n)
		}
		assert.Equal(t, value, axis.Plain(cell), axis.Key)
		assert.NotZero(t, axis.Compare(Cell{}, cell), axis.Key)
		assert.Zero(t, axis.Compare(cell, cell), axis.Key)
		delete(fields, axis.Field)
	}
	assert.Empty(t, fields, "fields without an axis")
}

// A label can stand alone.
func TestLabels(t *testing.T) {
	for _, row := range []struct {
		name string
		cell Cell
		want []string
	}{
		{"several", Cell{Op: Upload, Volume: 10 << 20, Clients: 5, Workers: 50, ClientPool: ProcessClients, Pool: "thread"},
			[]string{"upload", "10 MiB", "5 clients", "50 workers", "process clients", "thread"}},
		{"one", Cell{Op: Download, Volume: 1 << 10, Clients: 1, Workers: 1, Pool: "p"}, []string{"download", "1 KiB", "1 client", "1 worker", "", "p"}},
		{"unknown", Cell{}, []string{"", "0 B", "? clients", "? workers", "", ""}},
	} {
		t.Run(row.name, func(t *testing.T) {
			var labels []string
			for _, axis := range Axes() {
				labels = append(labels, axis.Label(row.cell))
			}
			assert.Equal(t, row.want, labels)
		})
	}
}

func TestNameHasEveryAxis(t *testing.T) {
	before := axes
	t.Cleanup(func() { axes = before })
	axes = append(Axes(), words("rate", func(c Cell) string { return map[Op]string{Upload: "7"}[c.Op] }))
	cell := Cell{Op: Upload, Volume: 10 << 20, Clients: 5, Pool: "thread"}
	assert.Equal(t, "op=upload/volume=10MiB/clients=5/workers=unknown/pool=thread/rate=7", cell.String())
	cell.ClientPool = ProcessClients
	assert.Equal(t, "op=upload/volume=10MiB/clients=5/workers=unknown/client-pool=process/pool=thread/rate=7", cell.String())
	assert.Len(t, Shown(Axes(), []Cell{cell}), 7)
	cell.ClientPool = ""
	assert.Len(t, Shown(Axes(), []Cell{cell}), 6)
}
