package session

import (
	"cmp"
	"context"
	"errors"
	"time"

	"poolbench/bench"
	"poolbench/fixtures"
)

// Loop is what is needed of a *testing.B.
type Loop interface {
	Loop() bool
	StartTimer()
	StopTimer()
	Elapsed() time.Duration
}

// Measure measures a cell. Whatever happens there is a result, unless the run has
// ended: then there is none, and it reports false.
func (s *Session) Measure(b Loop, cell bench.Cell) (bench.Result, bool) {
	if s.Over() {
		return bench.Result{}, false
	}
	if !s.Named(cell) { // or the line would be drawn over the name
		s.begin(task{cell, false})
	}
	result := s.measure(b, cell)
	if !s.Named(cell) {
		s.finish(task{cell, false}, result)
	}
	if s.ctx.Err() != nil {
		return bench.Result{}, false
	}
	s.results = append(s.results, result)
	if s.journal != nil {
		s.err = s.journal.Add(result)
	}
	if s.err == nil {
		s.measured[cell]++
	}
	return result, true
}

// Named reports whether the testing package has written the row's name already,
// as it has before it measures a cell again in one turn: then something has to go
// with it, also if that was not measured.
func (s *Session) Named(cell bench.Cell) bool {
	return s.Options.Rounds == 0 && s.measured[cell] > 0
}

func (s *Session) measure(b Loop, cell bench.Cell) bench.Result {
	site, failed := s.site(cell)
	if failed.Reason != "" {
		for b.Loop() {
			s.waitOut(b)
		}
		return bench.FailedStart(cell, failed.Reason, errors.New(failed.Detail))
	}
	run := bench.Start(s.ctx, s.runConfig(cell, site))
	run.WarmUp(s.Options.Warmup)
	for b.Loop() {
		if run.Over() {
			s.waitOut(b)
			continue
		}
		b.StopTimer()
		run.Park()
		b.StartTimer()
		run.Fire()
	}
	result := run.End()
	if s.remote != nil {
		s.remote.Heed(result)
	}
	result.Notes = append(site.Notes, result.Notes...)
	if err := site.Leave(); err != nil {
		result.Notes = append(result.Notes, err.Error())
	}
	return result
}

func (s *Session) runConfig(cell bench.Cell, at site) bench.RunConfig {
	o := s.Options
	return bench.RunConfig{
		Cell: cell, ClientPool: cmp.Or(cell.ClientPool, s.matrix.ClientPools[0]),
		Target: at.Target, Fixture: at.fixture, Reset: at.Reset,
		Verify: o.Verify, SinkDir: o.SinkDir(), Budget: s.budget,
		OpTimeout: o.OpTimeout, CellTimeout: o.CellTimeout,
	}
}

// waitOut lets the benchmark's time pass: a loop of b.Loop has to go on to its
// end, and would turn millions of times for a cell that has ended early.
func (s *Session) waitOut(b Loop) {
	d, err := time.ParseDuration(s.testFlag("benchtime"))
	if err != nil {
		return // a number of rounds
	}
	time.Sleep(d - b.Elapsed())
}

// site is a Site with its fixture.
type site struct {
	*Site
	fixture fixtures.File
}

// site gets a cell's site ready, or says whose fault it is that there is none.
func (s *Session) site(cell bench.Cell) (site, bench.Failure) {
	ctx, cancel := context.WithTimeout(s.ctx, s.Options.CellTimeout)
	defer cancel()
	fixture, err := fixtures.Ensure(ctx, s.Options.Fixtures, fixtures.Spec{Size: cell.Volume}, nil)
	if err != nil {
		return site{}, bench.Failure{Reason: bench.LocalError, Detail: err.Error()}
	}
	if s.remote != nil {
		return s.remoteSite(ctx, cell, fixture)
	}
	own, err := s.Host.Serve(ctx, cell, fixture)
	if err != nil {
		return site{}, bench.Failure{Reason: bench.NotReady, Detail: err.Error()}
	}
	return site{own, fixture}, bench.Failure{}
}

// remoteSite is the site of a cell at a target.
func (s *Session) remoteSite(ctx context.Context, cell bench.Cell, fixture fixtures.File) (site, bench.Failure) {
	at := &Site{Target: s.remote.Target, Leave: func() error { return nil }}
	failed := s.remote.Knock(ctx)
	if failed.Reason == "" && cell.Op == bench.Download {
		var note string
		if note, failed = s.remote.Supply(ctx, fixture, s.Options.OpTimeout); note != "" {
			at.Notes = []string{note}
		}
	}
	return site{at, fixture}, failed
}
