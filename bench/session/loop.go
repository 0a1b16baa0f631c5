package session

import (
	"errors"
	"slices"
	"time"

	"poolbench/bench"
	"poolbench/bench/measure"
	"poolbench/bench/plan"
)

// Loop is what is needed of a *testing.B.
type Loop interface {
	measure.Timer
	Loop() bool
	Elapsed() time.Duration
}

// Cells returns the cells that the testing package's loop is to visit yet.
func (s *Session) Cells() []bench.Cell {
	return slices.DeleteFunc(slices.Clone(s.planned), func(c bench.Cell) bool { return s.visits(c) >= s.count })
}

// visits counts those to a cell.
func (s *Session) visits(c bench.Cell) int {
	n := 0
	for i := range s.run.Results {
		if s.run.Results[i].Cell == c {
			n++
		}
	}
	return n
}

// Measure visits a cell for as long as the loop turns, with a server of its own.
// Whatever happens there is a result, unless the run has ended: then there is none, and
// it reports false.
func (s *Session) Measure(b Loop, cell bench.Cell) (bench.Result, bool) {
	if s.Over() {
		return bench.Result{}, false
	}
	if s.heart == nil {
		s.heart = measure.StartHeartbeat()
	}
	if !s.Named(cell) { // or the line would be drawn over the name
		s.progress.begin(s.left(cell))
		defer s.progress.end()
	}
	result := s.loop(b, cell)
	if s.ctx.Err() != nil {
		return bench.Result{}, false
	}
	s.keep(result, false)
	return result, true
}

// Named reports whether the testing package has written the row's name already, as it
// has before it measures a cell again: then something has to go with it, also if that
// was not measured.
func (s *Session) Named(cell bench.Cell) bool {
	return slices.ContainsFunc(s.run.Results[s.resumed:], func(r bench.Result) bool { return r.Cell == cell })
}

func (s *Session) loop(b Loop, cell bench.Cell) bench.Result {
	s.paced++
	at, failed := s.at(cell, plan.Lifetime{Pass: -s.paced})
	if failed.Reason != "" {
		for b.Loop() {
			s.waitOut(b)
		}
		result := bench.FailedStart(cell, failed.Reason, errors.New(failed.Detail))
		s.Target.Observe(result)
		return result
	}
	run := s.Start(s.ctx, s.runConfig(cell, at))
	run.WarmUp(s.Options.Warmup)
	for b.Loop() {
		if run.Over() {
			s.waitOut(b)
			continue
		}
		run.Round(b)
	}
	result := run.End()
	s.tell(&result, at)
	s.Target.Observe(result)
	s.Target.Drop(cell)
	return result
}

// waitOut lets the benchmark's time pass: a loop of b.Loop has to go on to its end, and
// would turn millions of times for a cell that has ended early.
func (s *Session) waitOut(b Loop) {
	d, err := time.ParseDuration(s.testFlag("benchtime"))
	if err != nil {
		return // a number of rounds
	}
	time.Sleep(d - b.Elapsed())
}
