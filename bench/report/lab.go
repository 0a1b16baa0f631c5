package report

import (
	"cmp"
	"encoding/csv"
	"fmt"
	"io"
	"slices"
	"strconv"

	"poolbench/bench"
	"poolbench/bench/analysis"
	"poolbench/bench/stats"
)

// labHeads are the columns that labs ask for, by language.
var labHeads = map[string][]string{
	"id": {"Nomor", "Operasi", "Volume", "Jumlah client worker pool", "Jumlah server worker pool", "Waktu total per client",
		"Throughput per client", "Jumlah worker client yang sukses dan gagal", "Jumlah worker server yang sukses dan gagal"},
	"en": {"No.", "Operation", "Volume", "Client worker pool size", "Server worker pool size", "Total time per client",
		"Throughput per client", "Client workers that succeeded and failed", "Server workers that succeeded and failed"},
}

// labCounts are formats for the numbers of successes and failures, by language.
var labCounts = map[string]string{"id": "%d sukses, %d gagal", "en": "%d ok, %d failed"}

// Languages returns the languages of Lab.
func Languages() []string { return []string{"id", "en"} }

// Lab writes the table that labs hand in as CSV, in one of the Languages. Each planned cell
// has a line: the mean time of an op in seconds, its mean throughput in KiB per second, and
// the ops of all rounds as the clients and the server counted them. What was not measured
// is "-". The table has no columns for the pool and for optional axes: if there is more than
// one pool, it stands in parentheses after the operation, and so do optional axes.
func Lab(w io.Writer, a *analysis.Analysis, language string) error {
	c := csv.NewWriter(w)
	_ = c.Write(labHeads[language]) // Flush has its error
	summaries := a.Summaries()
	several := slices.ContainsFunc(summaries, func(s analysis.Summary) bool { return s.Cell.Pool != summaries[0].Cell.Pool })
	for i, s := range summaries {
		op := string(s.Cell.Op)
		if several {
			op += " (" + s.Cell.Pool + ")"
		}
		for _, axis := range a.Axes {
			if axis.Optional && axis.Value(s.Cell) != "" {
				op += " (" + axis.Label(s.Cell) + ")"
			}
		}
		ok, failed := s.Ops()
		took, rate := labMeans(s.Result)
		line := []string{
			strconv.Itoa(i + 1), op, s.Cell.Volume.String(), strconv.Itoa(s.Cell.Clients),
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

// labMeans writes the mean time and throughput of the ops that succeeded.
func labMeans(r bench.Result) (took, rate string) {
	var seconds, kib []float64
	for _, s := range r.Succeeded() {
		seconds = append(seconds, s.Latency().Seconds())
		kib = append(kib, s.Throughput()/1024)
	}
	mean, err := stats.Mean(seconds)
	if err != nil {
		return "-", "-"
	}
	meanRate, _ := stats.Mean(kib)
	return fmt.Sprintf("%.4g s", mean), fmt.Sprintf("%.2f KiB/s", meanRate)
}
