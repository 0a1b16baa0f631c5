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
	// configuration lines, with several values of one joined. It leaves out commit and
	// program.
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

// slowed returns the input with every value of some units worse by a factor.
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
