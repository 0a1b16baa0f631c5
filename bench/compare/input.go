package compare

import (
	"fmt"
	"maps"
	"math"
	"os"
	"slices"

	"golang.org/x/perf/benchfmt"

	"poolbench/bench"
)

// Kind is what a value of an input is of.
type Kind string

// The kinds.
const (
	Visits Kind = "visits" // of a folder of results, of a run of passes
	Rounds Kind = "rounds" // of a folder of results that the testing package has paced
	Lines  Kind = "lines"  // of a text in the format of go test -bench
)

// Input is one side of a comparison.
type Input struct {
	Path string
	Kind Kind
	// Config is what has a say in the values, by name: a machine and the flags, or
	// the configuration lines, several values of one being joined. The commit is not
	// in it, nor the program.
	Config map[string]string

	cells  []*cell // in their order
	units  []string
	better benchfmt.UnitMetadataMap
}

// cell is what there is of one cell.
type cell struct {
	name   string
	n      int                  // rounds or lines
	values map[string][]float64 // by unit, for each of the n, NaN where it has none
}

// Read reads an input: a folder of results, of which it is the last run, or a text
// in the format of go test -bench.
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

// find returns the cell of a name, or nil.
func (in *Input) find(name string) *cell {
	i := slices.IndexFunc(in.cells, func(c *cell) bool { return c.name == name })
	if i < 0 {
		return nil
	}
	return in.cells[i]
}

// cell returns the cell of a name, which is made if there is none yet.
func (in *Input) cell(name string) *cell {
	c := in.find(name)
	if c == nil {
		c = &cell{name: name, values: map[string][]float64{}}
		in.cells = append(in.cells, c)
	}
	return c
}

// add adds what one round or line has measured, each unit once.
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

// of returns the values of a unit, none of a cell that is nil.
func (c *cell) of(unit string) []float64 {
	if c == nil {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(c.values[unit]), math.IsNaN)
}

// pairs returns the values of a unit of those rounds or lines in which both cells
// have one.
func pairs(a, b *cell, unit string) (x, y []float64) {
	for i := range min(len(a.values[unit]), len(b.values[unit])) {
		if v, w := a.values[unit][i], b.values[unit][i]; !math.IsNaN(v) && !math.IsNaN(w) {
			x, y = append(x, v), append(y, w)
		}
	}
	return x, y
}

// slowed is the input with every value of some units worse by a factor.
func (in *Input) slowed(units []string, factor float64) *Input {
	slower := *in
	slower.cells = nil
	for _, c := range in.cells {
		s := &cell{name: c.name, n: c.n, values: maps.Clone(c.values)}
		for _, unit := range units {
			s.values[unit] = slices.Clone(c.values[unit])
			for i := range s.values[unit] {
				if in.better.GetBetter(unit) > 0 {
					s.values[unit][i] /= factor
				} else {
					s.values[unit][i] *= factor
				}
			}
		}
		slower.cells = append(slower.cells, s)
	}
	return &slower
}
