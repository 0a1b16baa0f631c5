package compare

import (
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"

	"golang.org/x/perf/benchfmt"

	"poolbench/bench"
)

// procs is the name, in Config, of the GOMAXPROCS at the end of benchmark names.
const procs = "GOMAXPROCS of the names"

// text collects the lines of an input.
type text struct {
	*Input
	seen  map[string][]string // values by configuration key
	procs map[*cell]string
}

// ReadText reads a text in the format of go test -bench. name is its path, for errors. A
// line with skipped/op makes a cell, but no value.
func ReadText(r io.Reader, name string) (*Input, error) {
	t := text{newInput(name, Lines), map[string][]string{}, map[*cell]string{}}
	lines := benchfmt.NewReader(r, name)
	for lines.Scan() {
		var err error
		switch record := lines.Result().(type) {
		case *benchfmt.SyntaxError:
			err = errors.New(record.Msg)
		case *benchfmt.Result:
			err = t.take(record)
		}
		if err != nil {
			_, line := lines.Result().Pos()
			return nil, fmt.Errorf("compare: %s:%d: %w", name, line, err)
		}
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("compare: %w", err)
	}
	if len(t.cells) == 0 {
		return nil, fmt.Errorf("compare: %s: it has no benchmark lines: name a results folder, or the output of go test -bench", name)
	}
	for key, values := range t.seen {
		t.Config[key] = strings.Join(slices.Sorted(slices.Values(values)), ", ")
	}
	t.better = lines.Units()
	return t.Input, nil
}

// take adds a benchmark line.
func (t *text) take(line *benchfmt.Result) error {
	name, n := splitName(line.Name)
	c := t.cell(name)
	if was, there := t.procs[c]; there && was != n {
		return fmt.Errorf("%s was measured with GOMAXPROCS %s, and here with %s: they cannot be mixed", name, was, n)
	}
	t.procs[c] = n
	t.note(procs, n)
	for _, config := range line.Config {
		if config.Key != "commit" {
			t.note(config.Key, string(config.Value))
		}
	}
	var metrics []bench.Metric
	for _, v := range line.Values {
		m := bench.Metric{Unit: v.Unit, Value: v.Value}
		if v.OrigUnit != "" { // benchfmt has converted it, as nanoseconds to seconds
			m = bench.Metric{Unit: v.OrigUnit, Value: v.OrigValue}
		}
		switch {
		case m.Unit == "skipped/op":
			return nil
		case math.IsNaN(m.Value) || math.IsInf(m.Value, 0):
			return fmt.Errorf("%v %s is not a value: it must be a finite number", m.Value, m.Unit)
		case slices.ContainsFunc(metrics, func(other bench.Metric) bool { return other.Unit == m.Unit }):
			return fmt.Errorf("there are two values of %s", m.Unit)
		}
		metrics = append(metrics, m)
	}
	t.add(c, metrics)
	return nil
}

func (t *text) note(key, value string) {
	if !slices.Contains(t.seen[key], value) {
		t.seen[key] = append(t.seen[key], value)
	}
}

// splitName splits the GOMAXPROCS off a benchmark's name, which lacks it if it was 1.
func splitName(name benchfmt.Name) (cell, procs string) {
	_, parts := name.Parts()
	if len(parts) == 0 {
		return name.String(), "1"
	}
	n, found := strings.CutPrefix(string(parts[len(parts)-1]), "-")
	if !found {
		return name.String(), "1"
	}
	return strings.TrimSuffix(name.String(), "-"+n), n
}
