package report

import (
	"fmt"
	"slices"

	"poolbench/bench"
	"poolbench/bench/analysis"
)

// cellWarnings are the kinds of warnings about a cell's numbers, each with its letter in
// tables and what it means.
var cellWarnings = []struct {
	kind   bench.WarningKind
	letter byte
	means  string
}{
	{bench.LoadSaturated, 'L', fmt.Sprintf("the clients took at least %.0f %% of the CPU time that they could have had, so the server may be faster than the numbers say", 100*bench.Saturated)},
	{bench.Steal, 'S', fmt.Sprintf("a hypervisor took %.0f %% or more of the CPU time, so times are too long by as much or more", 100*bench.Stolen)},
	{bench.Throttled, 'Q', fmt.Sprintf("a CPU quota kept threads waiting for %.0f %% or more of the time, so times are those of a machine with that many processors", 100*bench.Stolen)},
	{bench.FewRounds, 'R', "too few whole rounds for the interval of a median, so the makespan is a first impression"},
	{bench.OtherLoad, 'O', "the server served somebody else meanwhile, so times are shared with that load"},
	{bench.Stalled, 'H', "in a round the benchmark did not run or a server was stopped, so that round is in no estimate"},
}

// WarningLegend explains the warnings about a cell's numbers, each by its kind.
func WarningLegend() []string {
	var lines []string
	for _, known := range cellWarnings {
		lines = append(lines, fmt.Sprintf("%s: %s", known.kind, known.means))
	}
	return lines
}

// letters returns the letters of a cell's warnings.
func letters(warnings []bench.Warning) string {
	var text []byte
	for _, known := range cellWarnings {
		if slices.ContainsFunc(warnings, func(w bench.Warning) bool { return w.Kind == known.kind }) {
			text = append(text, known.letter)
		}
	}
	return string(text)
}

// Kinds returns the kinds of warnings.
func Kinds(warnings []bench.Warning) []string {
	var words []string
	for _, w := range warnings {
		words = append(words, string(w.Kind))
	}
	return words
}

// warned returns the run's warnings, and how many cells have each letter.
func warned(a *analysis.Analysis, summaries []analysis.Summary) []string {
	var lines []string
	for _, w := range a.Head.Warnings {
		lines = append(lines, "warning: "+w.Text)
	}
	for _, known := range cellWarnings {
		n := 0
		for _, s := range summaries {
			if slices.ContainsFunc(s.Warned, func(w bench.Warning) bool { return w.Kind == known.kind }) {
				n++
			}
		}
		if n > 0 {
			lines = append(lines, fmt.Sprintf("warning %c: %d of %d cells: %s", known.letter, n, len(summaries), known.means))
		}
	}
	return lines
}
