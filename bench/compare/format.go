package compare

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"poolbench/bench/internal/digits"
	"poolbench/bench/stats"
)

// Format is a named way to write a table.
type Format struct {
	Name  string
	Write func(w io.Writer, t *Table) error
}

// Formats returns all formats.
func Formats() []Format { return []Format{{"text", Text}, {"markdown", Markdown}} }

// column is a column of the table: its head, and its text for a row.
type column struct {
	head string
	of   func(Row) string
}

var columns = []column{
	{"cell", func(r Row) string { return r.Cell }},
	{"BASE", func(r Row) string { return number(r.Base.Median, r.Unit) }},
	{"n", func(r Row) string { return fmt.Sprint(r.Base.N) }},
	{"NEW", func(r Row) string { return number(r.New.Median, r.Unit) }},
	{"n", func(r Row) string { return fmt.Sprint(r.New.N) }},
	{"change", changeOf},
	{intervalName, func(r Row) string { return interval(r.Change) }},
	{"p", func(r Row) string { return probability(r.P, r) }},
	{"p corrected", func(r Row) string { return probability(r.Holm, r) }},
	{"verdict", func(r Row) string { return string(r.Word) }},
}

// layout is how the parts of a table are written.
type layout struct {
	item  string // format of a line of a list
	title string // format of the line above a unit's rows: the unit, which way is better
	rows  func(text *strings.Builder, lines [][]string)
	gap   string // between the legend and the list that follows it
}

// Text writes one table per unit, with one line per cell.
func Text(w io.Writer, t *Table) error {
	return t.write(w, layout{item: "%s\n", title: "\n%s, %s\n", rows: textRows})
}

// Markdown writes the same as Text, as Markdown.
func Markdown(w io.Writer, t *Table) error {
	return t.write(w, layout{item: "- %s\n", title: "\n**%s**, %s\n\n", rows: markdownRows, gap: "\n"})
}

func (t *Table) write(w io.Writer, l layout) error {
	var text strings.Builder
	for _, line := range t.heads() {
		fmt.Fprintf(&text, l.item, line)
	}
	for _, unit := range t.Units {
		if rows := t.of(unit); len(rows) > 0 {
			fmt.Fprintf(&text, l.title, unit, direction(rows[0].Better))
			l.rows(&text, linesOf(rows))
		}
	}
	fmt.Fprintf(&text, "\n%s\n", t.legend())
	for i, line := range t.remarks() {
		if i == 0 {
			text.WriteString(l.gap)
		}
		fmt.Fprintf(&text, l.item, line)
	}
	_, err := io.WriteString(w, text.String())
	return err
}

// linesOf returns the head of the columns, and then a line for each row.
func linesOf(rows []Row) [][]string {
	lines := make([][]string, 1+len(rows))
	for _, c := range columns {
		lines[0] = append(lines[0], c.head)
		for i, r := range rows {
			lines[i+1] = append(lines[i+1], c.of(r))
		}
	}
	return lines
}

func textRows(text *strings.Builder, lines [][]string) {
	// Right-aligned, so that numbers line up.
	table := tabwriter.NewWriter(text, 0, 0, 2, ' ', tabwriter.AlignRight)
	for _, line := range lines {
		fmt.Fprintln(table, strings.Join(line, "\t")+"\t")
	}
	_ = table.Flush() // a Builder takes everything
}

func markdownRows(text *strings.Builder, lines [][]string) {
	for i, line := range lines {
		for _, value := range line {
			fmt.Fprintf(text, "| %s ", strings.ReplaceAll(value, "|", `\|`))
		}
		text.WriteString("|\n")
		if i == 0 { // all between the cell and the verdict are numbers
			fmt.Fprintf(text, "| --- |%s --- |\n", strings.Repeat(" --: |", len(line)-2))
		}
	}
}

// of returns the rows of a unit.
func (t *Table) of(unit string) []Row {
	var rows []Row
	for _, r := range t.Rows {
		if r.Unit == unit {
			rows = append(rows, r)
		}
	}
	return rows
}

// heads returns what is compared, and the differences in configuration.
func (t *Table) heads() []string {
	lines := []string{
		fmt.Sprintf("BASE is %s: %s of %s", t.Base.Path, t.Base.Kind, digits.Count(len(t.Base.cells), "cell")),
		fmt.Sprintf("NEW is %s: %s of %s", t.New.Path, t.New.Kind, digits.Count(len(t.New.cells), "cell")),
	}
	for _, d := range t.Differences {
		lines = append(lines, fmt.Sprintf("different: %v", d))
	}
	return lines
}

// meanBy is how values are paired up for the geometric mean of several cells.
var meanBy = map[Kind]string{Visits: "visit by visit", Rounds: "round by round", Lines: "line by line"}

// legend explains the columns.
func (t *Table) legend() string {
	assumed := fmt.Sprintf(`The %s are taken as independent of each other. BASE was measured at
one time and NEW at another: what the machine did in between is in the change.`, t.Base.Kind)
	if t.Paired {
		assumed = fmt.Sprintf(`The %s are compared in pairs, the first with the first: what slowed both of
a pair down is not in the change.`, t.Base.Kind)
	}
	return fmt.Sprintf(`BASE, NEW: medians of n %s. change: NEW ÷ BASE, as the Hodges–Lehmann estimate, which is
not the ratio of the medians. Its interval is of one row by itself. p corrected: by Holm, as %s.
better, worse: that is at most %v; ~: these values show no difference; too few: nor would
they, whatever it was; equal: all values are the same. all cells: their geometric mean, %s.
%s`, t.Base.Kind, tested(t.Tested), stats.Alpha, meanBy[t.Base.Kind], assumed)
}

func tested(n int) string {
	if n == 1 {
		return "1 row was tested"
	}
	return fmt.Sprintf("%d rows were tested", n)
}

// remarks returns notes about cells without rows.
func (t *Table) remarks() []string {
	lines := alone(t.OnlyBase, t.OnlyNew)
	for _, a := range t.Absent {
		lines = append(lines, fmt.Sprintf("not compared: %s: %v", a.Cell, a))
	}
	return lines
}

// alone returns lines about the cells that only one input has.
func alone(base, next []string) []string {
	var lines []string
	for _, name := range base {
		lines = append(lines, "only in BASE: "+name)
	}
	for _, name := range next {
		lines = append(lines, "only in NEW: "+name)
	}
	return lines
}

// String says which values are missing.
func (a Absent) String() string {
	return fmt.Sprintf("values of %s in %d of %d on the side of BASE, and in %d of %d on that of NEW", a.Unit, a.Base, a.BaseN, a.New, a.NewN)
}
