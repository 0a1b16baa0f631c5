package report

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"poolbench/bench/analysis"
)

// Format is a named way to write a report.
type Format struct {
	Name  string
	Write func(w io.Writer, a *analysis.Analysis) error
}

// Formats returns the formats of this package, except Lab's, which needs a language.
func Formats() []Format {
	return []Format{{"text", Text}, {"markdown", Markdown}, {"csv", CSV}, {"json", JSON}, {"verdict", Verdict}}
}

// Verdict writes the verdict, one sentence per line.
func Verdict(w io.Writer, a *analysis.Analysis) error {
	_, err := io.WriteString(w, strings.Join(append(slices.Clone(a.Verdict), ""), "\n"))
	return err
}

// Markdown writes the same as Text, as Markdown.
func Markdown(w io.Writer, a *analysis.Analysis) error {
	summaries := a.Summaries()
	var text strings.Builder
	markdownList(&text, "", Runs(a))
	markdownTable(&text, columnsOf(a), summaries)
	markdownList(&text, legend, remarks(a, summaries))
	if HasEffects(a) {
		markdownTable(&text, EffectColumns(a), a.Effects)
		markdownList(&text, EffectLegend(a), nil)
	}
	markdownList(&text, "", verdictLines(a))
	fmt.Fprintf(&text, "%s\n", total(summaries))
	_, err := io.WriteString(w, text.String())
	return err
}

func markdownTable[T any](text *strings.Builder, columns []Column[T], rows []T) {
	row := func(of func(c Column[T]) string) {
		for _, c := range columns {
			fmt.Fprintf(text, "| %s ", strings.ReplaceAll(of(c), "|", `\|`))
		}
		text.WriteString("|\n")
	}
	row(func(c Column[T]) string { return c.Head })
	row(func(c Column[T]) string {
		if c.Word {
			return "---"
		}
		return "--:"
	})
	for _, r := range rows {
		row(func(c Column[T]) string { return c.text(r) })
	}
	text.WriteString("\n")
}

// markdownList writes a paragraph and a list. Either may be empty.
func markdownList(text *strings.Builder, paragraph string, lines []string) {
	if paragraph != "" {
		fmt.Fprintf(text, "%s\n\n", paragraph)
	}
	for _, line := range lines {
		fmt.Fprintf(text, "- %s\n", line)
	}
	if len(lines) > 0 {
		text.WriteString("\n")
	}
}
