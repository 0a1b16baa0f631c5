package report

import (
	"fmt"
	"slices"

	"poolbench/bench"
	"poolbench/bench/journal"
)

// cellWarnings are the kinds that stand beside a cell's numbers, each with its
// letter and what it says of them.
var cellWarnings = []struct {
	kind   bench.WarningKind
	letter byte
	says   string
}{
	{bench.LoadSaturated, 'L', "the clients took at least 90 % of the CPU time that they could have had: the server may be faster than the number"},
	{bench.Steal, 'S', "a hypervisor took 2 % or more of the CPU time: times are too long by that and more"},
	{bench.FewRounds, 'R', "too few rounds without a failure for an interval: the makespan is a first impression"},
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

// kinds are those of warnings, in words.
func kinds(warnings []bench.Warning) []string {
	var words []string
	for _, w := range warnings {
		words = append(words, string(w.Kind))
	}
	return words
}

// warned says what the run is warned of, and what the letters of its cells mean.
func warned(run journal.Run, summaries []summary) []string {
	var lines []string
	for _, w := range run.Head.Warnings {
		lines = append(lines, "warning: "+w.Text)
	}
	of := make([][]bench.Warning, len(summaries))
	for i, s := range summaries {
		of[i] = s.warnings
	}
	return append(lines, counted(of, "cells")...)
}

// pairsWarned says what the letters of pairs mean.
func pairsWarned(comparisons []comparison) []string {
	of := make([][]bench.Warning, len(comparisons))
	for i, c := range comparisons {
		of[i] = c.warnings
	}
	return counted(of, "pairs")
}

// counted says of each kind that there is how many things have it.
func counted(of [][]bench.Warning, things string) []string {
	var lines []string
	for _, known := range cellWarnings {
		n := 0
		for _, warnings := range of {
			if slices.ContainsFunc(warnings, func(w bench.Warning) bool { return w.Kind == known.kind }) {
				n++
			}
		}
		if n > 0 {
			lines = append(lines, fmt.Sprintf("warning %c: %d of %d %s: %s", known.letter, n, len(of), things, known.says))
		}
	}
	return lines
}

// pairWarnings are those of either side, but for its number of rounds, of which the
// verdict tells.
func pairWarnings(p bench.Pair, m bench.Machine) []bench.Warning {
	var all []bench.Warning
	for _, side := range p.Sides() {
		all = append(all, side.MachineWarnings(m)...)
	}
	return all
}
