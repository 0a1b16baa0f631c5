package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"poolbench/bench"
	"poolbench/bench/analysis"
	"poolbench/bench/internal/digits"
	"poolbench/bench/journal"
)

// Joined is one of the runs that an analysis joins.
type Joined struct {
	Dir, Started, Commit string
	// Far says how far the run got.
	Far string
	// Differs names what is not the same in all runs, as name=value.
	Differs []string
}

// JoinedOf returns the runs that an analysis joins; none if it is of a single one.
func JoinedOf(a *analysis.Analysis) []Joined {
	var all []Joined
	for i, p := range a.Parts {
		far := fmt.Sprintf("%s to %s", digits.Count(len(p.Results), "visit"), digits.Count(len(p.Head.Plan.Cells), "cell"))
		if p.Head.Plan.Count == 0 {
			far += " in " + digits.Count(a.Wholes[i], "pass")
		}
		all = append(all, Joined{
			p.Dir, p.Head.Time.UTC().Format("2006-01-02 15:04 UTC"), cmp.Or(p.Head.Commit, "unknown"),
			far + ", " + cmp.Or(p.Unfinished(), "complete"), p.Differs,
		})
	}
	return all
}

// Runs returns lines about the runs that an analysis joins, and what that means for their
// cells; none if it is of a single one.
func Runs(a *analysis.Analysis) []string {
	var lines []string
	for _, j := range JoinedOf(a) {
		line := fmt.Sprintf("run: %s, %s, commit %s, %s", j.Dir, j.Started, j.Commit, j.Far)
		if j.Differs != nil {
			line += "; " + strings.Join(j.Differs, ", ")
		}
		lines = append(lines, line)
	}
	if lines == nil {
		return nil
	}
	return append(lines, RunsMean(a)...)
}

// RunsMean says on which machine the joined runs were made, and how to read their cells.
func RunsMean(a *analysis.Analysis) []string {
	env, machine := a.Head.Environment, "machine"
	if slices.ContainsFunc(a.Parts, func(p journal.Part) bool { return p.Head.Target != nil }) {
		machine = "load machine"
	}
	lines := []string{
		fmt.Sprintf("%s of all runs: %s, %s CPUs", machine, cmp.Or(env["cpu-model"], "unknown"), cmp.Or(env["cpus"], "unknown")),
		"The runs were made at different times. Only visits in the same pass of the same run are compared: the machine, the network and the servers may have been others in another run.",
	}
	var shared []bench.Cell
	for _, t := range a.Totals {
		if len(a.Dirs(t.Cell)) > 1 {
			shared = append(shared, t.Cell)
		}
	}
	if len(shared) > 0 {
		lines = append(lines, fmt.Sprintf("%s measured in several runs, and the visits of all are added up; the first is %v.", were(len(shared)), shared[0]))
	}
	return lines
}

func were(cells int) string {
	if cells == 1 {
		return "1 cell was"
	}
	return fmt.Sprintf("%d cells were", cells)
}
