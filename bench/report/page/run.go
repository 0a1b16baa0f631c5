package page

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"poolbench/bench/analysis"
	"poolbench/bench/internal/digits"
	"poolbench/bench/journal"
	"poolbench/bench/plan"
)

// status says how far the run is.
func status(a *analysis.Analysis) string {
	if len(a.Head.Plan.Cells) == 0 {
		return "Nothing was planned."
	}
	switch far := howFar(a); {
	case !a.Ended:
		return fmt.Sprintf("The run goes on, or was killed. It has made %s.", far)
	case a.Why != "":
		return fmt.Sprintf("The run was broken off: %s. It has made %s.", a.Why, far)
	default:
		return fmt.Sprintf("The run is complete: %s.", far)
	}
}

// howFar counts visits, and passes where there are any.
func howFar(a *analysis.Analysis) string {
	plan := a.Head.Plan
	cells := count(len(plan.Cells), "cell")
	switch {
	case plan.Count > 0:
		visits := 0
		for _, t := range a.Totals {
			visits += min(t.Measured, plan.Count)
		}
		return fmt.Sprintf("%s of %s to %s", grouped(visits), count(plan.Count*len(plan.Cells), "visit"), cells)
	case plan.Passes > a.Passes && a.Unfinished() != "":
		return fmt.Sprintf("%d of %s, %s to %s", a.Passes, digits.Count(plan.Passes, "pass"), count(len(a.Results), "visit"), cells)
	}
	return fmt.Sprintf("%s, %s to %s", digits.Count(a.Passes, "pass"), count(len(a.Results), "visit"), cells)
}

// fact is a line of what a reader should know of a run.
type fact struct{ Name, Value string }

// facts sorts values by name.
func facts(values map[string]string) []fact {
	var all []fact
	for _, name := range slices.Sorted(maps.Keys(values)) {
		all = append(all, fact{name, values[name]})
	}
	return all
}

// commands are how the run can be repeated, and its page written.
func commands(head journal.Head) []string {
	var all []string
	if commit, dirty := strings.CutSuffix(head.Commit, "-dirty"); commit != "" && commit != "unknown" {
		text := "git checkout " + commit
		if dirty {
			text += "  # the tree had changes that are in no commit"
		}
		all = append(all, text)
	}
	if head.Given != nil {
		all = append(all, shell(repeat(head.Given)))
	}
	if dir := head.Flags["results"]; dir != "" {
		all = append(all, shell([]string{"go", "run", "./bench/cmd/poolbench", "report", dir, "--format", "html"})+" > report.html")
	}
	return all
}

// repeat is the command that makes a run for which these flags were given.
func repeat(given []string) []string {
	before, behind := []string{"go", "test", "-run", "^$"}, []string{"."}
	for _, word := range given {
		name, _, _ := strings.Cut(strings.TrimLeft(word, "-"), "=")
		switch class := plan.ClassOf(name); {
		case class == plan.Once:
		case class.OfTesting():
			before = append(before, word)
		default:
			behind = append(behind, word)
		}
	}
	return append(before, behind...)
}

var plain = regexp.MustCompile(`^[A-Za-z0-9_%+=:,./-]+$`)

// shell writes a command for one.
func shell(words []string) string {
	quoted := make([]string, len(words))
	for i, word := range words {
		quoted[i] = word
		if !plain.MatchString(word) {
			quoted[i] = "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
		}
	}
	return strings.Join(quoted, " ")
}
