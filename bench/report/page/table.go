package page

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"poolbench/bench"
	"poolbench/bench/analysis"
	"poolbench/bench/internal/digits"
	"poolbench/bench/report"
	"poolbench/bench/stats"
)

// column describes the fields of a column.
type column struct {
	Head string
	Word bool   // aligned to the left
	Key  string // for the filter; empty if the column does not tell which cell a row is
	Wide bool   // its texts are long
}

// field is one field of a row. Rows are sorted by Value, or by Text if Value is empty.
type field struct{ Text, Value, Tip string }

// row is the row of a cell.
type row struct {
	ID     string
	Failed bool
	Figure string // ID of a figure of the cell; empty if there is none
	Fields []field
}

// measured are the columns after the axes and the outcome.
var measured = []struct {
	head string
	of   func(analysis.Summary) field
}{
	{"rounds", func(s analysis.Summary) field { return number(len(s.Rounds)) }},
	{"makespan", func(s analysis.Summary) field {
		if s.Makespan.N == 0 {
			return missing
		}
		return duration(s.Makespan.Median)
	}},
	{"95 % interval", func(s analysis.Summary) field {
		if s.Makespan.N == 0 || !s.Makespan.Bounded() {
			return missing
		}
		return field{Text: report.Bounds(s.Makespan.Center), Value: fmt.Sprint(s.Makespan.Hi - s.Makespan.Lo)}
	}},
	{"MB/s", metric("MB/s", func(rate float64) field { return field{Text: digits.Of(rate), Value: fmt.Sprint(rate)} })},
	{"p50", metric("p50-ns", duration)},
	{"p99", func(s analysis.Summary) field {
		if ok, _ := s.Ops(); ok < stats.QuantileNeeds(0.99) {
			return missing
		}
		return metric("p99-ns", duration)(s)
	}},
	{"wait", metric("wait-p50-ns", duration)},
	{"server CPU", metric("server-cpu-ns/op", duration)},
	{"load CPU", metric("load-cpu-ns/op", duration)},
	{"server peak", metric("server-peak-B", megabytes)},
	{"load peak", metric("load-peak-B", megabytes)},
	{"ok", func(s analysis.Summary) field { ok, _ := s.Ops(); return number(ok) }},
	{"failed", func(s analysis.Summary) field { _, failed := s.Ops(); return number(failed) }},
}

// columnsOf returns the columns of the table of cells.
func columnsOf(axes []bench.Axis) []column {
	var columns []column
	for _, axis := range axes {
		columns = append(columns, column{Head: axis.Head, Word: axis.Word, Key: axis.Key})
	}
	columns = append(columns, column{Head: "outcome", Word: true, Key: "outcome"})
	for _, m := range measured {
		columns = append(columns, column{Head: m.head})
	}
	columns = append(columns, column{Head: "limit", Word: true})
	return append(columns, column{Head: "reasons and warnings", Word: true, Wide: true})
}

// table returns a row for each planned cell. figures has the ID of a figure of each cell.
func table(a *analysis.Analysis, figures map[bench.Cell]string) []row {
	var rows []row
	axes := a.Shown()
	for _, s := range a.Summaries() {
		r := row{ID: anchor(s.Cell), Failed: s.Outcome() != bench.OK, Figure: figures[s.Cell]}
		for _, axis := range axes {
			r.Fields = append(r.Fields, field{Text: cmp.Or(axis.Value(s.Cell), none), Value: axis.Plain(s.Cell)})
		}
		r.Fields = append(r.Fields, field{Text: string(s.Outcome())})
		for _, m := range measured {
			r.Fields = append(r.Fields, m.of(s))
		}
		r.Fields = append(r.Fields, field{Text: cmp.Or(string(s.Limit.Word), none), Tip: s.Limit.Evidence}, field{Text: remarks(a, s)})
		rows = append(rows, r)
	}
	return rows
}

// none stands for a missing value.
const none = "–"

var missing = field{Text: none}

func number(n int) field { return field{Text: fmt.Sprint(n)} }

func duration(ns float64) field { return field{Text: digits.Duration(ns), Value: fmt.Sprint(ns)} }

func megabytes(bytes float64) field {
	return field{Text: fmt.Sprintf("%.0f MB", bytes/1e6), Value: fmt.Sprint(bytes)}
}

// metric returns the fields of a column: the metric of a unit.
func metric(unit string, write func(float64) field) func(analysis.Summary) field {
	return func(s analysis.Summary) field {
		value, ok := s.Values[unit]
		if !ok {
			return missing
		}
		return write(value)
	}
}

// remarks returns why the cell was skipped, why ops failed, the kinds of its warnings, which
// the page explains, and notes.
func remarks(a *analysis.Analysis, s analysis.Summary) string {
	var parts []string
	if s.Outcome() == bench.Skipped {
		parts = append(parts, "not measured: "+a.WhyNot(s.Cell))
	}
	return strings.Join(slices.Concat(parts, s.Reasons(), report.Kinds(s.Warned), s.Remarks()), "; ")
}

var notInAnchor = regexp.MustCompile(`[^a-z0-9]+`)

// anchor returns the ID of a cell's row.
func anchor(c bench.Cell) string {
	return "cell-" + strings.Trim(notInAnchor.ReplaceAllString(strings.ToLower(c.String()), "-"), "-")
}

// count writes a number of things, such as 1 200 cells.
func count(n int, what string) string {
	if n != 1 {
		what += "s"
	}
	return grouped(n) + " " + what
}

// grouped writes a whole number with a narrow space between groups of three digits.
func grouped(n int) string {
	text := fmt.Sprint(n)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + " " + text[i:]
	}
	return text
}
