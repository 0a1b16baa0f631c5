package analysis

import (
	"fmt"
	"time"

	"poolbench/bench"
	"poolbench/protocol"
)

// LimitWord says in a word what held a cell back.
type LimitWord string

// The words.
const (
	ServerCPU LimitWord = "server CPU"
	ClientCPU LimitWord = "client CPU"
	Disk      LimitWord = "disk"    // of the server's storage
	Link      LimitWord = "link"    // the network between two machines
	Queue     LimitWord = "queue"   // all workers were busy, and the machine was not
	Connect   LimitWord = "connect" // opening connections
	Mixed     LimitWord = "mixed"   // none alone
)

// Limit is what held a cell back.
type Limit struct {
	Word LimitWord `json:"word"`
	// Evidence is one line with the numbers that the word follows from.
	Evidence string `json:"evidence"`
}

const (
	// most is the share of an op's time from which on a phase is the limit.
	most = 0.5
	// full is the share from which on processors count as busy all the time. They are
	// never quite: a round has a start and an end.
	full = 0.85
	// ours is the share of the CPU time in use from which on it is one side's.
	ours = 0.6
)

// use is what a result's rounds took of everything, added up over the ops that succeeded
// and the rounds that did not stall.
type use struct {
	makespan, load, server, throttled time.Duration
	latency, connect, wait, transfer  time.Duration
	// sender is what the sending side knows of the ops' connections, zero if it does not
	// tell, and clients what the clients do.
	sender, clients protocol.TCP
}

func useOf(r bench.Result) use {
	var u use
	for _, round := range r.Running() {
		u.makespan, u.throttled = u.makespan+round.Makespan, u.throttled+round.Throttled
		u.load, u.server = u.load+round.LoadCPU, u.server+round.ServerCPU
	}
	for _, s := range r.Succeeded() {
		u.latency, u.connect, u.wait = u.latency+s.Latency(), u.connect+s.Connected-s.Scheduled, u.wait+s.Wait()
		u.transfer += s.Latency() - s.Connected - s.Wait()
		u.clients = u.clients.Add(s.TCP)
	}
	switch {
	case r.Cell.Op == bench.Upload:
		u.sender = u.clients
	case r.ServerTold():
		u.sender = r.Told.TCP
	}
	return u
}

// shareOfTime returns part ÷ whole, 0 of nothing.
func shareOfTime(part, whole time.Duration) float64 {
	if whole <= 0 {
		return 0
	}
	return float64(part) / float64(whole)
}

// LimitOf returns what held a cell back, judged by the ops that succeeded. It reports false
// if none did, or if the machine is unknown.
func LimitOf(r bench.Result, m bench.Machine) (Limit, bool) {
	u := useOf(r)
	if u.latency <= 0 || u.makespan <= 0 || m.CPUs <= 0 {
		return Limit{}, false
	}
	for _, judge := range []func(bench.Result, use, bench.Machine) (Limit, bool){connectLimit, machineLimit, diskLimit, linkLimit, queueLimit, processorLimit} {
		if limit, ok := judge(r, u, m); ok {
			return limit, true
		}
	}
	return Limit{Mixed, fmt.Sprintf("of an op connecting took %s, waiting %s, and the transfer %s; %s",
		percent(shareOfTime(u.connect, u.latency)), percent(shareOfTime(u.wait, u.latency)), percent(shareOfTime(u.transfer, u.latency)), processors(u, m))}, true
}

func connectLimit(_ bench.Result, u use, _ bench.Machine) (Limit, bool) {
	part := shareOfTime(u.connect, u.latency)
	return Limit{Connect, fmt.Sprintf("connecting took %s of an op; segments sent again: %d", percent(part), u.clients.Retransmits)}, part >= most
}

func diskLimit(r bench.Result, _ use, _ bench.Machine) (Limit, bool) {
	part, ok := r.StorageShare()
	return Limit{Disk, fmt.Sprintf("the server's storage took %s of the transfer", percent(part))}, ok && part >= most
}

