package session

import (
	"fmt"
	"io"
	"os"
	"slices"

	"poolbench/bench"
	"poolbench/bench/analysis"
	"poolbench/bench/report"
)

// End stops the servers, writes the table and the verdict, and returns the exit status: 1
// if something failed or was not measured. Errors go to stderr. Call it once.
func (s *Session) End(stderr io.Writer) int {
	if s.heart != nil {
		s.heart.Stop()
	}
	if s.Options.Paced {
		s.done = len(s.Cells()) == 0
	}
	switch {
	case s.done:
		s.why = ""
	case !s.Over():
		s.why = "the testing package did not run it"
	}
	s.run.Ended, s.run.Why = true, s.why
	errs := []error{s.Target.Close(), s.err}
	if s.journal != nil {
		errs = append(errs, s.journal.Close(s.why))
	}
	a := analysis.New(s.run)
	errs = append(errs, report.Comment(s.rows, a))
	status := s.status(a)
	errs = append(errs, s.rows.close())
	for _, err := range errs {
		if err != nil {
			fmt.Fprintln(stderr, "poolbench:", err)
			status = max(status, 1)
		}
	}
	return status
}

// status returns the exit status, and writes why it is not 0.
func (s *Session) status(a *analysis.Analysis) int {
	for _, log := range s.Target.Logs() {
		if info, err := os.Stat(log); err == nil && info.Size() > 0 {
			s.rows.comment("the servers' log: " + log)
		}
	}
	if s.why != "" {
		s.rows.comment("exit status 1 because not all was measured that was planned")
		return 1
	}
	failed := slices.ContainsFunc(a.Results, func(r bench.Result) bool { return r.Outcome() != bench.OK })
	if failed && !s.Options.AllowFailures {
		s.rows.comment("exit status 1 because ops failed; -allow-failures makes it 0")
		return 1
	}
	return 0
}
