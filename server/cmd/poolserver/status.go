package main

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"poolbench/protocol"
)

// writeStatus writes the table of the workers: a line for the server, one for each
// worker, one for their sum, and one for each op of a request that has ended.
func writeStatus(w io.Writer, stats protocol.Stats, now time.Time) {
	fmt.Fprintf(w, "poolserver: pool %s, workers %d, up %v, queue %d, restarts %d\n",
		stats.Pool, stats.Workers, now.Sub(stats.Started).Round(time.Second), stats.Queue, stats.Restarts)
	total := stats.Total()
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(table, "worker\tpid\tstate\taccepted\tok\tfailed\tMB in\tMB out\t")
	for _, worker := range stats.PerWorker {
		fmt.Fprintf(table, "%d\t%d\t%s\t%s", worker.Worker, worker.PID, worker.State, sums(worker))
	}
	fmt.Fprintf(table, "total\t\t\t%s", sums(total))
	_ = table.Flush() // w is memory
	for _, op := range slices.Sorted(maps.Keys(total.Ops)) {
		fmt.Fprintf(w, "%s: %s\n", op, describe(total.Ops[op]))
	}
}

// sums are the columns that have a total.
func sums(w protocol.WorkerStats) string {
	ok, failed := count(w)
	return fmt.Sprintf("%d\t%d\t%d\t%.1f\t%.1f\t\n", w.Accepted, ok, failed, float64(w.BytesIn)/1e6, float64(w.BytesOut)/1e6)
}

// count returns how many requests have succeeded and failed.
func count(w protocol.WorkerStats) (ok, failed int64) {
	for _, ends := range w.Ops {
		ok += ends.OK
		for _, n := range ends.Failed {
			failed += n
		}
	}
	return ok, failed
}

// describe says how the requests of one op have ended.
func describe(ends protocol.Ends) string {
	words := []string{fmt.Sprintf("%d ok", ends.OK)}
	for _, reason := range slices.Sorted(maps.Keys(ends.Failed)) {
		words = append(words, fmt.Sprintf("%d %s", ends.Failed[reason], reason))
	}
	return strings.Join(words, ", ")
}
