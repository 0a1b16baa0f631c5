package session

import (
	"cmp"
	"errors"
	"slices"
	"strings"
	"time"

	"poolbench/bench"
	"poolbench/bench/internal/proc"
	"poolbench/bench/measure"
	"poolbench/bench/plan"
	"poolbench/bench/target"
	"poolbench/fixtures"
)

// visit makes a visit after warming all servers of its point. It reports false if the run
// ended meanwhile.
func (s *Session) visit(v plan.Visit) (result bench.Result, whole bool) {
	s.progress.begin(s.line(v))
	defer s.progress.end()
	for _, mate := range v.Mates {
		if mate != v.Cell {
			s.ready(mate, v.Lifetime)
		}
	}
	result = s.measure(v)
	result.Pass = v.Pass
	return result, s.ctx.Err() == nil
}

// ready prepares and warms the server of another pool of the point. Errors are left to its
// own visit.
func (s *Session) ready(cell bench.Cell, life plan.Lifetime) {
	if at, failed := s.at(cell, life); failed.Reason == "" {
		s.warm(cell, life, at)
	}
}

// measure measures the rounds of a visit.
func (s *Session) measure(v plan.Visit) bench.Result {
	at, failed := s.at(v.Cell, v.Lifetime)
	if failed.Reason != "" {
		result := bench.FailedStart(v.Cell, failed.Reason, errors.New(failed.Detail))
		s.Target.Observe(result)
		return result
	}
	if s.warm(v.Cell, v.Lifetime, at) {
		lost, notes := at.WarmUpFailed, at.Notes() // of a server that is gone
		if at, failed = s.at(v.Cell, v.Lifetime); failed.Reason != "" {
			result := bench.FailedStart(v.Cell, failed.Reason, errors.New(failed.Detail))
			result.WarmUpFailed, result.Notes = lost, notes
			return result
		}
		at.WarmUpFailed += lost
		for _, note := range notes {
			at.Note(note)
		}
	}
	s.freeMemory(v.Cell)
	run := s.Start(s.ctx, s.runConfig(v.Cell, at))
	if s.clientPool(v.Cell) == bench.ProcessClients {
		run.WarmUp(s.Options.Warmup) // client processes are as fresh as a fresh server's
	}
	s.rounds(run)
	result := run.End()
	s.addServer(&result, at)
	s.Target.Observe(result)
	if run.Wedged() {
		s.Target.Drop(v.Cell)
	}
	return result
}

// freeMemory returns memory that earlier visits left to the clients, if this visit may need
// less, so that its peak is its own. Doing so before every visit made rounds 2 % slower,
// because of page faults.
func (s *Session) freeMemory(cell bench.Cell) {
	before := s.before
	s.before = cell
	active := func(c bench.Cell) int { return min(c.Clients, c.Workers) }
	if cell.Op != before.Op || cell.Clients != before.Clients || active(cell) < active(before) {
		proc.FreeMemory()
	}
}

// rounds does the rounds of a visit: one, or several short ones, until one is not whole.
func (s *Session) rounds(run Visit) {
	var before time.Duration
	for range plan.MaxRounds {
		run.Round(nil)
		whole := run.Measured()
		if whole == before || whole >= s.Options.Visit {
			return
		}
		before = whole
	}
}

// place is a server together with the fixture of the cell.
type place struct {
	*target.Server
	fixture fixtures.File
}

// at returns the server and fixture for a cell, or why there is none.
func (s *Session) at(cell bench.Cell, life plan.Lifetime) (place, bench.Failure) {
	fixture, there := s.fixtures[cell.Volume]
	if !there {
		var err error
		if fixture, err = fixtures.Ensure(s.ctx, s.Options.Fixtures, fixtures.Spec{Size: cell.Volume}, nil); err != nil {
			return place{}, bench.Failure{Reason: bench.LocalError, Detail: err.Error()}
		}
		s.fixtures[cell.Volume] = fixture
	}
	server, failed := s.Target.Server(s.ctx, cell, life, fixture)
	if server != nil {
		s.last = s.last.Add(server.Waited) // which is not part of the visit's cost
		server.Waited = 0
	}
	return place{server, fixture}, failed
}

// addServer adds to a result what is known about its server.
func (s *Session) addServer(result *bench.Result, at place) {
	if at.Number > 0 {
		result.Server = s.servers + at.Number
	}
	result.WarmUpFailed += at.WarmUpFailed
	at.WarmUpFailed = 0
	result.Notes = slices.Concat(at.Notes(), result.Notes)
}

// warmVolume is the volume that our own servers are warmed up with. After 1 MiB rounds took
// no less time, but each worker kept a whole buffer: 35 MB for 50 threads, where one client
// takes 11 of a fresh server and now finds 19. After 4 KiB they took 1.5 % more.
const warmVolume = 64 * fixtures.KiB

// warm lets a fresh server do some rounds of an op with a small volume, and enough clients
// for each of its workers to do it once. A remote server gets no other file than those of
// the run. warm reports whether the server may still be busy, and so must not be visited
// again.
func (s *Session) warm(cell bench.Cell, life plan.Lifetime, at place) (wedged bool) {
	if at.Warmed[cell.Op] || s.Options.Warmup == 0 {
		return false
	}
	at.Warmed[cell.Op] = true
	cell.Volume = s.smallest().Volume
	if s.Remote == nil {
		cell.Volume = min(cell.Volume, warmVolume)
	}
	cell.Clients = min(max(cell.Workers, 2), s.largest().Clients)
	small, failed := s.at(cell, life)
	if failed.Reason != "" {
		return false // the visit will report it
	}
	config := s.runConfig(cell, small)
	config.ClientPool = bench.ThreadClients
	run := s.Start(s.ctx, config)
	run.WarmUp(s.Options.Warmup)
	result := run.End()
	if _, n := result.Ops(); n > 0 {
		at.WarmUpFailed += n
		at.Note("warm-up: " + strings.Join(result.Reasons(), "; "))
	}
	if run.Wedged() {
		s.Target.Drop(cell)
	}
	return run.Wedged()
}

func (s *Session) clientPool(cell bench.Cell) bench.ClientPool {
	return cmp.Or(cell.ClientPool, s.matrix.ClientPools[0])
}

func (s *Session) runConfig(cell bench.Cell, at place) measure.Config {
	o := s.Options
	return measure.Config{
		Cell: cell, Run: s.run.Head.ID, ClientPool: s.clientPool(cell),
		Target: at.Target, Fixture: at.fixture, Reset: at.Reset, Heartbeat: s.heart,
		Verify: o.Verify, ReadBack: o.ReadBack, SinkDir: o.SinkDir(), Budget: s.budget,
		OpTimeout: o.OpTimeout, CellTimeout: o.CellTimeout,
	}
}
