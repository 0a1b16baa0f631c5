package measure

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"poolbench/bench"
	"poolbench/bench/client"
	"poolbench/bench/internal/proc"
	"poolbench/bench/load"
	"poolbench/fixtures"
	"poolbench/protocol"
)

// maxFailedRounds is how many consecutive rounds without a succeeded op end a visit. More of them
// tell nothing new, and each may take an op's timeout.
const maxFailedRounds = 3

var errNoRound = errors.New("the cell's time was up before its first round")

// Config says how a cell is measured.
type Config struct {
	Cell bench.Cell
	// Run is part of the names of uploads, which two runs on one server must not share.
	Run string
	// ClientPool is the kind of the clients. Empty means ThreadClients. A program that asks
	// for ProcessClients must call [load.Main].
	ClientPool bench.ClientPool
	Target     Target
	Fixture    fixtures.File // has the cell's volume
	Verify     bool
	// ReadBack fetches each upload after its round and compares it with the fixture.
	ReadBack bool
	// SinkDir is the folder for the unnamed files that downloads are written to. If empty,
	// downloads are discarded.
	SinkDir     string
	OpTimeout   time.Duration
	CellTimeout time.Duration  // after it no round begins
	Budget      *client.Budget // of clients in this process; a client process has one buffer of its own
	// Reset, if not nil, empties the server's storage. It is called after each round,
	// untimed, when the server has nothing under way. Otherwise one server's uploads might
	// be written to disk during a round of another.
	Reset func() error
	// Heartbeat finds stalls of this process. It may be nil.
	Heartbeat *Heartbeat
}

// Visit is one uninterrupted stay at a cell of a server. It is used from one goroutine.
type Visit struct {
	config  Config
	ctx     context.Context
	end     time.Time // no round begins after it
	clients load.Clients
	server  proc.Listing
	warm    []bench.Round // last round of the warm-up
	before  counts        // before the first measured round
	died    int64         // requests lost with their workers, when the server was last asked
	without int           // consecutive rounds without a succeeded op
	wedged  bool
	gone    bool   // the server has ended
	changed string // how the server is not what it was; empty if it is
	result  bench.Result
}

// Start begins a visit: the cell's time and the peaks of memory count from here. It always
// succeeds; if something is wrong with the target, the ops will show it.
func Start(ctx context.Context, config Config) *Visit {
	r := &Visit{config: config, ctx: ctx, end: time.Now().Add(config.CellTimeout), result: bench.Result{Cell: config.Cell}, server: proc.Listing{Tree: config.Target.Processes}}
	var clients []*client.Client
	for i := range config.Cell.Clients {
		clients = append(clients, r.client(i))
	}
	r.clients = load.New(config.ClientPool, clients)
	if err := proc.Self().ResetPeak(); err != nil {
		r.note("load-peak-B counts from the beginning of the run: %v", err)
	}
	if config.Target.Processes.Root > 0 {
		if err := r.server.ResetPeak(); err != nil {
			r.note("server-peak-B counts from the server's start: %v", err)
		}
	}
	r.before = r.counts()
	return r
}

// client makes the i-th client. Each client uploads under its own name, in a run always the
// same, so that the server's folder never holds more files of a run than there are clients.
func (r *Visit) client(i int) *client.Client {
	c := &client.Client{
		Index: i, Addr: r.config.Target.Addr, Op: r.config.Cell.Op, Fixture: r.config.Fixture,
		Name: r.config.Fixture.Name(), Verify: r.config.Verify, SinkDir: r.config.SinkDir,
		Timeout: r.config.OpTimeout, Budget: r.config.Budget,
	}
	if c.Op == bench.Upload {
		c.Name = UploadName(r.config.Run, i)
	}
	return c
}

// UploadName returns the name that the i-th client of a run uploads under.
func UploadName(run string, i int) string {
	return fmt.Sprintf("poolbench_upload_%s_%03d.bin", run, i)
}

// WarmUp does rounds that are not measured. Their failures are noted, and counted
// separately.
func (r *Visit) WarmUp(rounds int) {
	for range rounds {
		if r.Over() {
			return
		}
		r.Round(nil)
		r.warm, r.result.Rounds = r.result.Rounds, nil
		warm := bench.Result{Rounds: r.warm}
		_, failed := warm.Ops()
		r.result.WarmUpFailed += failed
		if failed > 0 {
			r.note("warm-up: %s", strings.Join(warm.Reasons(), "; "))
		}
	}
	r.without = 0
	if rounds > 0 {
		r.before = r.counts()
	}
}

// Over reports whether further rounds are pointless: the time is up, the run or the server
// has ended, the server is another, or three rounds in a row had no succeeded op. Round
// then does nothing.
func (r *Visit) Over() bool {
	return r.gone || r.changed != "" || r.without == maxFailedRounds || r.ctx.Err() != nil || time.Now().After(r.end)
}

// End ends the visit and any client processes, and returns the result. Call it once.
func (r *Visit) End() bench.Result {
	if after := r.counts(); r.config.Target.HasStats {
		setTold(&r.result, after, r.before)
	}
	r.result.LoadPeak, _ = append(proc.Self(), r.clients.Processes()...).Peak()
	r.result.ServerPeak, _ = r.config.Target.Processes.Peak() // none if the server has died
	r.clients.Close()
	if r.changed != "" {
		r.disown()
	}
	if len(r.result.Rounds) == 0 && r.warm != nil {
		r.result.Rounds, r.result.WarmUpFailed = r.warm, 0
		r.note("no round could be measured; these are the ops of the warm-up")
		r.result.Told = nil // covers only what came after the warm-up
	}
	if len(r.result.Rounds) == 0 && r.ctx.Err() == nil {
		r.result.Rounds = bench.FailedStart(r.config.Cell, bench.LocalError, errNoRound).Rounds
	}
	switch {
	case time.Now().After(r.end):
		r.note("the cell's time was up; rounds done: %d", len(r.result.Rounds))
	case r.without == maxFailedRounds:
		r.note("given up after %d rounds in a row without an op that succeeded", maxFailedRounds)
	}
	return r.result
}

// note keeps a note for the reader, unless it repeats the last one.
func (r *Visit) note(format string, args ...any) {
	note := fmt.Sprintf(format, args...)
	if n := len(r.result.Notes); n == 0 || r.result.Notes[n-1] != note {
		r.result.Notes = append(r.result.Notes, note)
	}
}

// Target is the server that is measured.
type Target struct {
	Addr string
	// Processes is the server's process tree, if it runs on this machine; zero if unknown.
	Processes proc.Tree
	// HasStats is set if the server answers STATS.
	HasStats bool
	// Pool and Workers are what the server has said that it is. If it says anything else
	// later, the visit's ops fail: their row would have the wrong name. An empty Pool is not
	// checked.
	Pool    string
	Workers int
	// Ended is closed when the server has ended, and End then says how. Both are nil for a
	// server that somebody else runs.
	Ended <-chan struct{} `json:"-"`
	End   func() string   `json:"-"`
}

// stats asks the server for its counters.
func (t Target) stats(ctx context.Context) (protocol.Stats, error) { return client.Stats(ctx, t.Addr) }
