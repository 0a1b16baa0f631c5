package report

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"poolbench/bench"
	"poolbench/bench/stats"
)

// column is a head of the table and how each cell below it is made.
type column struct {
	head string
	of   func(summary) string
}

// clientPool is a column for a run that has several.
var clientPool = column{"client pool", func(s summary) string { return string(s.Cell.ClientPool) }}

var columns = []column{
	{"op", func(s summary) string { return string(s.Cell.Op) }},
	{"volume", func(s summary) string { return s.Cell.Volume.String() }},
	{"clients", func(s summary) string { return fmt.Sprint(s.Cell.Clients) }},
	{"workers", func(s summary) string { return orNone(s.Cell.Workers > 0, fmt.Sprint(s.Cell.Workers)) }},
	{"pool", func(s summary) string { return s.Cell.Pool }},
	{"rounds", func(s summary) string { return fmt.Sprint(len(s.Rounds)) }},
	{"makespan", func(s summary) string { return orNone(s.makespan.N > 0, duration(s.makespan.Median)) }},
	{"95 % interval", func(s summary) string { return interval(s.makespan) }},
	{"MB/s", func(s summary) string { return orNone(s.Throughput() > 0, fmt.Sprintf("%.0f", s.Throughput()/1e6)) }},
	{"p50", func(s summary) string { return s.metric("p50-ns") }},
	{"p99", func(s summary) string { return s.metric("p99-ns") }},
	{"wait", func(s summary) string { return s.metric("wait-p50-ns") }},
	{"storage", func(s summary) string {
		share, ok := s.StorageShare()
		return orNone(ok, fmt.Sprintf("%.0f %%", 100*share))
	}},
	{"ok", func(s summary) string { ok, _ := s.Ops(); return fmt.Sprint(ok) }},
	{"failed", func(s summary) string { _, failed := s.Ops(); return fmt.Sprint(failed) }},
}

const legend = `makespan: starting gun to the last client's end, median of the rounds without a failure; its interval
needs 6 of them. MB/s: wire bytes of the ops that succeeded, in 10^6, per second of makespan. p50, p99:
latency of an op, connect to verified end; of fewer than 100 ops p99 is the slowest. wait: median time
from request to first byte of the answer, which is the queue. storage: share of the uploads' transfer
time that the server's storage took.`

// Text writes a table with a line for each cell, then what failed and what a
// reader should know. Results of one cell are put together. Each line begins
// with "# ", so that it may stand among the lines of a benchmark.
func Text(w io.Writer, results []bench.Result) error {
	var table bytes.Buffer
	// Aligned to the right, where numbers are compared.
	t := tabwriter.NewWriter(&table, 0, 0, 2, ' ', tabwriter.AlignRight)
	summaries := summarise(results)
	columns := columns
	if slices.ContainsFunc(summaries, func(s summary) bool { return s.Cell.ClientPool != "" }) {
		columns = slices.Insert(slices.Clone(columns), 4, clientPool) // before the pool, as in the cells' names
	}
	for _, c := range columns {
		fmt.Fprint(t, c.head, "\t")
	}
	fmt.Fprintln(t)
	for _, s := range summaries {
		for _, c := range columns {
			fmt.Fprint(t, c.of(s), "\t")
		}
		fmt.Fprintln(t)
	}
	if err := t.Flush(); err != nil {
		return err
	}
	fmt.Fprintln(&table, legend)
	cells, ops, failed := 0, 0, 0
	for _, s := range summaries {
		for _, reason := range s.Reasons() {
			fmt.Fprintf(&table, "failed: %v: %s\n", s.Cell, reason)
		}
		for _, note := range s.notes() {
			fmt.Fprintf(&table, "note: %v: %s\n", s.Cell, note)
		}
		good, bad := s.Ops()
		cells, ops, failed = cells+1, ops+good+bad, failed+bad
	}
	fmt.Fprintf(&table, "%d cells, %d ops, %d failed\n", cells, ops, failed)
	return comment(w, table.String())
}

// comment writes text with "# " before each line.
func comment(w io.Writer, text string) error {
	for line := range strings.Lines(text) {
		if _, err := fmt.Fprintf(w, "# %s\n", strings.TrimRight(line, " \n")); err != nil {
			return err
		}
	}
	return nil
}

// summary is what there is of one cell.
type summary struct {
	bench.Result
	makespan stats.Center
	metrics  map[string]float64
}

// summarise puts the results of each cell together, in the order in which the
// cells came.
func summarise(results []bench.Result) []summary {
	place := map[bench.Cell]int{}
	var merged []bench.Result
	for _, r := range results {
		i, seen := place[r.Cell]
		if !seen {
			place[r.Cell] = len(merged)
			merged = append(merged, r)
			continue
		}
		merged[i] = merged[i].Add(r)
	}
	summaries := make([]summary, len(merged))
	for i, r := range merged {
		summaries[i] = summary{Result: r, metrics: map[string]float64{}}
		summaries[i].makespan, _ = stats.Median(r.Makespans()) // none if no round was whole
		for _, m := range r.Metrics() {
			summaries[i].metrics[m.Unit] = m.Value
		}
	}
	return summaries
}

// notes are those of the result and what its numbers call for.
func (s summary) notes() []string {
	if share, ok := s.StorageShare(); ok && share > 0.5 {
		return append(s.Notes, fmt.Sprintf("the storage took %.0f %% of the transfer time: read this as the disk's speed rather than the pool's", 100*share))
	}
	return s.Notes
}

// metric formats a metric that is a time.
func (s summary) metric(unit string) string {
	value, ok := s.metrics[unit]
	return orNone(ok, duration(value))
}

func orNone(there bool, text string) string {
	if !there {
		return "-"
	}
	return text
}

// unitOf returns the unit that a time in nanoseconds is written in.
func unitOf(ns float64) (float64, string) {
	switch {
	case ns >= float64(time.Second):
		return float64(time.Second), "s"
	case ns >= float64(time.Millisecond):
		return float64(time.Millisecond), "ms"
	}
	return float64(time.Microsecond), "µs"
}

// duration writes a time in nanoseconds with three digits, or all those before the
// point.
func duration(ns float64) string {
	unit, name := unitOf(ns)
	return digits(ns/unit) + " " + name
}

func digits(value float64) string {
	switch {
	case value < 9.995:
		return fmt.Sprintf("%.2f", value)
	case value < 99.95:
		return fmt.Sprintf("%.1f", value)
	}
	return fmt.Sprintf("%.0f", value)
}

// interval writes the bounds of a median in the median's unit.
func interval(c stats.Center) string {
	if c.N == 0 || !c.Bounded() {
		return "-"
	}
	unit, name := unitOf(c.Median)
	return fmt.Sprintf("%s … %s %s", digits(c.Lo/unit), digits(c.Hi/unit), name)
}
