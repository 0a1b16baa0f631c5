package report

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"poolbench/bench/journal"
)

// Format is a way to write a report.
type Format struct {
	Name  string
	Write func(w io.Writer, run journal.Run) error
}

// Formats returns the formats there are.
func Formats() []Format {
	return []Format{{"text", Text}, {"markdown", Markdown}, {"csv", CSV}, {"json", JSON}}
}

// Markdown writes what Text does as a table of Markdown, for people who read it on
// a page.
func Markdown(w io.Writer, run journal.Run) error {
	summaries := summarise(run)
	columns := columnsOf(summaries)
	var text strings.Builder
	row := func(of func(c column) string) {
		for _, c := range columns {
			fmt.Fprintf(&text, "| %s ", strings.ReplaceAll(of(c), "|", `\|`))
		}
		text.WriteString("|\n")
	}
	row(func(c column) string { return c.head })
	row(func(c column) string {
		if slices.Contains([]string{"op", "pool", "client pool"}, c.head) {
			return "---"
		}
		return "--:"
	})
	for _, s := range summaries {
		row(func(c column) string { return c.of(s) })
	}
	fmt.Fprintf(&text, "\n%s\n\n", legend)
	for _, line := range remarks(run, summaries) {
		fmt.Fprintf(&text, "- %s\n", line)
	}
	fmt.Fprintf(&text, "\n%s\n", total(summaries))
	_, err := io.WriteString(w, text.String())
	return err
}
