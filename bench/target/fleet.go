package target

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

	"poolbench/bench"
	"poolbench/bench/internal/guard"
	"poolbench/bench/internal/machine"
	"poolbench/bench/plan"
	"poolbench/fixtures"
	"poolbench/server"
	"poolbench/server/child"
)

// Main returns at once in a program that a user started. In one that a [Fleet] started it
// does not return. It must be called before flags are parsed.
func Main() {
	child.Main()
	guard.Main()
}

// Fleet starts servers: of our own pools, and of the commands that a user names. A program
// that uses it must call [Main].
type Fleet struct {
	// Base is the pool of the control server. Empty means thread.
	Base             string
	Commands         []plan.Command
	Storage          string // folder in which each server makes its own; empty means the temporary folder
	Discard          bool
	WorkerGOMAXPROCS int
	LogFile          string // as Log returns it

	running map[serverKey]*running
	failed  map[serverKey]failedStart // the last attempt, if it failed
	started int
	ended   error
}

// failedStart is why a server could not be started, and in which pass.
type failedStart struct {
	pass int
	err  error
}

// serverKey identifies a server; one lives at a time.
type serverKey struct {
	pool    string
	workers int
}

// running is a server that was started.
type running struct {
	Server
	process
	// storage is nil if the server keeps its files where it likes.
	storage *child.Storage
	// provided uploads the fixtures to a server without a storage of ours.
	provided *provider
	life     plan.Lifetime
}

// process is the process of a server, or several.
type process interface {
	// Done returns a channel that is closed when they have ended.
	Done() <-chan struct{}
	// Stop ends them. It returns an error if they had ended before, or ended badly.
	Stop() error
}

// Logs implements Target.
func (f *Fleet) Logs() []string {
	logs := []string{f.LogFile}
	for _, command := range f.Commands {
		logs = append(logs, f.logOf(command.Name))
	}
	return logs
}

// logOf returns the path of a log that a command writes itself.
func (f *Fleet) logOf(name string) string {
	return strings.TrimSuffix(f.LogFile, ownLog) + name + ".log"
}

// ownLog ends the name of LogFile.
const ownLog = "server.log"

// Log returns the LogFile of a run with a folder for its results or, if that is empty, one
// in the temporary folder that no other run has.
func Log(results string) string {
	if results == "" {
		return filepath.Join(os.TempDir(), fmt.Sprintf("poolbench-%d-%s", os.Getpid(), ownLog))
	}
	return filepath.Join(results, ownLog)
}

// Side implements Target.
func (f *Fleet) Side() Side {
	return Side{GOMAXPROCS: machine.Processors(), WorkerGOMAXPROCS: f.WorkerGOMAXPROCS, Storage: f.Storage, Discard: f.Discard}
}

// Observe implements Target. It does nothing: servers that we start report their end
// themselves.
func (f *Fleet) Observe(bench.Result) {}

// Server implements Target.
func (f *Fleet) Server(ctx context.Context, cell bench.Cell, life plan.Lifetime, fixture fixtures.File) (*Server, bench.Failure) {
	s, err := f.server(ctx, serverKey{cell.Pool, cell.Workers}, life)
	if err == nil && cell.Op == bench.Download && s.storage != nil {
		err = s.storage.Put(fixture.Path)
	}
	if err != nil {
		return nil, bench.Failure{Reason: bench.NotReady, Detail: err.Error()}
	}
	if s.storage != nil {
		s.Note(f.roomFor(cell, s.storage.Dir()))
	} else if cell.Op == bench.Download {
		note, failed := s.provided.provide(ctx, fixture)
		s.Note(note)
		return &s.Server, failed
	}
	return &s.Server, bench.Failure{}
}

// server returns the server for a key. It starts one if none of that lifetime is alive.
func (f *Fleet) server(ctx context.Context, at serverKey, life plan.Lifetime) (*running, error) {
	ended := f.retire(life)
	if s := f.running[at]; s != nil {
		select {
		case <-s.Done():
		default:
			if s.life == life {
				return s, nil
			}
		}
		ended = errors.Join(ended, s.Stop())
		delete(f.running, at)
	}
	f.ended = errors.Join(f.ended, ended) // for the next server that can be started
	// One that cannot be started may take half a minute to show it, at each visit.
	if before, there := f.failed[at]; there && before.pass == life.Pass {
		return nil, before.err
	}
	s, err := f.start(ctx, at)
	if err != nil {
		if f.failed == nil {
			f.failed = map[serverKey]failedStart{}
		}
		if ctx.Err() == nil { // an interruption is no fault of the server
			f.failed[at] = failedStart{life.Pass, err}
		}
		return nil, err
	}
	f.started++
	s.life, s.Number, s.Warmed = life, f.started, map[bench.Op]bool{}
	if f.ended != nil {
		s.Note("a server before this one: " + f.ended.Error())
		f.ended = nil
	}
	if f.running == nil {
		f.running = map[serverKey]*running{}
	}
	f.running[at] = s
	return s, nil
}

// retire stops the servers of other passes, all at once.
func (f *Fleet) retire(life plan.Lifetime) error {
	var ending errgroup.Group
	for at, s := range f.running {
		if s.life.Pass != life.Pass {
			ending.Go(s.Stop)
			delete(f.running, at)
		}
	}
	return ending.Wait()
}

func (f *Fleet) start(ctx context.Context, at serverKey) (*running, error) {
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	if at.pool == bench.Control {
		at.pool = cmp.Or(f.Base, string(server.Thread))
	}
	i := slices.IndexFunc(f.Commands, func(c plan.Command) bool { return c.Name == at.pool })
	if i < 0 {
		return f.startChild(ctx, at)
	}
	return f.startCommand(ctx, f.Commands[i], at.workers)
}

// roomFor returns a note if the server's storage has no room for a round of the cell.
func (f *Fleet) roomFor(cell bench.Cell, dir string) string {
	needs := int64(cell.Clients) * int64(cell.Volume)
	free, err := machine.Free(dir)
	if err != nil || cell.Op != bench.Upload || f.Discard || free >= needs {
		return ""
	}
	return fmt.Sprintf("the storage has room for %.1f MB, a round needs %.1f MB", float64(free)/1e6, float64(needs)/1e6)
}

// Drop implements Target.
func (f *Fleet) Drop(cell bench.Cell) {
	at := serverKey{cell.Pool, cell.Workers}
	if s := f.running[at]; s != nil {
		f.ended = errors.Join(f.ended, s.Stop())
		delete(f.running, at)
	}
}

// Close implements Target.
func (f *Fleet) Close() error {
	var errs []error
	for at, s := range f.running {
		errs = append(errs, s.Stop())
		delete(f.running, at)
	}
	return errors.Join(errs...)
}
