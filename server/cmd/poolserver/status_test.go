package main

import (
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"poolbench/protocol"
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
