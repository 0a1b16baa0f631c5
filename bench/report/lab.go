package report

import (
	"cmp"
	"encoding/csv"
	"fmt"
	"io"
	"strconv"
	"time"

	"poolbench/bench"
	"poolbench/bench/analysis"
)

// labHeads are the columns that labs ask for, by language.
var labHeads = map[string][]string{
	"id": {"Nomor", "Pool", "Operasi", "Volume", "Jumlah client worker pool", "Jumlah server worker pool", "Waktu total per client",
		"Throughput per client", "Jumlah worker client yang sukses dan gagal", "Jumlah worker server yang sukses dan gagal"},
	"en": {"No.", "Pool", "Operation", "Volume", "Client worker pool size", "Server worker pool size", "Total time per client",
		"Throughput per client", "Client workers that succeeded and failed", "Server workers that succeeded and failed"},
}

// labCounts are formats for the numbers of successes and failures, by language.
var labCounts = map[string]string{"id": "%d sukses, %d gagal", "en": "%d ok, %d failed"}

// Languages returns the languages of Lab.
func Languages() []string { return []string{"id", "en"} }

// Lab writes the table that labs hand in as CSV, in one of the Languages. Each planned cell
// has a line, and the lines of all pools and of all joined runs are numbered as one. The
// pool stands before the operation, as in the reference table, and optional axes stand in
// parentheses after it. Time is the mean over the ops that succeeded, in seconds.
// Throughput is that of the reference table: the volume in KiB of Base64 ÷ the time.
// Successes and failures are the ops of all rounds, as the clients and the server counted
// them. What was not measured is "-".
func Lab(w io.Writer, a *analysis.Analysis, language string) error {
	c := csv.NewWriter(w)
	_ = c.Write(labHeads[language]) // Flush has its error
	for i, s := range a.Summaries() {
		op := string(s.Cell.Op)
		for _, axis := range a.Axes {
			if axis.Optional && axis.Value(s.Cell) != "" {
				op += " (" + axis.Label(s.Cell) + ")"
			}
		}
		ok, failed := s.Ops()
		took, rate := labMeans(s.Result)
		line := []string{
			strconv.Itoa(i + 1), s.Cell.Pool, op, s.Cell.Volume.String(), strconv.Itoa(s.Cell.Clients),
			cmp.Or(optional(s.Cell.Workers > 0, s.Cell.Workers), "-"),
			took, rate,
			cmp.Or(optional(s.Outcome() != bench.Skipped, fmt.Sprintf(labCounts[language], ok, failed)), "-"),
			labTold(s.Result, language),
		}
		_ = c.Write(line)
	}
	c.Flush()
	return c.Error()
}

// labTold writes what the server counted.
func labTold(r bench.Result, language string) string {
	if !r.ServerTold() {
		return "-"
	}
	return fmt.Sprintf(labCounts[language], r.Told.OK, r.Told.Failed)
}

// labMeans writes the mean time of the ops that succeeded, and the throughput of a client
// that takes this time. A mean of the clients' own rates would be up to twice as much, as it
// is governed by those that waited least.
func labMeans(r bench.Result) (took, rate string) {
	var wire int64
	var time time.Duration
	ops := r.Succeeded()
	for _, s := range ops {
		wire, time = wire+s.Wire, time+s.Latency()
	}
	if time <= 0 {
		return "-", "-"
	}
	return fmt.Sprintf("%.4g s", time.Seconds()/float64(len(ops))), fmt.Sprintf("%.2f KiB/s", float64(wire)/1024/time.Seconds())
}
