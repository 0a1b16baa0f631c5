package bench

import (
	"context"
	"time"
)

// Round is every client doing one op at once: one iteration of a benchmark.
type Round struct {
	Samples []Sample // of every client, in their order
	// Makespan is from the starting gun to the end of the last op.
	Makespan time.Duration
	// LoadCPU and ServerCPU are the CPU time that either side took; zero if it
	// could not be read.
	LoadCPU, ServerCPU time.Duration
	Machine            MachineUse
	// Stalled is the longest time in which this program did not run or a process of
	// either side was stopped, by SIGSTOP or with its container; zero if there was
	// none worth a word. Such a round is kept, and is in no estimate.
	Stalled time.Duration
}

// Whole reports whether every op succeeded and nothing stood still: only then do the
// round's times say something of the server.
func (r Round) Whole() bool { return r.Failed() == 0 && r.Stalled == 0 }

// Failed counts the ops that did not succeed.
func (r Round) Failed() int {
	n := 0
	for _, s := range r.Samples {
		if !s.OK() {
			n++
		}
	}
	return n
}

// Wire is the payload bytes of the ops that succeeded.
func (r Round) Wire() int64 {
	var n int64
	for _, s := range r.Samples {
		if s.OK() {
			n += s.Wire
		}
	}
	return n
}

// newRound is the round that the samples are of.
func newRound(samples []Sample) Round {
	round := Round{Samples: samples}
	for _, s := range samples {
		round.Makespan = max(round.Makespan, s.Done)
	}
	return round
}

// crew is the clients of one cell, wherever they run. It is used from one
// goroutine: park, fire and leave for each round, and end when all are done.
type crew interface {
	// park returns when every client waits for the gun, with what a reader should
	// know, a line each. The context ends their ops early. What keeps a client
	// from waiting is its op's failure.
	park(ctx context.Context) []string
	// fire fires the gun and returns when the last client has ended, with a
	// sample of each, in their order.
	fire() []Sample
	// leave closes what park opened.
	leave() error
	// cpu is the CPU time that processes of the clients' own have taken, those
	// that have ended included.
	cpu() time.Duration
	// processes are those that are alive.
	processes() Processes
	// end ends those processes.
	end()
}

// newCrew makes the crew of a client pool. No client has to be there before park.
func newCrew(pool ClientPool, clients []*Client) crew {
	if pool == ProcessClients {
		return newProcessCrew(clients)
	}
	return &threadCrew{clients: clients}
}
