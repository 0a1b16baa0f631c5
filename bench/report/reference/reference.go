package reference

import (
	_ "embed"
	"encoding/csv"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"

	"poolbench/bench"
	"poolbench/fixtures"
)

// Row is a row of the table.
type Row struct {
	Cell       bench.Cell
	Seconds    float64 // mean time of a client
	KiBPerS    float64 // throughput of a client, in KiB of Base64 per second
	OK, Failed int     // clients, as they were counted
}

// Moved reports whether time × throughput is about the volume. It is not if all clients
// failed or the file did not exist. A factor of two is allowed for rows with some failures,
// where only the time includes the clients that failed.
func (r Row) Moved() bool {
	const kib = float64(fixtures.KiB)
	share := r.Seconds * r.KiBPerS * kib / (float64(r.Cell.Volume) * 4 / 3)
	return share > 0.5 && share < 2
}

//go:embed python-reference-results.csv
var text string

// parsed panics on a broken table, which a test would have found.
var parsed = sync.OnceValue(func() []Row {
	lines, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil {
		panic(fmt.Sprintf("reference: %v", err))
	}
	var rows []Row
	for _, line := range lines[1:] {
		row, err := rowOf(line)
		if err != nil {
			panic(fmt.Sprintf("reference: row %d: %v", len(rows)+1, err))
		}
		rows = append(rows, row)
	}
	return rows
})

// rowOf reads pool, op, volume, clients, workers, mean_seconds_per_client,
// mean_kib_per_second_per_client, clients_ok and clients_failed.
func rowOf(line []string) (Row, error) {
	volume, err := fixtures.ParseSize(line[2])
	if err != nil {
		return Row{}, err
	}
	var numbers []float64
	for _, field := range line[3:] {
		number, err := strconv.ParseFloat(field, 64)
		if err != nil {
			return Row{}, err
		}
		numbers = append(numbers, number)
	}
	return Row{
		Cell: bench.Cell{
			Pool: line[0], Op: bench.Op(line[1]), Volume: volume, Clients: int(numbers[0]), Workers: int(numbers[1]),
		},
		Seconds: numbers[2], KiBPerS: numbers[3], OK: int(numbers[4]), Failed: int(numbers[5]),
	}, nil
}

// Rows returns the rows in the order of the table.
func Rows() []Row { return slices.Clone(parsed()) }

// Lookup returns the row of a cell, if there is one. It ignores the client pool, which the
// table does not have.
func Lookup(cell bench.Cell) (Row, bool) {
	cell.ClientPool = ""
	rows := parsed()
	i := slices.IndexFunc(rows, func(r Row) bool { return r.Cell == cell })
	if i < 0 {
		return Row{}, false
	}
	return rows[i], true
}
