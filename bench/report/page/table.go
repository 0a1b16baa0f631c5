package page

import (
	"cmp"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"poolbench/bench"
	"poolbench/bench/analysis"
	"poolbench/bench/internal/digits"
	"poolbench/bench/report"
	"poolbench/bench/stats"
)

// column is a head of a table.
type column struct {
	Head string
	Word bool   // left-aligned
	Key  string // that the filter knows it by, if it says which cell a row is
}

// field is one field of a row. Rows are sorted by Value, or by Text if it is empty.
type field struct {
	Text, Value string
	Word, Wide  bool
}

// row is a cell.
type row struct {
	ID     string
	Failed bool
	Figure string // a figure of the cell; empty if there is none
	Fields []field
}

var columns = []column{
	{"outcome", true, "outcome"}, {Head: "rounds"},
	{Head: "makespan"}, {Head: "95 % interval"}, {Head: "MB/s"}, {Head: "p50"}, {Head: "p99"}, {Head: "wait"},
	{Head: "server CPU"}, {Head: "load CPU"}, {Head: "server peak"}, {Head: "load peak"}, {Head: "ok"}, {Head: "failed"},
	{Head: "reasons and warnings", Word: true},
}

// columnsOf are the columns of the table of cells: the axes, and what was measured.
func columnsOf(axes []bench.Axis) []column {
	var place []column
	for _, axis := range axes {
		place = append(place, column{axis.Head, axis.Word, axis.Key})
	}
	return slices.Concat(place, columns)
}

// table returns a row for each planned cell. figures has the name of one figure of each
// cell.
func table(a *analysis.Analysis, figures map[bench.Cell]string) []row {
	var rows []row
	axes := a.Shown()
	for i, r := range report.Rows(a) {
		cell := a.Totals[i].Cell
		rows = append(rows, row{
			ID: anchor(cell), Failed: r.Outcome != bench.OK, Figure: figures[cell],
			Fields: slices.Concat(placeOf(axes, cell), []field{{Text: string(r.Outcome), Word: true}, {Text: fmt.Sprint(r.Rounds)}}, measured(r), []field{{Text: remarks(r), Word: true, Wide: true}}),
		})
	}
	return rows
}

// placeOf says which cell a row is.
func placeOf(axes []bench.Axis, c bench.Cell) []field {
	var fields []field
	for _, axis := range axes {
		fields = append(fields, field{Text: cmp.Or(axis.Value(c), none), Value: axis.Plain(c), Word: axis.Word})
	}
	return fields
}

// measured are the numbers of a row; what was not measured is a dash.
func measured(r report.Row) []field {
	interval := field{Text: none}
	if r.Lo != nil {
		unit, name := digits.Unit(*r.Makespan * 1e9)
		interval = field{Text: fmt.Sprintf("%s … %s %s", digits.Of(*r.Lo*1e9/unit), digits.Of(*r.Hi*1e9/unit), name), Value: fmt.Sprint(*r.Hi - *r.Lo)}
	}
	makespan := field{Text: none}
	if r.Makespan != nil {
		makespan = seconds(*r.Makespan * 1e9)
	}
	of := func(unit string, write func(float64) field) field {
		if value, ok := r.Metrics[unit]; ok {
			return write(value)
		}
		return field{Text: none}
	}
	p99 := of("p99-ns", seconds)
	if r.OK < stats.QuantileNeeds(0.99) {
		p99 = field{Text: none}
	}
	return []field{
		makespan, interval, of("MB/s", func(v float64) field { return field{Text: digits.Of(v), Value: fmt.Sprint(v)} }),
		of("p50-ns", seconds), p99, of("wait-p50-ns", seconds),
		of("server-cpu-ns/op", seconds), of("load-cpu-ns/op", seconds), of("server-peak-B", megabytes), of("load-peak-B", megabytes),
		{Text: fmt.Sprint(r.OK)}, {Text: fmt.Sprint(r.Failed)},
	}
}

func seconds(ns float64) field { return field{Text: digits.Duration(ns), Value: fmt.Sprint(ns)} }

func megabytes(bytes float64) field {
	return field{Text: fmt.Sprintf("%.0f MB", bytes/1e6), Value: fmt.Sprint(bytes)}
}

// remarks are why ops failed, why the cell was skipped, and the kinds of its warnings,
// which the page explains once.
func remarks(r report.Row) string {
	var parts []string
	if r.Why != "" {
		parts = append(parts, "not measured: "+r.Why)
	}
	return strings.Join(slices.Concat(parts, reasonsOf(r.Reasons), kindsOf(r.Warnings), r.Notes), "; ")
}

// reasonsOf writes how often each reason occurred, sorted by reason.
func reasonsOf(counts map[string]int) []string {
	var texts []string
	for _, reason := range slices.Sorted(maps.Keys(counts)) {
		texts = append(texts, fmt.Sprintf("%d × %s", counts[reason], reason))
	}
	return texts
}

func kindsOf(warnings []bench.Warning) []string {
	var kinds []string
	for _, w := range warnings {
		kinds = append(kinds, string(w.Kind))
	}
	return kinds
}

var notInAnchor = regexp.MustCompile(`[^a-z0-9]+`)

// none stands for a value that does not exist.
const none = "–"

// anchor is the name of a cell's row in the page.
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

// grouped writes a whole number with a narrow blank between groups of three digits,
// as SI does.
func grouped(n int) string {
	text := fmt.Sprint(n)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + " " + text[i:]
	}
	return text
}
