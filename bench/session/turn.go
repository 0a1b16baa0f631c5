package session

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"

	"poolbench/bench"
)

// Turn begins the next turn, and reports whether there is one. In each the testing
// package runs all benchmarks once, so that a cell's rows have one name: within one
// run it makes every name its own. A run has one turn, or one for each of -rounds.
func (s *Session) Turn() bool {
	s.turn++
	if s.turn == 1 {
		return true // also if nothing is left: it has its table
	}
	for ; s.turn <= s.Options.Rounds && !s.Over(); s.turn++ {
		last := s.turn == s.Options.Rounds
		if len(s.Cells()) > 0 || last && slices.ContainsFunc(s.paired.planned, s.pairMissing) {
			return true
		}
	}
	return false
}

// Cells returns the cells that are to be measured yet in this turn, in its order.
func (s *Session) Cells() []bench.Cell {
	cells, enough := slices.Clone(s.planned), s.count
	if s.Options.Rounds > 0 {
		enough = s.turn
		order := rand.New(rand.NewPCG(s.Options.Seed, uint64(s.turn)))
		order.Shuffle(len(cells), func(i, j int) { cells[i], cells[j] = cells[j], cells[i] })
	}
	return slices.DeleteFunc(cells, func(c bench.Cell) bool { return s.done(c) >= enough })
}

// planTurns makes each turn measure each cell once.
func (s *Session) planTurns() error {
	if s.count > 1 {
		return fmt.Errorf("-count=%d repeats each cell back to back, and -rounds=%d all cells in turn: give one of them", s.count, s.Options.Rounds)
	}
	s.count = s.Options.Rounds
	benchtime, once := false, ""
	s.Flags.Visit(func(f *flag.Flag) {
		name := strings.TrimPrefix(f.Name, "test.")
		benchtime = benchtime || name == "benchtime"
		if strings.HasSuffix(name, "profile") || name == "trace" {
			once = name
		}
	})
	if once != "" {
		return fmt.Errorf("-%s ends with the first turn, and -rounds=%d takes %d: give one of them", once, s.count, s.count)
	}
	if benchtime {
		return nil
	}
	return s.Flags.Set("test.benchtime", "1x")
}
