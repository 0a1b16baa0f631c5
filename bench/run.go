package bench

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"poolbench/fixtures"
)

// hopeless is how many rounds in a row without one op that succeeded end a cell:
// more of them say nothing new, and could take an op's time each.
const hopeless = 3

var errNoRound = errors.New("the cell's time was up before its first round")

// RunConfig says how a cell is measured.
type RunConfig struct {
	Cell Cell
	// ClientPool is what the clients are. Empty is ThreadClients. A program that
	// asks for ProcessClients has to call Main.
	ClientPool ClientPool
	Target     Target
	Fixture    fixtures.File // of the cell's volume
	Verify     bool
	// SinkDir is the folder in which downloads are written to files without a
	// name, one for each client, which are gone with the round. Empty discards
	// the downloads.
	SinkDir     string
	OpTimeout   time.Duration
	CellTimeout time.Duration // after which no round begins
	Budget      *Budget       // of the clients in this process; one in its own has one buffer
	// Reset, which may be nil, is called before each round, outside of what is
	// timed, to undo what the round before has left on the server.
	Reset func() error
}

// Run is the measuring of one cell. It is used from one goroutine:
//
//	run := bench.Start(ctx, config)
//	run.WarmUp()
//	for … {
//		run.Park()
//		run.Fire() // what is timed
//	}
//	result := run.End()
type Run struct {
	config  RunConfig
	ctx     context.Context
	end     time.Time // of the cell's time
	crew    crew
	parked  bool
	began   reading // when the round was parked
	fired   *Round  // that has not been settled yet
	warm    []Round // the last of the warm-up
	before  figures // when the rounds that count began
	died    int64   // requests that the server had lost with its workers when it was last asked
	without int     // rounds in a row in which no op succeeded
	result  Result
}

// Start begins a cell: from here its time counts. It always succeeds, as what is
// wrong with the target is what the ops find out.
func Start(ctx context.Context, config RunConfig) *Run {
	r := &Run{config: config, ctx: ctx, end: time.Now().Add(config.CellTimeout), result: Result{Cell: config.Cell}}
	var clients []*Client
	for i := range config.Cell.Clients {
		clients = append(clients, r.client(i))
	}
	r.crew = newCrew(config.ClientPool, clients)
	if err := ResetPeak(); err != nil {
		r.note("load-peak-B counts from the beginning of the run: %v", err)
	}
	r.before = r.figures()
	return r
}

// client makes the client with an index. Uploads have a name for each, so that a
// server's folder holds no more files than there are clients.
func (r *Run) client(i int) *Client {
	c := &Client{
		Index: i, Addr: r.config.Target.Addr, Op: r.config.Cell.Op, Fixture: r.config.Fixture,
		Name: r.config.Fixture.Name(), Verify: r.config.Verify, SinkDir: r.config.SinkDir,
		Timeout: r.config.OpTimeout, Budget: r.config.Budget,
	}
	if c.Op == Upload {
		c.Name = fmt.Sprintf("%s%03d.bin", UploadPrefix, i)
	}
	return c
}

// UploadPrefix begins the names that clients upload under.
const UploadPrefix = "poolbench_upload_"

// WarmUp does so many rounds that no number is made of. Their failures are noted
// and counted apart.
func (r *Run) WarmUp(rounds int) {
	for range rounds {
		if r.Over() {
			return
		}
		r.Park()
		r.Fire()
		r.Settle()
		r.warm, r.result.Rounds = r.result.Rounds, nil
		warm := Result{Rounds: r.warm}
		_, failed := warm.Ops()
		r.result.WarmUpFailed += failed
		if failed > 0 {
			r.note("warm-up: %s", strings.Join(warm.Reasons(), "; "))
		}
	}
	r.without = 0
	if rounds > 0 {
		r.before = r.figures()
	}
}

// Over reports whether more rounds are pointless: the cell's time is up, or
// nothing has succeeded in three rounds in a row. Park and Fire do nothing then.
func (r *Run) Over() bool {
	return r.without == hopeless || r.ctx.Err() != nil || time.Now().After(r.end)
}

// Park gets the next round ready. What it does is not meant to be timed.
func (r *Run) Park() {
	r.Settle()
	if !r.Over() {
		r.park()
	}
}

