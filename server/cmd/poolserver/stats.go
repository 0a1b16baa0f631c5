package main

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"poolbench/protocol"
	"poolbench/server"
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

// collector turns a server's STATS into metrics when it is scraped. Their names begin
// with poolbench_.
type collector struct{ server *server.Server }

func newDesc(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc("poolbench_"+name, help, labels, nil)
}

var (
	infoDesc        = newDesc("info", "The server's version and pool; the value is 1.", "version", "pool")
	connectionsDesc = newDesc("connections_total", "Connections that a worker has accepted.")
	transfersDesc   = newDesc("transfers_total", "Requests that have ended, by op and by how: ok, or the reason of the failure.", "op", "outcome")
	bytesDesc       = newDesc("bytes_total", "Payload bytes on the wire: in, of uploads, and out, of files sent.", "direction")
	durationDesc    = newDesc("transfer_duration_seconds", "How long requests took, from being accepted to the end, by op.", "op")
	queueDesc       = newDesc("queue_depth", "Connections that wait for a worker.")
	workersDesc     = newDesc("workers", "Workers, by their state.", "state")
	restartsDesc    = newDesc("worker_restarts_total", "Worker processes that died and were replaced.")
)

// states are reported even if no worker is in them, so that a series has no gaps.
var states = []protocol.State{protocol.StateIdle, protocol.StateBusy, protocol.StateStarting,
	protocol.StateResting, protocol.StateStopping, protocol.StateGone}

// Describe implements prometheus.Collector.
func (c collector) Describe(descs chan<- *prometheus.Desc) {
	for _, desc := range []*prometheus.Desc{infoDesc, connectionsDesc, transfersDesc, bytesDesc,
		durationDesc, queueDesc, workersDesc, restartsDesc} {
		descs <- desc
	}
}

// Collect implements prometheus.Collector.
func (c collector) Collect(metrics chan<- prometheus.Metric) {
	stats := c.server.Stats()
	total := stats.Total()
	send := func(desc *prometheus.Desc, kind prometheus.ValueType, value int64, labels ...string) {
		metrics <- prometheus.MustNewConstMetric(desc, kind, float64(value), labels...)
	}
	send(infoDesc, prometheus.GaugeValue, 1, stats.Version, stats.Pool)
	send(connectionsDesc, prometheus.CounterValue, total.Accepted)
	send(bytesDesc, prometheus.CounterValue, total.BytesIn, "in")
	send(bytesDesc, prometheus.CounterValue, total.BytesOut, "out")
	send(queueDesc, prometheus.GaugeValue, int64(stats.Queue))
	send(restartsDesc, prometheus.CounterValue, stats.Restarts)
	inState := map[protocol.State]int64{}
	for _, worker := range stats.PerWorker {
		inState[worker.State]++
	}
	for _, state := range states {
		send(workersDesc, prometheus.GaugeValue, inState[state], string(state))
	}
	for op, took := range c.server.Durations() {
		// Sent even if it is zero: a rate needs a zero to begin at.
		send(transfersDesc, prometheus.CounterValue, total.Ops[op].OK, string(op), string(protocol.ReasonOK))
		for reason, n := range total.Ops[op].Failed {
			send(transfersDesc, prometheus.CounterValue, n, string(op), string(reason))
		}
		buckets := map[float64]uint64{}
		for bound, n := range took.Buckets {
			buckets[bound.Seconds()] = uint64(n)
		}
		metrics <- prometheus.MustNewConstHistogram(durationDesc, uint64(took.Count), took.Sum.Seconds(), buckets, string(op))
	}
}
