package session

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"

	"poolbench/bench"
	"poolbench/bench/journal"
)

// silent are the flags that have no say in how a cell is measured.
var silent = map[string]bool{
	"results": true, "resume": true, "plan": true, "deadline": true, "allow-failures": true, "fixtures": true, "target-pool": true, "target-workers": true,
}

// plan finds the cells that are to be measured.
func (s *Session) plan() error {
	// The testing package measures the first line of each cell before it sets the
	// first of several values, and with the last.
	if cpu := s.testFlag("cpu"); strings.Contains(cpu, ",") {
		return fmt.Errorf("-cpu=%s: give one value; several need a run each", cpu)
	}
	count, err := strconv.Atoi(s.testFlag("count"))
	if err != nil {
		return err
	}
	if count < 1 {
		return fmt.Errorf("-count=%d: want one or more", count)
	}
	s.count = count
	if s.Options.Rounds > 0 {
		if err := s.planTurns(); err != nil {
			return err
		}
	}
	pattern := bench.ExactPattern(s.testFlag("bench"))
	_ = s.Flags.Set("test.bench", pattern) // any text will do
	for _, cell := range s.matrix.Cells() {
		if bench.Selects(pattern, s.Name+"/"+cell.String()) {
			s.planned = append(s.planned, cell)
		}
	}
	return s.planPairs(pattern)
}

// nothing reports whether there is nothing to measure.
func (s *Session) nothing() bool { return len(s.planned)+len(s.paired.planned) == 0 }

// testFlag returns the value of one of the testing package's flags.
func (s *Session) testFlag(name string) string { return s.Flags.Lookup("test." + name).Value.String() }

// newHead makes the first line of the journal. It watches the machine, on which
// nothing of the run is started yet.
func (s *Session) newHead() (journal.Head, error) {
	program, err := bench.Program()
	if err != nil {
		return journal.Head{}, err
	}
	all, plan := map[string]string{}, map[string]string{}
	s.Flags.VisitAll(func(f *flag.Flag) {
		name, theirs := strings.CutPrefix(f.Name, "test.")
		if theirs && !slices.Contains([]string{"bench", "benchtime", "count", "cpu"}, name) {
			return
		}
		all[name] = f.Value.String()
		if !silent[name] && name != "bench" && name != "count" { // these are the plan
			plan[name] = f.Value.String()
		}
	})
	storage := s.side().Storage
	if storage == "" {
		storage = os.TempDir()
	}
	env := bench.Environment(storage, s.Options.Fixtures)
	return journal.Head{
		Plan:   journal.NewPlan(s.planned, s.count, s.Options.Rounds > 0, plan).With(s.paired.planned, s.paired.base),
		Commit: bench.Commit("."), Program: program, Environment: env, Flags: all,
		Warnings: slices.Concat(bench.WarnOfBusyMachine(s.ctx), bench.WarnOfGovernor(env), bench.WarnOfSharedCores(s.ctx, s.Options.Target)),
	}, nil
}
