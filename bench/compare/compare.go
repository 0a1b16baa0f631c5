package compare

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"poolbench/bench/journal"
	"poolbench/bench/stats"
)

// Options say what is compared, and how.
type Options struct {
	Units []string // nil means all that both inputs have
	// Paired is set if the i-th value of a cell in one input belongs to the i-th in the
	// other.
	Paired bool
}

// Table is the result of a comparison.
type Table struct {
	Base, New   *Input
	Paired      bool
	Differences []Difference // of the configurations
	// OnlyBase and OnlyNew are the cells that only one input has.
	OnlyBase, OnlyNew []string
	Units             []string
	// Rows are grouped by unit, in the order of BASE's cells. If there are several cells,
	// the last row of a unit compares their geometric means, value by value.
	Rows   []Row
	Absent []Absent
	// Tested is the number of rows that were tested, for which p-values are corrected.
	Tested int
}

// Absent is a cell that has values of a unit on one side only, or no pair with both.
type Absent struct {
	Cell, Unit string
	Base, New  int // number of values
	// BaseN and NewN count all visits, rounds or lines of the cell.
	BaseN, NewN int
}

// Compare compares two inputs. Inputs of different kinds, or pairs of unequal numbers, are
// a [MismatchError].
func Compare(base, next *Input, o Options) (*Table, error) {
	both := slices.DeleteFunc(slices.Clone(base.units), func(unit string) bool { return !slices.Contains(next.units, unit) })
	for _, unit := range o.Units {
		if !slices.Contains(both, unit) {
			return nil, fmt.Errorf("compare: the unit %q is not in both inputs, which have %s", unit, strings.Join(both, ", "))
		}
	}
	if o.Units == nil {
		o.Units = both
	}
	return compare(base, next, o)
}

// compare is Compare for units that need not exist.
func compare(base, next *Input, o Options) (*Table, error) {
	if err := kinds(base, next); err != nil {
		return nil, err
	}
	t := &Table{
		Base: base, New: next, Paired: o.Paired, Units: o.Units, Differences: differences(base, next),
		OnlyBase: missing(base, next), OnlyNew: missing(next, base),
	}
	for _, unit := range o.Units {
		for _, was := range base.cells {
			is := next.find(was.name)
			if is == nil {
				continue
			}
			if err := t.add(was, is, unit); err != nil {
				return nil, err
			}
		}
		was, is := meanCell(base, next, unit), meanCell(next, base, unit)
		if len(was.of(unit)) == 0 || len(is.of(unit)) == 0 {
			continue
		}
		if err := t.add(was, is, unit); err != nil {
			return nil, err
		}
	}
	t.judge()
	return t, nil
}

// add compares two cells.
func (t *Table) add(was, is *cell, unit string) error {
	if t.Paired && was.n != is.n {
		return &MismatchError{fmt.Sprintf("%s has %d %s in BASE and %d in NEW: pairs need equal numbers on both sides", was.name, was.n, t.Base.Kind, is.n)}
	}
	before, after := was.of(unit), is.of(unit)
	if len(before) == 0 && len(after) == 0 {
		return nil
	}
	absent := Absent{was.name, unit, len(before), len(after), was.n, is.n}
	if t.Paired {
		before, after = pairs(was, is, unit)
	}
	if len(before) == 0 || len(after) == 0 {
		t.Absent = append(t.Absent, absent)
		return nil
	}
	row, err := newRow(before, after, t.Paired)
	if err != nil {
		return fmt.Errorf("compare: %s of %s: %w", unit, was.name, err)
	}
	row.Cell, row.Unit, row.Better = was.name, unit, better(t.Base, t.New, unit)
	t.Rows = append(t.Rows, row)
	return nil
}

// better returns +1 if more of a unit is better, -1 if less is, and 0 if neither input says.
func better(base, next *Input, unit string) int {
	return cmp.Or(next.better.GetBetter(unit), base.better.GetBetter(unit))
}

// judge corrects the p-values of the tested rows, and gives each of these its word.
func (t *Table) judge() {
	var tested []*Row
	var ps []float64
	for i := range t.Rows {
		if row := &t.Rows[i]; row.Word != Equal {
			tested, ps = append(tested, row), append(ps, row.P)
		}
	}
	t.Tested = len(tested)
	for i, claim := range stats.Holm(ps, stats.Alpha) {
		tested[i].Holm = claim.P
		tested[i].Word = tested[i].word(claim.Made, t.Tested)
	}
}

// MismatchError says why two inputs cannot be compared.
type MismatchError struct{ Msg string }

func (e *MismatchError) Error() string { return "compare: " + e.Msg }

// Difference is a difference between two configurations. A value that one lacks is empty.
type Difference struct{ Name, Base, New string }

func (d Difference) String() string {
	quote := func(value string) string {
		if value == "" {
			return "nothing"
		}
		return fmt.Sprintf("%q", value)
	}
	return fmt.Sprintf("%s is %s in BASE and %s in NEW", d.Name, quote(d.Base), quote(d.New))
}

// kinds returns an error if the inputs are of different kinds.
func kinds(base, next *Input) *MismatchError {
	if base.Kind == next.Kind {
		return nil
	}
	return &MismatchError{fmt.Sprintf("%s has %s and %s has %s, and a line is a mean over rounds: compare two folders of results, or two texts",
		base.Path, base.Kind, next.Path, next.Kind)}
}

// differences returns the differences between the configurations.
func differences(base, next *Input) []Difference {
	var differences []Difference
	for _, name := range journal.Differing(base.Config, next.Config) {
		differences = append(differences, Difference{name, base.Config[name], next.Config[name]})
	}
	return differences
}

// missing returns the cells of from that in lacks.
func missing(from, in *Input) []string {
	var names []string
	for _, c := range from.cells {
		if in.find(c.name) == nil {
			names = append(names, c.name)
		}
	}
	return names
}
