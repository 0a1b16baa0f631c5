package main

import (
	"github.com/prometheus/client_golang/prometheus"

	"poolbench/server"
)

// collector makes metrics of what a server tells about itself, when somebody
// asks. Their names begin with poolbench_.
type collector struct{ server *server.Server }

func describe(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc("poolbench_"+name, help, labels, nil)
}

var (
	infoDesc        = describe("info", "The server's version and pool; the value is 1.", "version", "pool")
	connectionsDesc = describe("connections_total", "Connections that a worker has taken.")
	transfersDesc   = describe("transfers_total", "Requests that have ended, by op and by how: ok, or the reason of the failure.", "op", "outcome")
	bytesDesc       = describe("bytes_total", "Payload bytes on the wire: in, of uploads, and out, of files sent.", "direction")
	durationDesc    = describe("transfer_duration_seconds", "How long requests took, from the worker's first look to the end, by op.", "op")
	queueDesc       = describe("queue_depth", "Connections that wait for a worker.")
	workersDesc     = describe("workers", "Workers, by what they do now.", "state")
	restartsDesc    = describe("worker_restarts_total", "Worker processes that died and were replaced.")
)

// states are what a worker may be doing. One that nobody does is a zero and not a
// gap.
var states = []string{"idle", "busy", "starting", "resting", "stopping", "gone"}

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
	doing := map[string]int64{}
	for _, worker := range stats.PerWorker {
		doing[worker.State]++
	}
	for _, state := range states {
		send(workersDesc, prometheus.GaugeValue, doing[state], state)
	}
	for op, took := range c.server.Durations() {
		// A rate needs a zero to begin at, so each op has its success from the start.
		send(transfersDesc, prometheus.CounterValue, total.Ops[op].OK, op, "ok")
		for reason, n := range total.Ops[op].Failed {
			send(transfersDesc, prometheus.CounterValue, n, op, reason)
		}
		buckets := map[float64]uint64{}
		for bound, n := range took.Buckets {
			buckets[bound.Seconds()] = uint64(n)
		}
		metrics <- prometheus.MustNewConstHistogram(durationDesc, uint64(took.Count), took.Sum.Seconds(), buckets, op)
	}
}
