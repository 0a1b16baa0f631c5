package report

import (
	"bytes"
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"

	"poolbench/bench"
	"poolbench/bench/analysis"
	"poolbench/bench/internal/digits"
	"poolbench/bench/stats"
)

// Column is a column of a table: its head, and its text for a row.
type Column[T any] struct {
	Head string
	Text func(row T) string // empty if there is no value
	Word bool               // not a number: aligned to the left where the format can
}

// text returns the text for a row, or a dash.
func (c Column[T]) text(row T) string { return cmp.Or(c.Text(row), "-") }

// measured are the columns after the axes.
var measured = []Column[analysis.Summary]{
	{Head: "rounds", Text: func(s analysis.Summary) string { return fmt.Sprint(len(s.Rounds)) }},
	{Head: "makespan", Text: func(s analysis.Summary) string { return optional(s.Makespan.N > 0, digits.Duration(s.Makespan.Median)) }},
	{Head: "95 % interval", Text: func(s analysis.Summary) string { return Bounds(s.Makespan.Center) }},
	{Head: "MB/s", Text: func(s analysis.Summary) string {
		return optional(s.Throughput() > 0, fmt.Sprintf("%.0f", s.Throughput()/1e6))
	}},
	{Head: "p50", Text: metric("p50-ns")},
	{Head: "p99", Text: func(s analysis.Summary) string {
		ok, _ := s.Ops()
		return optional(ok >= stats.QuantileNeeds(0.99), metric("p99-ns")(s))
	}},
	{Head: "wait", Text: metric("wait-p50-ns")},
	{Head: "storage", Text: func(s analysis.Summary) string {
		share, ok := s.StorageShare()
		return optional(ok, fmt.Sprintf("%.0f %%", 100*share))
	}},
	{Head: "limit", Word: true, Text: func(s analysis.Summary) string { return string(s.Limit.Word) }},
	{Head: "ok", Text: func(s analysis.Summary) string { ok, _ := s.Ops(); return fmt.Sprint(ok) }},
	{Head: "failed", Text: func(s analysis.Summary) string { _, failed := s.Ops(); return fmt.Sprint(failed) }},
	{Head: "warn", Text: func(s analysis.Summary) string { return letters(s.Warned) }},
}

// legend explains the table of cells.
var legend = fmt.Sprintf(`makespan: from the start to the last client's end, median over the whole rounds: those in which no op
failed and nothing stood still. Its interval needs %d of them. MB/s: wire bytes of the ops that succeeded,
in 10^6, per second of makespan. p50, p99: latency of an op, from connect to verified end; p99 needs %d ops
that succeeded. wait: median time from the request to the first byte of the answer, spent in the queue.
storage: share of the uploads' transfer time that the server's storage took. limit: what held the cell back.`, stats.IntervalNeeds(), stats.QuantileNeeds(0.99))

// Text writes a table with a line for each planned cell, which covers all visits to it.
// Joined runs are named above it. Below it come the warnings, what was skipped or failed and why, and other remarks; then
// the effects, if there are any, the verdict, and a line of totals.
func Text(w io.Writer, a *analysis.Analysis) error {
	summaries := a.Summaries()
	var text bytes.Buffer
	for _, line := range Runs(a) {
		fmt.Fprintln(&text, line)
	}
	textTable(&text, columnsOf(a), summaries)
	lines := append([]string{legend}, remarks(a, summaries)...)
	fmt.Fprintln(&text, strings.Join(lines, "\n"))
	if HasEffects(a) {
		textTable(&text, EffectColumns(a), a.Effects)
		fmt.Fprintln(&text, EffectLegend(a))
	}
	fmt.Fprintln(&text, strings.Join(append(verdictLines(a), total(summaries)), "\n"))
	_, err := w.Write(text.Bytes())
	return err
}

// textTable aligns all columns to the right, so that numbers line up.
func textTable[T any](w *bytes.Buffer, columns []Column[T], rows []T) {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	for _, c := range columns {
		fmt.Fprint(t, c.Head, "\t")
	}
	fmt.Fprintln(t)
	for _, r := range rows {
		for _, c := range columns {
			fmt.Fprint(t, c.text(r), "\t")
		}
		fmt.Fprintln(t)
	}
	_ = t.Flush() // a Buffer takes everything
}

// Comment writes the same as Text, with "# " before each line, so that it can stand among
// benchmark lines.
func Comment(w io.Writer, a *analysis.Analysis) error {
	var text bytes.Buffer
	if err := Text(&text, a); err != nil {
		return err
	}
	return comment(w, text.String())
}

