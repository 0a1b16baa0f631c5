package measure

import (
	"context"
	"time"

	"poolbench/bench"
	"poolbench/bench/internal/machine"
	"poolbench/bench/internal/proc"
)

// Timer times a round, as a *testing.B does.
type Timer interface {
	StartTimer()
	StopTimer()
}

// untimed is a Timer that does nothing.
type untimed struct{}

func (untimed) StartTimer() {}
func (untimed) StopTimer()  {}

// attempts bounds how often Round tries to get a round without a stall.
const attempts = 3

// Round does a round. The timer, which may be nil, is running when Round is called and when
// it returns, as testing.B.Loop wants it. In between it runs only from the start to the end
// of the last op.
//
// A stalled round is repeated, up to three rounds in all, unless the server is wedged. All
// of them are kept. If [Visit.Over], Round does nothing.
func (r *Visit) Round(timer Timer) {
	if timer == nil {
		timer = untimed{}
	}
	for range attempts {
		if r.Over() || !r.attempt(timer) || r.wedged {
			return
		}
	}
}

// Measured returns the total makespan of the whole rounds so far.
func (r *Visit) Measured() (whole time.Duration) {
	for _, round := range r.result.Rounds {
		if round.Whole() {
			whole += round.Makespan
		}
	}
	return whole
}

// attempt does one round and reports whether it stalled.
func (r *Visit) attempt(timer Timer) (stalled bool) {
	timer.StopTimer()
	defer timer.StartTimer()
	began := r.prepare()
	r.config.Heartbeat.mark()
	stopped := watchStops(&participants{server: r.config.Target.Processes, clients: r.clients.Processes()})
	timer.StartTimer()
	samples := r.clients.Start()
	timer.StopTimer()
	// At once, because later work of this process does not belong to the round. The
	// clients' clocks are read first here and last in prepare: reading the server's takes
	// milliseconds if it has many processes, and is no work of the clients.
	load := r.load()
	round := newRound(samples)
	round.Stalled = max(r.config.Heartbeat.longest(), stopped())
	server, machine := r.others()
	reading{load, server, machine}.since(began).fill(&round)
	r.settle(&round)
	return round.Stalled > 0
}

// prepare prepares the clients and reads the clocks.
func (r *Visit) prepare() reading {
	for _, note := range r.clients.Prepare(r.ctx) {
		r.note("%s", note)
	}
	server, machine := r.others()
	return reading{r.load(), server, machine}
}

// settle finishes a round and keeps it.
func (r *Visit) settle(round *bench.Round) {
	if err := r.clients.Release(); err != nil {
		r.note("a client's file could not be closed: %v", err)
	}
	if r.ctx.Err() != nil {
		// The ops were ended from outside and say nothing about the server. Nobody waits
		// for what it still does.
		r.wedged = true
		r.note("a round was broken off: %v", context.Cause(r.ctx))
		return
	}
	r.blame(round)
	r.mourn(round)
	r.readBack(round)
	r.result.Rounds = append(r.result.Rounds, *round)
	if r.without++; round.Failed() < len(round.Samples) {
		r.without = 0
	}
	r.reset(round)
}

// reading is the use of both sides and the machine up to a moment.
type reading struct {
	load, server time.Duration
	machine      bench.MachineUse
}

func (r *Visit) load() time.Duration {
	mine, _ := proc.Self().CPU()
	return mine + r.clients.CPU()
}

// others reads the clocks other than the clients'. A dead server has none.
func (r *Visit) others() (server time.Duration, use bench.MachineUse) {
	server, _ = r.server.CPU()
	return server, machine.Use()
}

func (r reading) since(before reading) reading {
	return reading{max(0, r.load-before.load), max(0, r.server-before.server), r.machine.Since(before.machine)}
}

func (r reading) fill(round *bench.Round) {
	round.LoadCPU, round.ServerCPU, round.MachineUse = r.load, r.server, r.machine
}

// newRound makes the round of the samples.
func newRound(samples []bench.Sample) bench.Round {
	round := bench.Round{Samples: samples}
	for _, s := range samples {
		round.Makespan = max(round.Makespan, s.Done)
	}
	return round
}
