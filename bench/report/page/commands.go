package page

import (
	"regexp"
	"strings"

	"poolbench/bench/journal"
	"poolbench/bench/plan"
)

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
