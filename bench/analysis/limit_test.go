package analysis_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"poolbench/bench"
	"poolbench/bench/analysis"
	"poolbench/bench/journal"
	"poolbench/protocol"
)

// phases returns a sample whose phases took so many milliseconds.
func phases(connect, wait, transfer int, tcp protocol.TCP) bench.Sample {
	const ms = time.Millisecond
	at := func(n int) time.Duration { return time.Duration(n) * ms }
	return bench.Sample{
		Connected: at(connect), Sent: at(connect), FirstByte: at(connect + wait), Done: at(connect + wait + transfer), Wire: 1 << 20, TCP: tcp,
	}
}

func TestLimit(t *testing.T) {
	const ms = time.Millisecond
	here, there := bench.Machine{CPUs: 4}, bench.Machine{CPUs: 4, Remote: true}
	held := func(rwnd time.Duration) protocol.TCP {
		return protocol.TCP{Busy: 90 * ms, RwndLimited: rwnd, Retransmits: 3, MinRTT: 20 * ms}
	}
	upload := bench.Cell{Op: bench.Upload, Clients: 1, Workers: 1}
	queued := bench.Cell{Op: bench.Download, Clients: 2, Workers: 1}
	download := bench.Cell{Op: bench.Download, Clients: 1, Workers: 1}
	tests := []struct {
		name         string
		machine      bench.Machine
		cell         bench.Cell
		samples      []bench.Sample
		load, server time.Duration // of a makespan of 100 ms
		throttled    time.Duration
		told         *bench.Told
		word         analysis.LimitWord
		evidence     string
	}{
		{name: "connecting", machine: here, cell: download, samples: []bench.Sample{phases(60, 0, 40, protocol.TCP{Retransmits: 1})}, load: 300 * ms, word: analysis.Connect, evidence: "connecting took 60 % of an op; segments sent again: 1"},
		{name: "the disk", machine: here, cell: upload, samples: []bench.Sample{phases(0, 1, 99, protocol.TCP{})}, server: 100 * ms, told: &bench.Told{Storage: 139 * ms}, word: analysis.Disk, evidence: "the server's storage took 70 % of the transfer"},
		{name: "the server fills the machine", machine: here, cell: queued, samples: []bench.Sample{phases(0, 0, 100, protocol.TCP{}), phases(0, 90, 10, protocol.TCP{})}, load: 100 * ms, server: 250 * ms, word: analysis.ServerCPU, evidence: "the server used 62 % and the clients 25 % of 4 processors"},
		{name: "the clients fill it", machine: here, cell: download, samples: []bench.Sample{phases(0, 0, 100, protocol.TCP{})}, load: 300 * ms, server: 60 * ms, word: analysis.ClientCPU, evidence: "the server used 15 % and the clients 75 % of 4 processors"},
		{name: "both fill it", machine: here, cell: download, samples: []bench.Sample{phases(0, 0, 100, protocol.TCP{})}, load: 200 * ms, server: 190 * ms, word: analysis.Mixed, evidence: "the server used 48 % and the clients 50 % of 4 processors"},
		{name: "a quota is full", machine: bench.Machine{CPUs: 4, Quota: 0.5}, cell: upload, samples: []bench.Sample{phases(0, 0, 100, protocol.TCP{})}, load: 5 * ms, server: 42 * ms, word: analysis.ServerCPU, evidence: "the server used 84 % and the clients 10 % of 0.5 processors"},
		{name: "a quota stops the server", machine: bench.Machine{CPUs: 4, Quota: 0.5}, cell: upload, samples: []bench.Sample{phases(0, 0, 100, protocol.TCP{})}, load: 5 * ms, server: 20 * ms, throttled: 60 * ms, word: analysis.ServerCPU, evidence: "of 0.5 processors, and a quota kept threads waiting for 60 % of the time"},
		{name: "a quota that seldom stops anybody", machine: bench.Machine{CPUs: 4, Quota: 0.5}, cell: upload, samples: []bench.Sample{phases(0, 0, 100, protocol.TCP{})}, load: 5 * ms, server: 20 * ms, throttled: 40 * ms, word: analysis.Mixed},
		{name: "a quota of more than there is", machine: bench.Machine{CPUs: 1, Quota: 2}, cell: upload, samples: []bench.Sample{phases(0, 0, 100, protocol.TCP{})}, load: 10 * ms, server: 85 * ms, word: analysis.ServerCPU, evidence: "of 1 processors"},
		{name: "waiting for a worker", machine: here, cell: queued, samples: []bench.Sample{phases(0, 0, 30, protocol.TCP{}), phases(0, 60, 30, protocol.TCP{})}, load: 30 * ms, server: 100 * ms, word: analysis.Queue, evidence: "waiting for a worker took 50 % of an op; the server used 25 % and the clients 8 % of 4 processors"},
		{name: "waiting without a lack of workers", machine: here, cell: download, samples: []bench.Sample{phases(0, 90, 10, protocol.TCP{})}, load: 10 * ms, server: 10 * ms, word: analysis.Mixed, evidence: "of an op connecting took 0 %, waiting 90 %, and the transfer 10 %; the server used 2 % and the clients 2 % of 4 processors"},
		{name: "waiting for nobody knows how many", machine: there, cell: bench.Cell{Op: bench.Download, Clients: 1}, samples: []bench.Sample{phases(0, 90, 10, protocol.TCP{})}, load: 10 * ms, word: analysis.Queue},
		{name: "the link, sending", machine: there, cell: upload, samples: []bench.Sample{phases(0, 0, 100, held(10*ms))}, load: 10 * ms, word: analysis.Link, evidence: "in 80 % of the transfer the network let no more through; segments sent again: 3; round trip from 20ms"},
		{name: "the link before the queue that it makes", machine: there, cell: bench.Cell{Op: bench.Upload, Clients: 2, Workers: 1}, samples: []bench.Sample{phases(0, 200, 100, held(0))}, load: 10 * ms, word: analysis.Link},
		{name: "the link, receiving", machine: there, cell: download, samples: []bench.Sample{phases(0, 0, 100, protocol.TCP{MinRTT: 20 * ms})}, told: &bench.Told{TCP: held(0)}, load: 10 * ms, word: analysis.Link, evidence: "in 90 % of the transfer"},
		{name: "a receiver that is slow is no link", machine: there, cell: upload, samples: []bench.Sample{phases(0, 0, 100, held(80*ms))}, load: 10 * ms, word: analysis.Mixed, evidence: "the clients used 2 % of 4 processors"},
		{name: "there is no link on one machine", machine: here, cell: upload, samples: []bench.Sample{phases(0, 0, 100, held(0))}, load: 10 * ms, word: analysis.Mixed},
		{name: "a worker's processor", machine: here, cell: upload, samples: []bench.Sample{phases(0, 0, 100, held(60*ms))}, load: 10 * ms, server: 95 * ms, word: analysis.ServerCPU, evidence: "the server used 95 % of the processors that its busy workers can use, of which there are 1"},
		{name: "a client's processor", machine: here, cell: bench.Cell{Op: bench.Download, Clients: 1, Workers: 4}, samples: []bench.Sample{phases(0, 0, 100, protocol.TCP{})}, load: 95 * ms, server: 50 * ms, word: analysis.ClientCPU, evidence: "the clients used 95 % of the processors that they can use, of which there are 1"},
		{name: "a server elsewhere does not fill this machine", machine: there, cell: download, samples: []bench.Sample{phases(0, 0, 100, protocol.TCP{})}, load: 20 * ms, server: 350 * ms, word: analysis.Mixed, evidence: "the clients used 5 % of 4 processors"},
		{name: "nobody succeeded", machine: here, cell: download, samples: []bench.Sample{{Failure: bench.Failure{Reason: bench.Reset}}}},
		{name: "an unknown machine", cell: download, samples: []bench.Sample{phases(0, 0, 100, protocol.TCP{})}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			round := bench.Round{Samples: test.samples, Makespan: 100 * ms, LoadCPU: test.load, ServerCPU: test.server, MachineUse: bench.MachineUse{Throttled: test.throttled}}
			stalled := bench.Round{Samples: test.samples, Makespan: time.Hour, LoadCPU: time.Hour, Stalled: time.Minute}
			r := bench.Result{Cell: test.cell, Rounds: []bench.Round{round, stalled}, Told: test.told}
			limit, ok := analysis.LimitOf(r, test.machine)
			assert.Equal(t, test.word != "", ok)
			assert.Equal(t, test.word, limit.Word)
			assert.Contains(t, limit.Evidence, test.evidence)
		})
	}
}

// The verdict names the limits of most cells.
func TestLimitsInVerdict(t *testing.T) {
	const ms = time.Millisecond
	run := journal.Run{Ended: true, Head: journal.Head{Environment: map[string]string{"cpus": "4"}}}
	var cells []bench.Cell
	for i, sample := range []bench.Sample{
		phases(60, 0, 40, protocol.TCP{}), phases(70, 0, 30, protocol.TCP{}), phases(0, 0, 100, protocol.TCP{}),
		{Failure: bench.Failure{Reason: bench.Reset}},
	} {
		cell := bench.Cell{Op: bench.Download, Clients: i + 1, Workers: 50, Pool: "thread"}
		cells = append(cells, cell)
		run.Results = append(run.Results, bench.Result{Cell: cell, Pass: 1, Rounds: []bench.Round{{Samples: []bench.Sample{sample}, Makespan: 100 * ms}}})
	}
	run.Head.Plan = journal.Plan{Base: "thread", Passes: 1}.Of(cells)
	verdict := analysis.New(run).Verdict
	assert.Contains(t, verdict[len(verdict)-1], "; the limit was connect in 2 of 4 cells, mixed in 1.")
}
