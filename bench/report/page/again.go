package page

import (
	"regexp"
	"slices"
	"strings"

	"poolbench/bench/journal"
)

// commands are how the run can be repeated.
func commands(run journal.Run) []string {
	flags := run.Head.Flags
	var all []string
	if commit, dirty := strings.CutSuffix(run.Head.Commit, "-dirty"); commit != "" && commit != "unknown" {
		text := "git checkout " + commit
		if dirty {
			text += "  # the tree had changes that are in no commit"
		}
		all = append(all, text)
	}
	if flags == nil {
		return all
	}
	words := []string{"go", "test", "-run", "^$"}
	ofGo := []string{"bench", "benchtime", "count", "cpu"}
	for _, name := range ofGo {
		if flags[name] != "" {
			words = append(words, "-"+name, flags[name])
		}
	}
	words = append(words, ".")
	for _, f := range facts(flags) {
		once := slices.Contains([]string{"resume", "plan"}, f.Name)
		none := f.Value == "" || f.Name == "rounds" && f.Value == "0" || f.Name == "deadline" && f.Value == "0s"
		if !once && !none && !slices.Contains(ofGo, f.Name) {
			words = append(words, "-"+f.Name+"="+f.Value)
		}
	}
	all = append(all, shell(words))
	if dir := flags["results"]; dir != "" {
		all = append(all, shell([]string{"go", "run", "./bench/cmd/poolbench", "report", dir, "--format", "html"})+" > report.html")
	}
	return all
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