func (r *Run) park() {
	if r.config.Reset != nil {
		if err := r.config.Reset(); err != nil {
			r.note("the server's storage could not be emptied: %v", err)
		}
	}
	for _, note := range r.crew.park(r.ctx) {
		r.note("%s", note)
	}
	r.parked = true
	server, machine := r.others()
	r.began = reading{r.load(), server, machine}
}

// Fire does the round that Park got ready.
func (r *Run) Fire() {
	if !r.parked {
		return
	}
	r.parked = false
	round := newRound(r.crew.fire())
	r.fired = &round
	if r.without++; round.Failed() < len(round.Samples) {
		r.without = 0
	}
}

// Settle does what is left to do about the round before. It takes a while where
// there are many processes, which is why it is not Fire that does it. Park and End
// do it too; who does something else before those calls it, or that is taken for a
// part of the round.
func (r *Run) Settle() {
	if r.fired == nil {
		return
	}
	round := *r.fired
	r.fired = nil
	// The clients' clocks come first here and last in Park: reading the server's
	// takes milliseconds if it has many processes, and is no work of the clients'.
	load := r.load()
	server, machine := r.others()
	reading{load, server, machine}.since(r.began).fill(&round)
	round.LoadPeak, _ = append(self(), r.crew.processes()...).Peak()
	round.ServerPeak, _ = r.config.Target.Processes.Peak()
	if err := r.crew.leave(); err != nil {
		r.note("a client's file could not be closed: %v", err)
	}
	if r.ctx.Err() != nil {
		// Its ops ended because they had to, and say nothing of the server.
		r.note("a round was broken off: %v", context.Cause(r.ctx))
		return
	}
	r.blame(&round)
	r.result.Rounds = append(r.result.Rounds, round)
}

// reading is what both sides and the machine have done until a moment.
type reading struct {
	load, server time.Duration
	machine      MachineUse
}

func (r *Run) load() time.Duration {
	mine, _ := self().CPU()
	return mine + r.crew.cpu()
}

// others reads the clocks that are not the clients'. A server that has died has
// none.
func (r *Run) others() (server time.Duration, machine MachineUse) {
	server, _ = r.config.Target.Processes.CPU()
	return server, machineUse()
}

func (r reading) since(before reading) reading {
	return reading{max(0, r.load-before.load), max(0, r.server-before.server), r.machine.since(before.machine)}
}

func (r reading) fill(round *Round) {
	round.LoadCPU, round.ServerCPU, round.Machine = r.load, r.server, r.machine
}

// End ends the cell, and the clients' processes if they have any, and returns
// what came of it.
func (r *Run) End() Result {
	r.Settle()
	if after := r.figures(); r.config.Target.Tells {
		r.result.tell(after, r.before)
	}
	r.crew.end()
	for _, round := range slices.Concat(r.warm, r.result.Rounds) {
		r.result.LoadPeak = max(r.result.LoadPeak, round.LoadPeak)
		r.result.ServerPeak = max(r.result.ServerPeak, round.ServerPeak)
	}
	if len(r.result.Rounds) == 0 && r.warm != nil {
		r.result.Rounds, r.result.WarmUpFailed = r.warm, 0
		r.note("no round could be measured; these are the ops of the warm-up")
		r.result.ServerTold = false // it told of what came after
	}
	if len(r.result.Rounds) == 0 && r.ctx.Err() == nil {
		r.result.Rounds = FailedStart(r.config.Cell, LocalError, errNoRound).Rounds
	}
	switch {
	case time.Now().After(r.end):
		r.note("the cell's time was up; rounds done: %d", len(r.result.Rounds))
	case r.without == hopeless:
		r.note("given up after %d rounds in a row without an op that succeeded", hopeless)
	}
	return r.result
}

// note keeps what a reader of the result should know.
func (r *Run) note(format string, args ...any) {
	note := fmt.Sprintf(format, args...)
	if n := len(r.result.Notes); n == 0 || r.result.Notes[n-1] != note {
		r.result.Notes = append(r.result.Notes, note)
	}
}

// FailedStart is the result of a cell that could not begin: one round, in which
// each client failed for the reason, with err.
func FailedStart(cell Cell, reason Reason, err error) Result {
	round := Round{Samples: make([]Sample, cell.Clients)}
	for i := range round.Samples {
		round.Samples[i] = Sample{Client: i, Failure: Failure{reason, err.Error()}}
	}
	return Result{Cell: cell, Rounds: []Round{round}}
}
