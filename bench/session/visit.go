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

// visit makes a visit, with the servers of its point warm, and reports
// whether something came of it.
func (s *Session) visit(v plan.Visit) bool {
	s.progress.begin(s.line(v))
	defer s.progress.end()
	for _, mate := range v.Mates {
		if mate != v.Cell {
			s.ready(mate, v.Lifetime)
		}
	}
	result := s.measure(v)
	result.Pass = v.Pass
	if s.ctx.Err() != nil {
		return false // its ops ended because they had to
	}
	s.keep(result, true)
	return s.err == nil
}

// ready gets a mate's server ready. What is wrong with it is found out when its own
// turn comes.
func (s *Session) ready(cell bench.Cell, life plan.Lifetime) {
	if at, failed := s.at(cell, life); failed.Reason == "" {
		s.warm(cell, life, at)
	}
}

// measure does the rounds of a visit.
func (s *Session) measure(v plan.Visit) bench.Result {
	at, failed := s.at(v.Cell, v.Lifetime)
	if failed.Reason != "" {
		result := bench.FailedStart(v.Cell, failed.Reason, errors.New(failed.Detail))
		s.Target.Observe(result)
		return result
	}
	if s.warm(v.Cell, v.Lifetime, at) {
		if at, failed = s.at(v.Cell, v.Lifetime); failed.Reason != "" {
			return bench.FailedStart(v.Cell, failed.Reason, errors.New(failed.Detail))
		}
	}
	s.freeMemory(v.Cell)
	run := s.Start(s.ctx, s.runConfig(v.Cell, at))
	if s.clientPool(v.Cell) == bench.ProcessClients {
		run.WarmUp(s.Options.Warmup) // their processes are as fresh as a server's
	}
	s.rounds(run)
	result := run.End()
	s.tell(&result, at)
	s.Target.Observe(result)
	if run.Wedged() {
		s.Target.Drop(v.Cell)
	}
	return result
}

// freeMemory gives back what earlier visits took of the clients' memory, if this one may
// need less: its peak is not to be theirs. It is not done before every visit, as page
// faults then made its rounds 2 % slower.
func (s *Session) freeMemory(cell bench.Cell) {
	before := s.before
	s.before = cell
	active := func(c bench.Cell) int { return min(c.Clients, c.Workers) }
	if cell.Op != before.Op || cell.Clients != before.Clients || active(cell) < active(before) {
		proc.FreeMemory()
	}
}

// rounds does those of a visit: one, or as many short ones as it takes, unless one is
// not whole.
func (s *Session) rounds(run Visit) {
	var before time.Duration
	for range plan.MostRounds {
		run.Round(nil)
		whole := run.Measured()
		if whole == before || whole >= s.Options.Visit {
			return
		}
		before = whole
	}
}

// place is a server with the fixture of the cell that it is visited for.
type place struct {
	*target.Server
	fixture fixtures.File
}

// at returns the server of a cell, or whose fault it is that there is none.
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
	return place{server, fixture}, failed
}

// tell adds what the server has to say to what came of a visit.
func (s *Session) tell(result *bench.Result, at place) {
	if at.Number > 0 {
		result.Server = s.servers + at.Number
	}
	result.WarmUpFailed += at.WarmUpFailed
	at.WarmUpFailed = 0
	result.Notes = slices.Concat(at.Notes(), result.Notes)
}

// warmVolume is what a server of our own is warmed with. After 1 MiB rounds took no less
// time, but each worker kept a whole buffer: 35 MB for 50 threads, where one client takes
// 11 of a fresh server and now finds 19. After 4 KiB they took 1.5 % more.
const warmVolume = 64 * fixtures.KiB

// warm lets a fresh server do some rounds of an op of a small volume, with clients
// enough for each of its workers to do it once. Somebody else's server is not given a
// file for it that nobody has asked for. It reports whether that has left the server at
// work, and so to be visited no more.
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
		return false // the visit finds out
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
		Cell: cell, ClientPool: s.clientPool(cell),
		Target: at.Target, Fixture: at.fixture, Reset: at.Reset, Heartbeat: s.heart,
		Verify: o.Verify, SinkDir: o.SinkDir(), Budget: s.budget,
		OpTimeout: o.OpTimeout, CellTimeout: o.CellTimeout,
	}
}
