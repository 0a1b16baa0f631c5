package report

import (
	"fmt"
	"slices"

	"poolbench/bench"
	"poolbench/bench/analysis"
)

// cellWarnings are the kinds that stand beside a cell's numbers, each with its
// letter and what it says of them.
var cellWarnings = []struct {
	kind   bench.WarningKind
	letter byte
	says   string
}{
	{bench.LoadSaturated, 'L', fmt.Sprintf("the clients took at least %.0f %% of the CPU time that they could have had: the server may be faster than the number", 100*bench.Saturated)},
	{bench.Steal, 'S', fmt.Sprintf("a hypervisor took %.0f %% or more of the CPU time: times are too long by that and more", 100*bench.Stolen)},
	{bench.FewRounds, 'R', "too few whole rounds for the interval of a median: the makespan is a first impression"},
	{bench.Stalled, 'H', "in a round the benchmark did not run or a server was stopped: it is in no estimate"},
}

// letters are those of a cell's warnings.
func letters(warnings []bench.Warning) string {
	var text []byte
	for _, known := range cellWarnings {
		if slices.ContainsFunc(warnings, func(w bench.Warning) bool { return w.Kind == known.kind }) {
			text = append(text, known.letter)
		}
	}
	return string(text)
}

// Kinds are those of warnings, in words.
func Kinds(warnings []bench.Warning) []string {
	var words []string
	for _, w := range warnings {
		words = append(words, string(w.Kind))
	}
	return words
}

// warned says what the run is warned of, and how many of its cells have each letter.
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
			lines = append(lines, fmt.Sprintf("warning %c: %d of %d cells: %s", known.letter, n, len(summaries), known.says))
		}
	}
	return lines
}
