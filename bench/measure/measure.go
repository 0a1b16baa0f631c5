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

// hopeless is how many rounds in a row without one op that succeeded end a cell:
// more of them say nothing new, and could take an op's time each.
const hopeless = 3

var errNoRound = errors.New("the cell's time was up before its first round")

// Config says how a cell is measured.
type Config struct {
	Cell bench.Cell
	// ClientPool is what the clients are. Empty is ThreadClients. A program that asks for
	// ProcessClients has to call [load.Main].
	ClientPool bench.ClientPool
	Target     Target
	Fixture    fixtures.File // of the cell's volume
	Verify     bool
	// SinkDir is the folder of the nameless files that downloads are written to. Empty
	// discards the downloads.
	SinkDir     string
	OpTimeout   time.Duration
	CellTimeout time.Duration  // after which no round begins
	Budget      *client.Budget // of the clients in this process; one in its own has one buffer
	// Reset, which may be nil, empties the server's storage. It is called after each
	// round, outside of what is timed, when the server has nothing under way: what one
	// server has stored must not be written to a disk in a round of another.
	Reset func() error
	// Heartbeat finds the times in which this process did not run. It may be nil.
	Heartbeat *Heartbeat
}

// Visit is a stay at one cell of a server. It is used from one goroutine.
type Visit struct {
	config  Config
	ctx     context.Context
	end     time.Time // of the cell's time
	clients load.Clients
	server  proc.Listing
	warm    []bench.Round // the last of the warm-up
	before  counts        // when the rounds that count began
	died    int64         // requests that the server had lost with its workers when it was last asked
	without int           // rounds in a row in which no op succeeded
	wedged  bool
	result  bench.Result
}

// Start begins a cell: from here its time counts, and either side's peak memory. It
// always succeeds, as what is wrong with the target is what the ops find out.
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
	if config.Target.Processes > 0 {
		if err := config.Target.Processes.ResetPeak(); err != nil {
			r.note("server-peak-B counts from the server's start: %v", err)
		}
	}
	r.before = r.counts()
	return r
}

// client makes the client with an index. Uploads have a name for each, so that a
// server's folder holds no more files than there are clients.
func (r *Visit) client(i int) *client.Client {
	c := &client.Client{
		Index: i, Addr: r.config.Target.Addr, Op: r.config.Cell.Op, Fixture: r.config.Fixture,
		Name: r.config.Fixture.Name(), Verify: r.config.Verify, SinkDir: r.config.SinkDir,
		Timeout: r.config.OpTimeout, Budget: r.config.Budget,
	}
	if c.Op == bench.Upload {
		c.Name = fmt.Sprintf("%s%03d.bin", UploadPrefix, i)
	}
	return c
}

// UploadPrefix begins the names that clients upload under.
const UploadPrefix = "poolbench_upload_"

// WarmUp does so many rounds that no number is made of. Their failures are noted
// and counted apart.
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

// Over reports whether more rounds are pointless: the cell's time is up, or
// nothing has succeeded in three rounds in a row. Round does nothing then.
func (r *Visit) Over() bool {
	return r.without == hopeless || r.ctx.Err() != nil || time.Now().After(r.end)
}

// End ends the cell, and the clients' processes if they have any, and returns
// what came of it.
func (r *Visit) End() bench.Result {
	if after := r.counts(); r.config.Target.Tells {
		tell(&r.result, after, r.before)
	}
	r.result.LoadPeak, _ = append(proc.Self(), r.clients.Processes()...).Peak()
	r.result.ServerPeak, _ = r.config.Target.Processes.Peak() // none of a server that has died
	r.clients.Close()
	if len(r.result.Rounds) == 0 && r.warm != nil {
		r.result.Rounds, r.result.WarmUpFailed = r.warm, 0
		r.note("no round could be measured; these are the ops of the warm-up")
		r.result.Told = nil // it told of what came after
	}
	if len(r.result.Rounds) == 0 && r.ctx.Err() == nil {
		r.result.Rounds = bench.FailedStart(r.config.Cell, bench.LocalError, errNoRound).Rounds
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
func (r *Visit) note(format string, args ...any) {
	note := fmt.Sprintf(format, args...)
	if n := len(r.result.Notes); n == 0 || r.result.Notes[n-1] != note {
		r.result.Notes = append(r.result.Notes, note)
	}
}

// Target is the server that is measured.
type Target struct {
	Addr string
	// Processes are the server's, if it runs on this machine; zero if their use of
	// the machine is not known.
	Processes proc.Tree
	// Tells says whether the server answers STATS.
	Tells bool
}

// stats asks the server what it says about itself, as [Stats].
func (t Target) stats(ctx context.Context) (protocol.Stats, error) { return client.Stats(ctx, t.Addr) }
