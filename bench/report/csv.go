package report

import (
	"encoding/csv"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"poolbench/bench"
	"poolbench/bench/analysis"
)

// CSV writes a head and a line for each planned cell. What was not measured is empty. With
// joined runs the last column has the folders of those that visited the cell.
func CSV(w io.Writer, a *analysis.Analysis) error {
	c := csv.NewWriter(w)
	units := units()
	var head []string
	for _, axis := range a.Axes {
		head = append(head, axis.Field)
	}
	head = slices.Concat(head, []string{"outcome", "why", "rounds", "ok", "failed",
		"makespan_s", "makespan_lo_s", "makespan_hi_s", "makespan_mean_s", "makespan_stddev_s", "outliers"},
		units, []string{"server_ok", "server_failed", "reasons", "warnings", "limit", "limit_evidence"})
	if a.Parts != nil {
		head = append(head, "folders")
	}
	_ = c.Write(head) // Flush has its error
	for _, s := range a.Summaries() {
		r := cellOf(a, s)
		var line []string
		for _, axis := range a.Axes {
			line = append(line, axis.Plain(r.Cell))
		}
		line = append(line, string(r.Outcome), r.Why, strconv.Itoa(r.Rounds), strconv.Itoa(r.OK), strconv.Itoa(r.Failed),
			pointed(r.Makespan), pointed(r.Lo), pointed(r.Hi), pointed(r.Mean), pointed(r.StdDev), optional(r.Mean != nil, r.Outliers))
		for _, unit := range units {
			value, there := r.Metrics[unit]
			line = append(line, optional(there, value))
		}
		line = append(line, pointed(r.ServerOK), pointed(r.ServerFailed), strings.Join(s.Reasons(), "; "), strings.Join(Kinds(s.Warned), "; "), string(s.Limit.Word), s.Limit.Evidence)
		if a.Parts != nil {
			line = append(line, strings.Join(r.Folders, "; "))
		}
		_ = c.Write(line)
	}
	c.Flush()
	return c.Error()
}

// units returns the units of a benchmark line, except the makespan's.
func units() []string {
	var units []string
	for _, line := range bench.UnitLines() {
		units = append(units, strings.Fields(line)[1])
	}
	return slices.Insert(units, 0, "MB/s")
}

func optional(there bool, value any) string {
	if !there {
		return ""
	}
	return fmt.Sprint(value)
}

func pointed[T any](value *T) string {
	if value == nil {
		return ""
	}
	return fmt.Sprint(*value)
}
