package journal

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Difference says how another run differs from this one, or returns "" if both have the
// same plan, measured in the same way by the same program in the same place.
func (h Head) Difference(other Head) string {
	var differences []string
	if h.Plan.Hash != other.Plan.Hash {
		differences = append(differences, h.Plan.difference(other.Plan))
	}
	if h.Program != other.Program {
		differences = append(differences, fmt.Sprintf("the program was of commit %s and is another, of commit %s", h.Commit, other.Commit))
	}
	for _, name := range keys(h.Environment, other.Environment) {
		if was, is := h.Environment[name], other.Environment[name]; was != is {
			differences = append(differences, fmt.Sprintf("%s was %q and is %q", name, was, is))
		}
	}
	return strings.Join(differences, "; ")
}

// difference names the flags in which two plans differ.
func (p Plan) difference(other Plan) string {
	var differences []string
	for _, name := range keys(p.Flags, other.Flags) {
		if was, is := p.Flags[name], other.Flags[name]; was != is {
			differences = append(differences, fmt.Sprintf("-%s was %q and is %q", name, was, is))
		}
	}
	if differences == nil {
		if p.Count != other.Count {
			return fmt.Sprintf("it was to visit %s, and is to visit %s", p.times(), other.times())
		}
		return fmt.Sprintf("other cells were planned: %d, and now %d", len(p.Cells), len(other.Cells))
	}
	return strings.Join(differences, "; ")
}

// times says how cells are visited.
func (p Plan) times() string {
	if p.Count == 0 {
		return "each cell in passes"
	}
	return fmt.Sprintf("each cell %d times in a row", p.Count)
}

func keys(a, b map[string]string) []string {
	all := maps.Clone(a)
	maps.Copy(all, b)
	return slices.Sorted(maps.Keys(all))
}
