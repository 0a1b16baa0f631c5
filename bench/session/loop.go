package session

import (
	"errors"
	"slices"
	"time"

	"poolbench/bench"
	"poolbench/bench/measure"
	"poolbench/bench/plan"
)

// Loop is the part of a *testing.B that Measure needs.
type Loop interface {
	measure.Timer
	Loop() bool
	Elapsed() time.Duration
}

// Cells returns the cells that the testing package's loop has not finished yet.
func (s *Session) Cells() []bench.Cell {
	return slices.DeleteFunc(slices.Clone(s.planned), func(c bench.Cell) bool { return s.visits(c) >= s.count })
}

// visits counts the visits to a cell.
func (s *Session) visits(c bench.Cell) int {
	n := 0
	for i := range s.run.Results {
		if s.run.Results[i].Cell == c {
			n++
		}
	}
	return n
}

// Measure visits a cell until the loop ends, on a server of its own. Every failure is a
// result. Only if the run has ended is there none, and Measure reports false.
func (s *Session) Measure(b Loop, cell bench.Cell) (bench.Result, bool) {
	if s.Over() {
		return bench.Result{}, false
	}
	if s.heart == nil {
		s.heart = measure.StartHeartbeat()
	}
	if !s.Named(cell) { // otherwise progress would overwrite the name
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

// Named reports whether the testing package has already written the row's name, as it does
// before it measures a cell again. The row must then be completed, even if nothing was
// measured.
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
	s.addServer(&result, at)
	s.Target.Observe(result)
	s.Target.Drop(cell)
	return result
}

// waitOut sleeps until the benchmark's time is over. A b.Loop must run to its end, and
// would spin millions of times for a cell that ended early.
func (s *Session) waitOut(b Loop) {
	d, err := time.ParseDuration(s.testFlag("benchtime"))
	if err != nil {
		return // a number of rounds
	}
	time.Sleep(d - b.Elapsed())
}
