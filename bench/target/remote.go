package target

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"poolbench/bench"
	"poolbench/bench/client"
	"poolbench/bench/plan"
	"poolbench/fixtures"
	"poolbench/protocol"
)

// connectTimeout bounds connecting to a server that was gone at the last visit. Without it
// every further visit would take as long as an op may.
const connectTimeout = 10 * time.Second

// Remote is a server that somebody else runs, with what could be learnt about it.
type Remote struct {
	Pool    string
	Workers int    // 0 if unknown
	Note    string // where Pool and Workers come from, one line for the reader

	at       Address
	server   Server
	stats    protocol.Stats
	fixtures *provider
	told     bool // that uploads replace others
	doubted  bool // no client could connect in the last visit
	waited   bool // in vain, since then
}

// Side is as [Target.Side].
func (r *Remote) Side() Side {
	side := Side{Target: r.at.Addr}
	if r.stats.Pool == protocol.PoolProcess {
		side.WorkerGOMAXPROCS = r.stats.GOMAXPROCS
	} else {
		side.GOMAXPROCS = r.stats.GOMAXPROCS
	}
	return side
}

// Words returns what is known about the server, by name: what it says, and what the flags do
// if it does not tell.
func (r *Remote) Words() map[string]string {
	orUnknown := func(n int) string {
		if n < 1 {
			return "unknown"
		}
		return fmt.Sprint(n)
	}
	words := map[string]string{
		"pool": cmp.Or(r.stats.Pool, r.Pool), "workers": orUnknown(r.Workers), "told-by": "flags",
		"version": "unknown", "gomaxprocs": orUnknown(r.stats.GOMAXPROCS),
	}
	if r.server.HasStats {
		words["told-by"], words["version"] = "STATS", r.stats.Version
	}
	return words
}

// Server is as [Target.Server]. The server lives for the whole run. If no client could connect
// in the last visit, Server waits until somebody can. After that it tries once per call,
// until it succeeds: a server that is gone costs one wait and then an attempt per cell.
func (r *Remote) Server(ctx context.Context, cell bench.Cell, _ plan.Lifetime, fixture fixtures.File) (*Server, bench.Failure) {
	if r.doubted {
		if err := r.await(ctx); err != nil {
			return &r.server, failureWhen(err, "the cell was not begun")
		}
	}
	if cell.Op != bench.Download {
		if !r.told {
			r.server.Note("uploads replace those of the round before on the target, which may take it longer than new files (ext4 does): compare them with other targets, not with servers that the benchmark starts")
		}
		r.told = true
		return &r.server, bench.Failure{}
	}
	note, failed := r.fixtures.provide(ctx, fixture)
	r.server.Note(note)
	return &r.server, failed
}

// await returns nil when a connection can be opened. It waits once until there was one.
func (r *Remote) await(ctx context.Context) error {
	begun := time.Now()
	for {
		err := client.Connect(ctx, r.at.Addr, min(r.at.Idle, connectTimeout))
		waited := time.Since(begun)
		if err == nil {
			r.doubted, r.waited = false, false
			clear(r.server.Warmed) // it may have been started anew
			r.server.Note(r.locate(ctx))
			if waited > askStep {
				r.server.Note(fmt.Sprintf("the target was away, and was waited for: %v", waited.Round(time.Second/10)))
			}
		}
		if err == nil || r.waited || waited >= r.at.Wait || !sleep(ctx, askStep) {
			r.waited = err != nil
			r.server.Waited += waited
			return err
		}
	}
}

// locate finds the address that ops connect to, until the target goes away.
func (r *Remote) locate(ctx context.Context) (note string) {
	r.server.Addr, note = locate(ctx, r.at.Addr)
	r.fixtures.addr = r.server.Addr
	return note
}

// Observe is as [Target.Observe].
func (r *Remote) Observe(result bench.Result) {
	if len(result.Rounds) > 0 {
		r.doubted = result.Unconnected()
	}
}
