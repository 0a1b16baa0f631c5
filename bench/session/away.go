package session

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"poolbench/bench"
	"poolbench/bench/plan"
)

// isAway reports whether a visit to a remote server could not be begun.
func (s *Session) isAway(result bench.Result) bool {
	return s.Options.Target != "" && result.Unconnected()
}

// putOff leaves a visit that could not be begun to the end of its pass.
func (s *Session) putOff(v plan.Visit, result bench.Result) {
	s.later = append(s.later, v)
	s.last = time.Now() // the attempt is not part of the next visit's cost
	s.rows.comment(fmt.Sprintf("not begun: %s: %s: it is visited again at the end of the pass", v.Cell, reasonsOf(result)))
}

// catchUp makes the visits that the pass has put off. If the target is still away, or the run
// is over, it reports false; a run that is resumed measures what is missing.
func (s *Session) catchUp() bool {
	later := s.later
	s.later = nil
	for _, v := range later {
		if s.Over() {
			return false
		}
		result, whole := s.visit(v)
		if whole && s.isAway(result) {
			s.why = "the target was away: " + reasonsOf(result)
		}
		if !whole || s.Over() {
			return false
		}
		s.keep(result, true)
	}
	return true
}

// reasonsOf returns why nobody could connect, without counts.
func reasonsOf(result bench.Result) string {
	var reasons []string
	for failure := range result.Failures() {
		reasons = append(reasons, failure.String())
	}
	slices.Sort(reasons)
	return strings.Join(reasons, "; ")
}
