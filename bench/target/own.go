package target

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime"

	"golang.org/x/sync/errgroup"

	"poolbench/bench"
	"poolbench/bench/internal/machine"
	"poolbench/bench/internal/proc"
	"poolbench/bench/measure"
	"poolbench/bench/plan"
	"poolbench/fixtures"
	"poolbench/server"
	"poolbench/server/child"
)

// Own runs our own servers. A program that uses it must call child.Main.
type Own struct {
	// Base is the pool of the control server. Empty means thread.
	Base             string
	Storage          string // folder in which each server makes its own; empty means the temporary folder
	Discard          bool
	WorkerGOMAXPROCS int
	LogFile          string

	fleet   map[serverKey]*own
	started int
	ended   error
}

// serverKey identifies a server; one lives at a time.
type serverKey struct {
	pool    string
	workers int
}

// own is a running server.
type own struct {
	Server
	process *child.Process
	life    plan.Lifetime
}

// Log implements Target.
func (o *Own) Log() string { return o.LogFile }

// Side implements Target.
func (o *Own) Side() Side {
	return Side{GOMAXPROCS: runtime.NumCPU(), WorkerGOMAXPROCS: o.WorkerGOMAXPROCS, Storage: o.Storage, Discard: o.Discard}
}

// Observe implements Target. It does nothing: our own servers report their end themselves.
func (o *Own) Observe(bench.Result) {}

// Server implements Target.
func (o *Own) Server(ctx context.Context, cell bench.Cell, life plan.Lifetime, fixture fixtures.File) (*Server, bench.Failure) {
	at := serverKey{cell.Pool, cell.Workers}
	s, err := o.running(ctx, at, life)
	if err == nil && cell.Op == bench.Download {
		err = s.process.Storage().Put(fixture.Path)
	}
	if err != nil {
		return nil, bench.Failure{Reason: bench.NotReady, Detail: err.Error()}
	}
	s.Note(o.roomFor(cell, s.process.Storage().Dir()))
	return &s.Server, bench.Failure{}
}

// running returns the server for a key. It starts one if none of that lifetime is alive.
func (o *Own) running(ctx context.Context, at serverKey, life plan.Lifetime) (*own, error) {
	ended := o.retire(life)
	if s := o.fleet[at]; s != nil {
		select {
		case <-s.process.Done():
		default:
			if s.life == life {
				return s, nil
			}
		}
		ended = errors.Join(ended, s.process.Stop())
		delete(o.fleet, at)
	}
	s, err := o.start(ctx, at)
	if err != nil {
		return nil, err
	}
	s.life = life
	ended = errors.Join(o.ended, ended)
	o.ended = nil
	if ended != nil {
		s.Note("a server before this one: " + ended.Error())
	}
	if o.fleet == nil {
		o.fleet = map[serverKey]*own{}
	}
	o.fleet[at] = s
	return s, nil
}

// retire stops the servers of other passes, all at once.
func (o *Own) retire(life plan.Lifetime) error {
	var ending errgroup.Group
	for at, s := range o.fleet {
		if s.life.Pass != life.Pass {
			ending.Go(s.process.Stop)
			delete(o.fleet, at)
		}
	}
	return ending.Wait()
}

func (o *Own) start(ctx context.Context, at serverKey) (*own, error) {
	pool := at.pool
	if pool == bench.Control {
		pool = cmp.Or(o.Base, string(server.Thread))
	}
	process, err := child.Start(ctx, child.Config{
		Server: server.Config{
			Addr: "127.0.0.1:0", Pool: server.Pool(pool), Workers: at.workers,
			WorkerGOMAXPROCS: o.WorkerGOMAXPROCS, Discard: o.Discard,
		},
		StorageIn: o.Storage, GOMAXPROCS: runtime.NumCPU(), Log: o.LogFile, LogLevel: slog.LevelWarn,
	})
	if err != nil {
		return nil, err
	}
	o.started++
	return &own{
		process: process,
		Server: Server{
			Target: measure.Target{Addr: process.Addr(), HasStats: true, Processes: proc.Tree{Root: process.PID()}},
			Number: o.started, Reset: process.Storage().Empty, Warmed: map[bench.Op]bool{},
		},
	}, nil
}

// roomFor returns a note if the server's storage has no room for a round of the cell.
func (o *Own) roomFor(cell bench.Cell, dir string) string {
	needs := int64(cell.Clients) * int64(cell.Volume)
	free, err := machine.Free(dir)
	if err != nil || cell.Op != bench.Upload || o.Discard || free >= needs {
		return ""
	}
	return fmt.Sprintf("the storage has room for %.1f MB, a round needs %.1f MB", float64(free)/1e6, float64(needs)/1e6)
}

// Drop implements Target.
func (o *Own) Drop(cell bench.Cell) {
	at := serverKey{cell.Pool, cell.Workers}
	if s := o.fleet[at]; s != nil {
		o.ended = s.process.Stop()
		delete(o.fleet, at)
	}
}

// Close implements Target.
func (o *Own) Close() error {
	var errs []error
	for at, s := range o.fleet {
		errs = append(errs, s.process.Stop())
		delete(o.fleet, at)
	}
	return errors.Join(errs...)
}
