package session

import (
	"fmt"
	"maps"
	"runtime"
	"slices"
	"strings"

	"poolbench/bench"
	"poolbench/bench/internal/digits"
)

// Head writes the constants of the run and the rows of the runs that it resumes. Calls
// after the first do nothing.
func (s *Session) Head() {
	if s.headed {
		return
	}
	s.headed = true
	labels := []string{"goos: " + runtime.GOOS, "goarch: " + runtime.GOARCH, "pkg: poolbench", "cpu: " + s.run.Head.Environment["cpu-model"]}
	for _, line := range labels {
		if s.Options.Paced { // the testing package writes its own
			s.rows.own(line)
		} else {
			s.rows.line(line)
		}
	}
	wires, unchecked := s.wires()
	flags := maps.Clone(s.run.Head.Flags)
	flags["wire"] = wires
	if s.Options.Verify && len(unchecked) == len(s.matrix.Pools) {
		flags["verify"] = "downloads"
	}
	for _, line := range slices.Concat(configLines(s.run.Head.Commit, flags, s.side(), s.matrix.ClientPools), bench.UnitLines()) {
		s.rows.line(line)
	}
	if s.Options.Verify && len(unchecked) > 0 {
		s.rows.comment("verify: uploads to " + strings.Join(unchecked, ", ") + " count as not verified, because nobody knows that these servers check them; -verify=readback does")
	}
	for _, note := range s.Remote.Notes() {
		s.rows.comment(note)
	}
	if s.journal != nil && s.journal.Unfinished() {
		s.rows.comment(fmt.Sprintf("the previous run in %s was not finished; it is kept, and -resume would have continued it", s.Options.Results))
	}
	for _, warning := range s.run.Head.Warnings {
		s.rows.comment("warning: " + warning.Text)
	}
	s.rows.comment("plan: " + s.planLine())
	for _, result := range s.run.Results {
		s.err = s.rows.row(s.Name, result, false)
	}
}

// wires returns the wires of the run, and the pools of which nobody knows that they check
// uploads: their wire has no checksum, a target has no STATS, or the server of a command is
// not started yet.
func (s *Session) wires() (list string, unchecked []string) {
	var wires []string
	for _, pool := range s.matrix.Pools {
		wire := s.wireOf(pool)
		if !s.Options.ReadBack && !s.checks(pool, wire) {
			unchecked = append(unchecked, pool)
		}
		if !slices.Contains(wires, string(wire)) {
			wires = append(wires, string(wire))
		}
	}
	return strings.Join(wires, ","), unchecked
}

func (s *Session) checks(pool string, wire bench.Wire) bool {
	if s.Remote != nil {
		return wire.ChecksUploads() && s.Remote.Checks(pool)
	}
	_, there := s.Options.Command(s.named(pool))
	return !there
}

// named returns the pool that a control has.
func (s *Session) named(pool string) string {
	if pool == bench.Control {
		return s.Options.Base()
	}
	return pool
}

func (s *Session) wireOf(pool string) bench.Wire {
	if s.Remote != nil {
		return s.Options.Wire
	}
	if c, there := s.Options.Command(s.named(pool)); there {
		return c.Wire
	}
	return bench.LabWire
}

// planLine says what the run will do.
func (s *Session) planLine() string {
	cells := digits.Count(len(s.planned), "cell")
	o := s.Options
	switch {
	case o.Paced:
		return fmt.Sprintf("%s, one after the other, each visited %s", cells, times(s.count))
	case o.Passes > 0:
		return fmt.Sprintf("%s, each visited %s, in passes", cells, times(o.Passes))
	}
	return fmt.Sprintf("%s; a whole pass, then more until %v are over or every answer is precise to %g %%", cells, o.Budget, 100*o.Precision)
}

func times(n int) string {
	if n == 1 {
		return "once"
	}
	return fmt.Sprintf("%d times", n)
}
