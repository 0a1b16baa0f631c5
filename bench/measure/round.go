package measure

import (
	"context"
	"poolbench/bench"
	"poolbench/bench/internal/machine"
	"poolbench/bench/internal/proc"
	"time"
)

// Timer is what times a round, as a *testing.B does.
type Timer interface {
	StartTimer()
	StopTimer()
}

// untimed is the timer of a round that nobody times.
type untimed struct{}

func (untimed) StartTimer() {}
func (untimed) StopTimer()  {}

// attempts is how often one call of Round does a round that stalls.
const attempts = 3

// Round does a round, and has the timer run between the start and the end of
// the last op only. Nil is no timer. The timer runs when Round is called, and when it
// returns, as testing.B.Loop wants it.
//
// A round that stalled is done again, up to three times in all, unless the server is
// wedged. All of them are kept. Round does nothing if the run is over.
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

// Measured returns how long the rounds that are whole took together.
func (r *Visit) Measured() (whole time.Duration) {
	for _, round := range r.result.Rounds {
		if round.Whole() {
			whole += round.Makespan
		}
	}
	return whole
}

// attempt does a round once, and reports whether it stalled.
func (r *Visit) attempt(timer Timer) (stalled bool) {
	timer.StopTimer()
	defer timer.StartTimer()
	began := r.prepare()
	r.config.Heartbeat.mark()
	stopped := watchStops(&party{server: r.config.Target.Processes, clients: r.clients.Processes()})
	timer.StartTimer()
	samples := r.clients.Start()
	timer.StopTimer()
	// At once: whatever this process does from here on is not the round's. The
	// clients' clocks come first here and last in park: reading the server's takes
	// milliseconds if it has many processes, and is no work of the clients'.
	load := r.load()
	round := newRound(samples)
	round.Stalled = max(r.config.Heartbeat.longest(), stopped())
	server, machine := r.others()
	reading{load, server, machine}.since(began).fill(&round)
	r.settle(&round)
	return round.Stalled > 0
}

// park gets a round ready, and reads the clocks.
func (r *Visit) prepare() reading {
	for _, note := range r.clients.Prepare(r.ctx) {
		r.note("%s", note)
	}
	server, machine := r.others()
	return reading{r.load(), server, machine}
}

// settle does what is left to do about a round that has been fired, and keeps it.
func (r *Visit) settle(round *bench.Round) {
	if err := r.clients.Release(); err != nil {
		r.note("a client's file could not be closed: %v", err)
	}
	if r.ctx.Err() != nil {
		// Its ops ended because they had to, and say nothing of the server. Nobody
		// waits for what it still does.
		r.wedged = true
		r.note("a round was broken off: %v", context.Cause(r.ctx))
		return
	}
	r.blame(round)
	r.result.Rounds = append(r.result.Rounds, *round)
	if r.without++; round.Failed() < len(round.Samples) {
		r.without = 0
	}
	r.reset(round)
}

// reading is what both sides and the machine have done until a moment.
type reading struct {
	load, server time.Duration
	machine      bench.MachineUse
}

func (r *Visit) load() time.Duration {
	mine, _ := proc.Self().CPU()
	return mine + r.clients.CPU()
}

// others reads the clocks that are not the clients'. A server that has died has
// none.
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

// newRound is the round that the samples are of.
func newRound(samples []bench.Sample) bench.Round {
	round := bench.Round{Samples: samples}
	for _, s := range samples {
		round.Makespan = max(round.Makespan, s.Done)
	}
	return round
}
