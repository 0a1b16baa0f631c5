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

// Place is where in the matrix a row is.
type Place struct {
	Name string `json:"cell"`
	bench.Cell
}

func placeOf(c bench.Cell) Place { return Place{c.String(), c} }

// Row is a cell as programs read it. What was not measured is absent.
type Row struct {
	Place
	Outcome bench.Outcome  `json:"outcome"`
	Why     string         `json:"why,omitempty"` // it was skipped
	Rounds  int            `json:"rounds"`
	OK      int            `json:"ok"`
	Failed  int            `json:"failed"`
	Reasons map[string]int `json:"reasons,omitempty"`
	// Makespan is the median, in seconds, of the whole rounds, Lo and Hi its
	// interval.
	Makespan *float64 `json:"makespan_s,omitempty"`
	Lo       *float64 `json:"makespan_lo_s,omitempty"`
	Hi       *float64 `json:"makespan_hi_s,omitempty"`
	// Mean and StdDev are of the same rounds, as are Outliers, which counts those
	// outside of Tukey's fences; they are in every number.
	Mean     *float64 `json:"makespan_mean_s,omitempty"`
	StdDev   *float64 `json:"makespan_stddev_s,omitempty"` // of two rounds and more
	Outliers int      `json:"outliers,omitempty"`
	// Metrics are those of the benchmark's line, by unit.
	Metrics map[string]float64 `json:"metrics,omitempty"`
	// ServerOK and ServerFailed are what the server counted.
	ServerOK     *int64 `json:"server_ok,omitempty"`
	ServerFailed *int64 `json:"server_failed,omitempty"`
	// ServerReasons are those of the transfers that failed for it.
	ServerReasons map[string]int64 `json:"server_reasons,omitempty"`
	Notes         []string         `json:"notes,omitempty"`
	Warnings      []bench.Warning  `json:"warnings,omitempty"`
}

// Rows returns a row for each planned cell, in the order of the plan.
func Rows(a *analysis.Analysis) []Row {
	rows := []Row{}
	for _, s := range a.Summaries() {
		rows = append(rows, rowOf(a, s))
	}
	return rows
}

func rowOf(a *analysis.Analysis, s analysis.Summary) Row {
	ok, failed := s.Ops()
	row := Row{
		Place: placeOf(s.Cell), Outcome: s.Outcome(), Rounds: len(s.Rounds), OK: ok, Failed: failed,
		Reasons: map[string]int{}, Metrics: map[string]float64{}, Notes: s.Remarks(), Warnings: s.Warned,
	}
	if row.Outcome == bench.Skipped {
		row.Why = WhyNot(a)
	}
	for failure, n := range s.Failures() {
		row.Reasons[failure.String()] = n
	}
	for unit, value := range s.Values {
		if unit != "ns/op" { // is the mean; the makespan has fields of its own
			row.Metrics[unit] = value
		}
	}
	if s.Makespan.N > 0 {
		row.Makespan, row.Mean = seconds(s.Makespan.Median), seconds(s.Makespan.Mean)
		row.Outliers = len(s.Makespan.Outliers)
		if s.Makespan.N > 1 {
			row.StdDev = seconds(s.Makespan.StdDev)
		}
		if s.Makespan.Bounded() {
			row.Lo, row.Hi = seconds(s.Makespan.Lo), seconds(s.Makespan.Hi)
		}
	}
	if s.ServerTold() {
		row.ServerOK, row.ServerFailed, row.ServerReasons = &s.Told.OK, &s.Told.Failed, s.Told.Reasons
	}
	return row
}

func seconds(ns float64) *float64 {
	s := ns / 1e9
	return &s
}

// CSV writes a line for each planned cell, with a head. What was not measured is empty.
func CSV(w io.Writer, a *analysis.Analysis) error {
	c := csv.NewWriter(w)
	units := units()
	var head []string
	for _, axis := range a.Axes {
		head = append(head, axis.Field)
	}
	_ = c.Write(slices.Concat(head, []string{"outcome", "why", "rounds", "ok", "failed", // Flush has its error
		"makespan_s", "makespan_lo_s", "makespan_hi_s", "makespan_mean_s", "makespan_stddev_s", "outliers"},
		units, []string{"server_ok", "server_failed", "reasons", "warnings"}))
	for _, s := range a.Summaries() {
		r := rowOf(a, s)
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
		_ = c.Write(append(line, pointed(r.ServerOK), pointed(r.ServerFailed), strings.Join(s.Reasons(), "; "), strings.Join(kinds(s.Warned), "; ")))
	}
	c.Flush()
	return c.Error()
}

// units are those of a benchmark's line, but for the makespan's.
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
