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
	return []Format{{"text", Text}, {"markdown", Markdown}, {"csv", CSV}, {"pairs-csv", PairsCSV}, {"json", JSON}}
}

// Markdown writes what Text does as tables of Markdown, for people who read it on
// a page.
func Markdown(w io.Writer, run journal.Run) error {
	summaries, comparisons := summarise(run), compare(run)
	var text strings.Builder
	if len(summaries) > 0 || len(comparisons) == 0 {
		markdownTable(&text, columnsOf(summaries), summaries)
		markdownRemarks(&text, legend, remarks(run, summaries))
	}
	if len(comparisons) > 0 {
		markdownTable(&text, pairColumnsOf(comparisons), comparisons)
		markdownRemarks(&text, pairLegend(run.Head.Plan.Base), pairRemarks(run, comparisons))
	}
	fmt.Fprintf(&text, "%s\n", total(summaries, comparisons))
	_, err := io.WriteString(w, text.String())
	return err
}

func markdownTable[T any](text *strings.Builder, columns []columnOf[T], rows []T) {
	row := func(of func(c columnOf[T]) string) {
		for _, c := range columns {
			fmt.Fprintf(text, "| %s ", strings.ReplaceAll(of(c), "|", `\|`))
		}
		text.WriteString("|\n")
	}
	row(func(c columnOf[T]) string { return c.head })
	row(func(c columnOf[T]) string {
		if slices.Contains([]string{"op", "pool", "client pool", "verdict"}, c.head) {
			return "---"
		}
		return "--:"
	})
	for _, r := range rows {
		row(func(c columnOf[T]) string { return c.of(r) })
	}
}

// markdownRemarks writes what stands below a table.
func markdownRemarks(text *strings.Builder, legend string, remarks []string) {
	fmt.Fprintf(text, "\n%s\n\n", legend)
	for _, line := range remarks {
		fmt.Fprintf(text, "- %s\n", line)
	}
	text.WriteString("\n")
}