// columnsOf returns the columns of a run's table: the axes, then what was measured.
func columnsOf(a *analysis.Analysis) []Column[analysis.Summary] {
	var columns []Column[analysis.Summary]
	for _, axis := range a.Shown() {
		columns = append(columns, Column[analysis.Summary]{axis.Head, func(s analysis.Summary) string { return axis.Value(s.Cell) }, axis.Word})
	}
	return append(columns, measured...)
}

// remarks returns lines about the run and about single cells.
func remarks(a *analysis.Analysis, summaries []analysis.Summary) []string {
	lines := slices.Concat(warned(a, summaries), outliers(summaries), brokenOff(a))
	for _, s := range summaries {
		if s.Outcome() == bench.Skipped {
			lines = append(lines, fmt.Sprintf("skipped: %v: %s", s.Cell, a.WhyNot(s.Cell)))
		}
		for _, reason := range s.Reasons() {
			lines = append(lines, fmt.Sprintf("failed: %v: %s", s.Cell, reason))
		}
		if s.Told != nil && s.Told.Failed > 0 {
			lines = append(lines, fmt.Sprintf("server: %v: %s", s.Cell, strings.Join(s.ServerSaid(), ", ")))
		}
		for _, note := range s.Remarks() {
			lines = append(lines, fmt.Sprintf("note: %v: %s", s.Cell, note))
		}
	}
	return lines
}

// outliers returns a line that counts the rounds far from the others of their cell, if
// there are any.
func outliers(summaries []analysis.Summary) []string {
	rounds, cells := 0, 0
	for _, s := range summaries {
		if n := len(s.Makespan.Outliers); n > 0 {
			rounds, cells = rounds+n, cells+1
		}
	}
	if rounds == 0 {
		return nil
	}
	return []string{fmt.Sprintf("outliers: %s in %s outside Tukey's fences, included in every number",
		digits.Count(rounds, "round"), digits.Count(cells, "cell"))}
}

// brokenOff returns a line that says how far the run got, if it was broken off. Of joined
// runs, Runs says it.
func brokenOff(a *analysis.Analysis) []string {
	if a.Parts != nil {
		return nil
	}
	plan, why := a.Head.Plan, cmp.Or(a.Unfinished(), "the run ended before it")
	fewer := 0
	for _, t := range a.Totals {
		if t.Measured > 0 && t.Measured < plan.Count {
			fewer++
		}
	}
	switch {
	case fewer > 0:
		return []string{fmt.Sprintf("broken off: %d cells were to be measured %d times and were not: %s", fewer, plan.Count, why)}
	case plan.Count > 0 || a.Unfinished() == "" || len(a.Results) == 0:
		return nil
	case plan.Passes > 0:
		return []string{fmt.Sprintf("broken off after %d of %s: %s", a.Passes, digits.Count(plan.Passes, "pass"), why)}
	}
	return []string{fmt.Sprintf("broken off after %s: %s", digits.Count(a.Passes, "pass"), why)}
}

// total returns the last line, which counts cells and ops.
func total(summaries []analysis.Summary) string {
	ops, failed, skipped := 0, 0, 0
	for _, s := range summaries {
		good, bad := s.Ops()
		ops, failed = ops+good+bad, failed+bad
		if s.Outcome() == bench.Skipped {
			skipped++
		}
	}
	text := fmt.Sprintf("%d cells, %d ops, %d failed", len(summaries), ops, failed)
	if skipped > 0 {
		text += fmt.Sprintf(", %d cells skipped", skipped)
	}
	return text
}

// comment writes each line of text behind "# ".
func comment(w io.Writer, text string) error {
	for line := range strings.Lines(text) {
		if _, err := fmt.Fprintf(w, "# %s\n", strings.TrimRight(line, " \n")); err != nil {
			return err
		}
	}
	return nil
}

// metric returns a column's text: the metric of a unit, which is a time.
func metric(unit string) func(analysis.Summary) string {
	return func(s analysis.Summary) string {
		value, ok := s.Values[unit]
		return optional(ok, digits.Duration(value))
	}
}

// Bounds writes the interval of a median, in the median's unit. It is empty if there is none.
func Bounds(c stats.Center) string {
	if c.N == 0 || !c.Bounded() {
		return ""
	}
	unit, name := digits.Unit(c.Median)
	return fmt.Sprintf("%s … %s %s", digits.Of(c.Lo/unit), digits.Of(c.Hi/unit), name)
}

// verdictLines returns the verdict as it stands below the tables.
func verdictLines(a *analysis.Analysis) []string {
	lines := make([]string, len(a.Verdict))
	for i, line := range a.Verdict {
		lines[i] = "verdict: " + line
	}
	return lines
}
