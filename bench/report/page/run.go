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
	"poolbench/bench/report"
)

// status says whether the run has ended, and how far it got.
func status(a *analysis.Analysis) string {
	if len(a.Head.Plan.Cells) == 0 {
		return "Nothing was planned."
	}
	if a.Parts != nil {
		return fmt.Sprintf("%d runs in one report: %s to %s.", len(a.Parts), count(len(a.Results), "visit"), count(len(a.Head.Plan.Cells), "cell"))
	}
	switch far := howFar(a); {
	case !a.Ended:
		return fmt.Sprintf("The run goes on, or was killed. So far: %s.", far)
	case a.Why != "":
		return fmt.Sprintf("The run was broken off: %s. So far: %s.", a.Why, far)
	default:
		return fmt.Sprintf("The run is complete: %s.", far)
	}
}

// howFar counts visits and, in a run of passes, passes.
func howFar(a *analysis.Analysis) string {
	planned := a.Head.Plan
	cells := count(len(planned.Cells), "cell")
	switch {
	case planned.Count > 0:
		visits := 0
		for _, t := range a.Totals {
			visits += min(t.Measured, planned.Count)
		}
		return fmt.Sprintf("%s of %s to %s", grouped(visits), count(planned.Count*len(planned.Cells), "visit"), cells)
	case planned.Passes > a.Passes && a.Unfinished() != "":
		return fmt.Sprintf("%d of %s, %s to %s", a.Passes, digits.Count(planned.Passes, "pass"), count(len(a.Results), "visit"), cells)
	}
	return fmt.Sprintf("%s, %s to %s", digits.Count(a.Passes, "pass"), count(len(a.Results), "visit"), cells)
}

// fact is a named value: an environment entry or a flag.
type fact struct{ Name, Value string }

// facts returns the values, sorted by name.
func facts(values map[string]string) []fact {
	var all []fact
	for _, name := range slices.Sorted(maps.Keys(values)) {
		all = append(all, fact{name, values[name]})
	}
	return all
}

// runsMean says how to read the cells of joined runs.
func runsMean(a *analysis.Analysis) []string {
	if a.Parts == nil {
		return nil
	}
	return append(report.RunsMean(a), "A curve over workers or clients may join cells of several runs.")
}

// commands returns the commands that repeat the run, or each of joined runs, and write the
// page.
func commands(a *analysis.Analysis) []string {
	if a.Parts == nil {
		return append(repeats(a.Head), writes(a.Head.Flags["results"])...)
	}
	var all, dirs []string
	for _, p := range a.Parts {
		all, dirs = append(all, repeats(p.Head)...), append(dirs, p.Dir)
	}
	return append(all, writes(dirs...)...)
}

// writes returns the command that writes the page, if it is known where the samples are.
func writes(dirs ...string) []string {
	if slices.Contains(dirs, "") {
		return nil
	}
	words := slices.Concat([]string{"go", "run", "./bench/cmd/poolbench", "report"}, dirs, []string{"--format", "html"})
	return []string{shell(words) + " > report.html"}
}

// repeats returns the commands that repeat a run.
func repeats(head journal.Head) []string {
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
	return all
}

// repeat returns the command of a run that was given these flags.
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

// plain matches words that need no quotes.
var plain = regexp.MustCompile(`^[A-Za-z0-9_%+=:,./-]+$`)

// shell quotes the words of a command for a shell.
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
