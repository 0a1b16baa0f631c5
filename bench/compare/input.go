package compare

import (
	"fmt"
	"math"
	"os"
	"slices"

	"golang.org/x/perf/benchfmt"
	"gonum.org/v1/gonum/stat"

	"poolbench/bench"
)

// Kind says what one value of an input is.
type Kind string

// The kinds.
const (
	Visits Kind = "visits" // in a results folder of a run of passes
	Rounds Kind = "rounds" // in a results folder of a run that the testing package paced
	Lines  Kind = "lines"  // of a text in the format of go test -bench
)

// Input is one side of a comparison.
type Input struct {
	Path string
	Kind Kind
	// Config is what may influence the values, by name: the machine and the flags, or the
	// configuration lines. Several values of one line are joined. Commit and program are
	// left out.
	Config map[string]string

	cells  []*cell // in the order of the input
	units  []string
	better benchfmt.UnitMetadataMap
}

// cell is one cell of an input.
type cell struct {
	name   string
	n      int                  // number of visits, rounds or lines
	values map[string][]float64 // by unit, n each, NaN where there is none
}

// Read reads an input: the last run of a results folder, or a text in the format of go test
// -bench.
func Read(path string) (*Input, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("compare: %w", err)
	}
	if info.IsDir() {
		return readFolder(path)
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("compare: %w", err)
	}
	defer file.Close()
	return ReadText(file, path)
}

func newInput(path string, kind Kind) *Input {
	return &Input{Path: path, Kind: kind, Config: map[string]string{}}
}

// find returns the cell with this name, or nil.
func (in *Input) find(name string) *cell {
	i := slices.IndexFunc(in.cells, func(c *cell) bool { return c.name == name })
	if i < 0 {
		return nil
	}
	return in.cells[i]
}

// cell returns the cell with this name, and makes it if needed.
func (in *Input) cell(name string) *cell {
	c := in.find(name)
	if c == nil {
		c = &cell{name: name, values: map[string][]float64{}}
		in.cells = append(in.cells, c)
	}
	return c
}

// add adds the metrics of one visit, round or line, each unit once.
func (in *Input) add(c *cell, metrics []bench.Metric) {
	for _, m := range metrics {
		if !slices.Contains(in.units, m.Unit) {
			in.units = append(in.units, m.Unit)
		}
		for len(c.values[m.Unit]) < c.n {
			c.values[m.Unit] = append(c.values[m.Unit], math.NaN())
		}
		c.values[m.Unit] = append(c.values[m.Unit], m.Value)
	}
	c.n++
}

// of returns the values of a unit; none for a nil cell.
func (c *cell) of(unit string) []float64 {
	if c == nil {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(c.values[unit]), math.IsNaN)
}

// pairs returns the values of a unit at the positions at which both cells have one.
func pairs(a, b *cell, unit string) (x, y []float64) {
	for i := range min(len(a.values[unit]), len(b.values[unit])) {
		if v, w := a.values[unit][i], b.values[unit][i]; !math.IsNaN(v) && !math.IsNaN(w) {
			x, y = append(x, v), append(y, w)
		}
	}
	return x, y
}

// allCells is the name of the row for all cells together.
const allCells = "all cells"

// meanCell returns, as a cell, the geometric means of a unit over the cells of in that
// other has too: of their first values, of their second values, and so on. A small change
// in all cells is lost in the spread of each, but shows in their mean. Where a cell has no
// value, or none that is positive, there is no mean.
func meanCell(in, other *Input, unit string) *cell {
	var cells []*cell
	all := &cell{name: allCells, values: map[string][]float64{}}
	for _, c := range in.cells {
		if twin := other.find(c.name); twin != nil && len(c.of(unit))+len(twin.of(unit)) > 0 {
			cells = append(cells, c)
			all.n = max(all.n, c.n)
		}
	}
	if len(cells) < 2 {
		return nil
	}
	for i := range all.n {
		at := make([]float64, len(cells))
		for j, c := range cells {
			if at[j] = math.NaN(); i < len(c.values[unit]) && c.values[unit][i] > 0 {
				at[j] = c.values[unit][i]
			}
		}
		all.values[unit] = append(all.values[unit], stat.GeometricMean(at, nil)) // NaN if one is
	}
	return all
}