// machineLimit is reached when both sides together fill the machine, or a quota stops them
// for most of the time: it is counted by tenths of a second, of which a round may have only
// a few. A worker more would then change nothing.
func machineLimit(_ bench.Result, u use, m bench.Machine) (Limit, bool) {
	if m.Remote {
		u.server = 0 // on processors of its own
	}
	used := u.load + u.server
	limit := Limit{Mixed, processors(u, m)}
	stopped := shareOfTime(u.throttled, u.makespan)
	if m.Quota > 0 {
		limit.Evidence += fmt.Sprintf(", and a quota kept threads waiting for %s of the time", percent(min(1, stopped)))
	}
	switch part := shareOfTime(u.server, used); {
	case part >= ours:
		limit.Word = ServerCPU
	case part <= 1-ours:
		limit.Word = ClientCPU
	}
	return limit, shareOfTime(used, u.makespan) >= full*available(m) || m.Quota > 0 && stopped >= most
}

// linkLimit needs another machine, and a sender that tells. What the receiver or a buffer
// does not hold back, the network does.
func linkLimit(_ bench.Result, u use, m bench.Machine) (Limit, bool) {
	network := shareOfTime(u.sender.Busy-u.sender.RwndLimited-u.sender.SndbufLimited, u.transfer)
	return Limit{Link, fmt.Sprintf("in %s of the transfer the network let no more through; segments sent again: %d; round trip from %v",
		percent(network), u.sender.Retransmits, u.clients.MinRTT.Round(10*time.Microsecond))}, m.Remote && network >= most
}

func queueLimit(r bench.Result, u use, m bench.Machine) (Limit, bool) {
	part := shareOfTime(u.wait, u.latency)
	few := r.Cell.Workers == 0 || r.Cell.Workers < r.Cell.Clients
	return Limit{Queue, fmt.Sprintf("waiting for a worker took %s of an op; %s", percent(part), processors(u, m))}, few && part >= most
}

// processorLimit is reached when a side keeps the few processors busy that it has use for:
// one for each client or worker.
func processorLimit(r bench.Result, u use, m bench.Machine) (Limit, bool) {
	atOnce := func(n int) float64 { return min(float64(n), available(m)) }
	serving := atOnce(r.Cell.Clients)
	if r.Cell.Workers > 0 {
		serving = min(serving, atOnce(r.Cell.Workers))
	}
	if used := shareOfTime(u.server, u.makespan); !m.Remote && used >= full*serving {
		return Limit{ServerCPU, fmt.Sprintf("the server used %s of the processors that its busy workers can use, of which there are %.4g", percent(used/serving), serving)}, true
	}
	if used := shareOfTime(u.load, u.makespan); used >= full*atOnce(r.Cell.Clients) {
		return Limit{ClientCPU, fmt.Sprintf("the clients used %s of the processors that they can use, of which there are %.4g", percent(used/atOnce(r.Cell.Clients)), atOnce(r.Cell.Clients))}, true
	}
	return Limit{}, false
}

// processors says how busy the processors were.
func processors(u use, m bench.Machine) string {
	has := float64(u.makespan) * available(m)
	text := fmt.Sprintf("the clients used %s of %.4g processors", percent(float64(u.load)/has), available(m))
	if u.server > 0 && !m.Remote {
		return fmt.Sprintf("the server used %s and the clients %s of %.4g processors", percent(float64(u.server)/has), percent(float64(u.load)/has), available(m))
	}
	return text
}

// available returns how many processors the benchmark and servers on its machine may use.
func available(m bench.Machine) float64 {
	if m.Quota > 0 {
		return min(float64(m.CPUs), m.Quota)
	}
	return float64(m.CPUs)
}

func percent(share float64) string { return fmt.Sprintf("%.0f %%", 100*share) }
