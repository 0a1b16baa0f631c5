package main

import (
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"poolbench/protocol"
	"poolbench/server"
	"poolbench/server/servertest"
)

func TestWriteStatus(t *testing.T) {
	started := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	var table strings.Builder
	writeStatus(&table, protocol.Stats{
		Pool: "process", Workers: 2, Started: started, Queue: 7, Restarts: 1,
		PerWorker: []protocol.WorkerStats{
			{Worker: 0, PID: 4711, State: "busy", Accepted: 12, BytesIn: 139_810_160, Ops: map[protocol.Op]protocol.Ends{
				"upload": {OK: 10, Failed: map[protocol.Reason]int64{"reset": 1}}}},
			{Worker: 1, State: "resting", Accepted: 3, BytesOut: 55_000, Ops: map[protocol.Op]protocol.Ends{
				"upload":   {Failed: map[protocol.Reason]int64{"cut short": 1, "reset": 1}},
				"download": {OK: 1}}},
		},
	}, started.Add(90*time.Minute+400*time.Millisecond))
	assert.Equal(t, `poolserver: pool process, workers 2, up 1h30m0s, queue 7, restarts 1
  worker   pid    state  accepted  ok  failed  MB in  MB out
       0  4711     busy        12  10       1  139.8     0.0
       1     0  resting         3   1       2    0.0     0.1
   total                       15  11       3  139.8     0.1
download: 1 ok
upload: 10 ok, 1 cut short, 2 reset
`, table.String())
}

func TestStatusOnSignal(t *testing.T) {
	t.Parallel()
	p := serve(t, "--pool=process", "--workers=2")
	assert.Equal(t, ready+stored, p.ask(t, "UPLOAD a.bin 4\r\n\r\nQUJD"))
	conn := p.begin(t, "b.bin")
	p.signal(t, syscall.SIGUSR1)
	p.await(t, `(?m)^poolserver: pool process, workers 2, up \d+s, queue 0, restarts 0\n +worker +pid(.*\n)+upload: 1 ok\n`)
	p.await(t, `(?m)^ +[01] +\d+ +busy +\d `)
	// While it drains, too.
	p.signal(t, syscall.SIGTERM)
	p.await(t, "no more connections")
	p.signal(t, syscall.SIGUSR1)
	p.await(t, `(?s)no more connections.*\npoolserver: pool process, workers 2, `)
	write(t, conn, "QUJD")
	expect(t, conn, stored)
	assert.Equal(t, drained, p.status(t))
}

// fetch gets a path from the monitor.
func (p *process) fetch(t *testing.T, path string) (status int, body string) {
	t.Helper()
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: guard}
	response, err := client.Get(p.await(t, `, metrics on (http://\S+)/metrics\n`)[1] + path)
	require.NoError(t, err)
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	return response.StatusCode, string(text)
}

// Metrics can be read while a pool works.
func TestMetrics(t *testing.T) {
	t.Parallel()
	for _, pool := range server.Pools() {
		t.Run(string(pool), func(t *testing.T) {
			t.Parallel()
			p := serve(t, "--pool", string(pool), "--workers=3", "--metrics=127.0.0.1:0")
			assert.Equal(t, ready+stored, p.ask(t, "UPLOAD a.bin 4\r\n\r\nQUJD"))
			assert.Equal(t, "OK 3\r\n\r\nABC", p.ask(t, "GET a.bin\r\n\r\n"))
			p.ask(t, "GET missing\r\n\r\n")
			p.begin(t, "b.bin")
			status, text := p.fetch(t, "/metrics")
			assert.Equal(t, http.StatusOK, status)
			for _, line := range []string{
				"poolbench_connections_total 4",
				`poolbench_transfers_total{op="upload",outcome="ok"} 1`,
				`poolbench_transfers_total{op="download",outcome="ok"} 1`,
				`poolbench_transfers_total{op="download",outcome="not found"} 1`,
				`poolbench_bytes_total{direction="in"} 4`,
				`poolbench_bytes_total{direction="out"} 3`,
				`poolbench_transfer_duration_seconds_bucket{op="download",le="+Inf"} 2`,
				`poolbench_transfer_duration_seconds_count{op="upload"} 1`,
				"poolbench_queue_depth 0",
				`poolbench_workers{state="busy"} 1`,
				`poolbench_workers{state="idle"} 2`,
				`poolbench_workers{state="starting"} 0`,
				"poolbench_worker_restarts_total 0",
				`pool="` + string(pool) + `",version="`,
				"process_cpu_seconds_total ",
				"go_goroutines ",
			} {
				assert.Contains(t, text, line)
			}
			status, _ = p.fetch(t, "/debug/pprof/")
			assert.Equal(t, http.StatusNotFound, status)
		})
	}
}

func TestPprof(t *testing.T) {
	t.Parallel()
	p := serve(t, "--metrics=localhost:0", "--pprof")
	status, text := p.fetch(t, "/debug/pprof/")
	assert.Equal(t, http.StatusOK, status)
	assert.Contains(t, text, "goroutine")
	status, text = p.fetch(t, "/debug/pprof/goroutine?debug=1")
	assert.Equal(t, http.StatusOK, status)
	assert.Contains(t, text, "poolbench/server")
	// A profile under way does not delay the end.
	conn, err := net.Dial("tcp", p.await(t, `, metrics on http://(\S+)/metrics\n`)[1])
	require.NoError(t, err)
	defer conn.Close()
	write(t, conn, "GET /debug/pprof/profile?seconds=60 HTTP/1.1\r\nHost: localhost\r\n\r\n")
	p.signal(t, os.Interrupt)
	assert.Equal(t, drained, p.status(t))
}

// Names and types follow the conventions of Prometheus, and each metric is described.
func TestMetricsLint(t *testing.T) {
	s := servertest.Start(t, server.Config{})
	registry := prometheus.NewPedanticRegistry()
	require.NoError(t, registry.Register(collector{s}))
	problems, err := testutil.GatherAndLint(registry)
	require.NoError(t, err)
	assert.Empty(t, problems)
	families, err := registry.Gather()
	require.NoError(t, err)
	assert.Len(t, families, 8)
}
