package compare

import (
	"fmt"
	"maps"
	"slices"
)

// MismatchError says in which way two inputs are not to be compared.
type MismatchError struct{ Msg string }

func (e *MismatchError) Error() string { return "compare: " + e.Msg }

// Difference is a part of the configuration in which two inputs differ. What one
// does not have is empty.
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

// kinds returns an error if values of two kinds were to be compared.
func kinds(base, next *Input) error {
	if base.Kind == next.Kind {
		return nil
	}
	return &MismatchError{fmt.Sprintf("%s has %s and %s has %s, and a line is a mean over rounds: compare two folders of results, or two texts",
		base.Path, base.Kind, next.Path, next.Kind)}
}

// differences returns how the configurations differ.
func differences(base, next *Input) []Difference {
	all := maps.Clone(base.Config)
	maps.Copy(all, next.Config)
	var differences []Difference
	for _, name := range slices.Sorted(maps.Keys(all)) {
		if was, is := base.Config[name], next.Config[name]; was != is {
			differences = append(differences, Difference{name, was, is})
		}
	}
	return differences
}

// missing returns the names of the cells that an input has and another has not.
func missing(from, in *Input) []string {
	var names []string
	for _, c := range from.cells {
		if in.find(c.name) == nil {
			names = append(names, c.name)
		}
	}
	return names
}
