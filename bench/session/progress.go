package session

import (
	"fmt"
	"os"
	"time"

	"golang.org/x/term"

	"poolbench/bench"
)

// progress is a line on a terminal for who waits: how far the run is, and how long it
// still takes. It is drawn before a measurement and taken away behind it, so that
// nothing is drawn while something is measured, and the testing package finds the
// line empty.
type progress struct {
	terminal *os.File // nil if nobody waits
	expected map[task]time.Duration
	planned  time.Duration // what has been measured was expected to take
	took     time.Duration // what it took
	wire     int64         // bytes of it
	begun    time.Time
}

// task is what is measured in one go: a cell, once, or a pair.
type task struct {
	cell bench.Cell
	pair bool
}

func newProgress(file *os.File) progress {
	p := progress{expected: map[task]time.Duration{}}
	if file != nil && term.IsTerminal(int(file.Fd())) {
		p.terminal = file
	}
	return p
}

// begin draws the line before a task.
func (s *Session) begin(t task) {
	p := &s.progress
	p.begun = time.Now()
	if p.terminal == nil {
		return
	}
	line := fmt.Sprintf("%s to measure, %s moved, ", s.left(), aboutBytes(p.wire))
	if left, ok := s.timeLeft(); ok {
		line += "about " + aboutTime(left) + " left, "
	}
	line += t.cell.String()
	if width, _, err := term.GetSize(int(p.terminal.Fd())); err == nil && width > 0 {
		line = line[:min(len(line), width-1)]
	}
	fmt.Fprintf(p.terminal, "\r\x1b[K%s", line)
}

// finish takes the line away behind a task, and counts what came of it.
func (s *Session) finish(t task, results ...bench.Result) {
	p := &s.progress
	p.planned += p.expected[t]
	p.took += time.Since(p.begun)
	for _, r := range results {
		for _, round := range r.Rounds {
			p.wire += round.Wire()
		}
	}
	if p.terminal != nil {
		fmt.Fprint(p.terminal, "\r\x1b[K")
	}
}

// timeLeft is what the plan says of what is left, by how wrong it was so far. It
// reports false if the plan does not know.
func (s *Session) timeLeft() (time.Duration, bool) {
	p := &s.progress
	if len(p.expected) == 0 {
		return 0, false
	}
	var left time.Duration
	for _, c := range s.planned {
		left += p.expected[task{c, false}] * time.Duration(max(0, s.count-s.done(c)))
	}
	for _, c := range s.paired.planned {
		if s.pairMissing(c) {
			left += p.expected[task{c, true}]
		}
	}
	if p.planned > 0 {
		left = time.Duration(float64(left) * p.took.Seconds() / p.planned.Seconds())
	}
	return left, true
}
