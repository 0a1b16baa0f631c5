package session

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"flag"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"

	"poolbench/bench"
	"poolbench/bench/internal/machine"
	"poolbench/bench/journal"
	"poolbench/bench/plan"
	"poolbench/bench/target"
	"poolbench/fixtures"
)

// plan selects the cells to measure.
func (s *Session) plan() error {
	// With several values the testing package measures the first line of each cell before
	// it sets the first value, and with the last one.
	if cpu := s.testFlag("cpu"); strings.Contains(cpu, ",") {
		return fmt.Errorf("-cpu=%s: give one value; several need a run each", cpu)
	}
	if s.Options.Paced {
		count, err := strconv.Atoi(s.testFlag("count"))
		if err != nil || count < 1 {
			return fmt.Errorf("-count=%s: want one or more", s.testFlag("count"))
		}
		s.count = count
	}
	if s.Options.Control {
		s.matrix.Pools = append(slices.Clone(s.matrix.Pools), bench.Control)
	}
	pattern, skip := plan.ExactPattern(s.testFlag("bench")), plan.ExactPattern(s.testFlag("skip"))
	_ = s.Flags.Set("test.bench", pattern) // any text will do
	_ = s.Flags.Set("test.skip", skip)
	for _, cell := range s.matrix.Cells() {
		name := s.Name + "/" + cell.String()
		if s.supported(cell) && plan.Selects(pattern, name) && !(skip != "" && plan.Selects(skip, name)) {
			s.planned = append(s.planned, cell)
		}
	}
	if len(s.planned) == 0 {
		if skip != "" {
			return errors.New("-bench and -skip leave no cell")
		}
		return errors.New("-bench matches no cell")
	}
	var specs []fixtures.Spec
	for _, cell := range s.planned {
		specs = append(specs, fixtures.Spec{Size: cell.Volume})
	}
	if err := fixtures.Check(s.Options.Fixtures, specs...); err != nil {
		return fmt.Errorf("-fixtures: %w", err)
	}
	return nil
}

// supported reports whether the cell's server may have that many workers.
func (s *Session) supported(cell bench.Cell) bool {
	if s.Remote != nil {
		return s.Remote.Has(cell)
	}
	command, there := s.Options.Command(s.named(cell.Pool))
	return !there || command.Supports(cell.Workers)
}

// base returns the planned pool that the others are compared with.
func (s *Session) base() string {
	var planned bench.Matrix
	for _, cell := range s.planned {
		planned.Pools = append(planned.Pools, cell.Pool)
	}
	return planned.Base()
}

// smallest and largest return the extremes of the plan: on each axis of numbers the
// smallest or the largest value.
func (s *Session) smallest() bench.Cell { return s.extreme(func(a, b int64) bool { return a < b }) }
func (s *Session) largest() bench.Cell  { return s.extreme(func(a, b int64) bool { return a > b }) }

func (s *Session) extreme(beyond func(a, b int64) bool) bench.Cell {
	end := s.planned[0]
	for _, cell := range s.planned {
		if beyond(int64(cell.Volume), int64(end.Volume)) {
			end.Volume = cell.Volume
		}
		if beyond(int64(cell.Clients), int64(end.Clients)) {
			end.Clients = cell.Clients
		}
		if beyond(int64(cell.Workers), int64(end.Workers)) {
			end.Workers = cell.Workers
		}
	}
	return end
}

// testFlag returns the value of one of the testing package's flags.
func (s *Session) testFlag(name string) string { return s.Flags.Lookup("test." + name).Value.String() }

// newHead makes the first line of the journal. It samples the machine, so nothing of the
// run may have started yet.
func (s *Session) newHead() (journal.Head, error) {
	program, err := machine.Program()
	if err != nil {
		return journal.Head{}, err
	}
	o := s.Options
	how := journal.Plan{Base: s.base(), Count: s.count, Flags: map[string]string{}}
	if !o.Paced {
		how.Passes, how.Precision = o.Passes, o.Precision
		if o.Passes == 0 {
			how.Budget = o.Budget
		}
	}
	all := map[string]string{}
	s.Flags.VisitAll(func(f *flag.Flag) {
		name, class := classOf(f)
		if class == 0 {
			return
		}
		all[name] = f.Value.String()
		if class == plan.Measured || class == plan.Paced || class == plan.Testing {
			how.Flags[name] = f.Value.String()
		}
	})
	storage := s.side().Storage
	if storage == "" {
		storage = os.TempDir()
	}
	env := machine.Environment(storage, o.Fixtures)
	var words map[string]string
	if s.Remote != nil {
		words = s.Remote.Words()
		delete(env, "storage-filesystem") // the target's is not known
	}
	return journal.Head{
		ID: newID(), Plan: how.Of(s.planned), Given: s.given(),
		Commit: machine.Commit("."), Program: program, Environment: env, Target: words, Flags: all,
		Warnings: slices.Concat(machine.WarnBusy(s.ctx), machine.WarnGovernor(env), machine.WarnSharedCores(s.ctx, o.Addrs()), s.warnSlow()),
	}, nil
}

// newID returns an identifier that no other run has.
func newID() string {
	var random [4]byte
	_, _ = rand.Read(random[:]) // never fails
	return hex.EncodeToString(random[:])
}

// classOf returns a flag's name and class. Only a flag with the "test." prefix belongs to
// the testing package.
func classOf(f *flag.Flag) (string, plan.Class) {
	name, ofTesting := strings.CutPrefix(f.Name, "test.")
	class := plan.ClassOf(name)
	if class.OfTesting() != ofTesting {
		return name, 0
	}
	return name, class
}

// given returns the flags that were given, as words of a command that repeats the run.
func (s *Session) given() []string {
	var words []string
	s.Flags.Visit(func(f *flag.Flag) {
		name, class := classOf(f)
		if class == 0 || class == plan.Once || class.OfTesting() && f.Value.String() == "" {
			return
		}
		values := []string{f.Value.String()}
		if several, ok := f.Value.(flag.Getter); ok {
			if given, ok := several.Get().([]string); ok {
				values = given
			}
		}
		for _, value := range values {
			words = append(words, "-"+name+"="+value)
		}
	})
	return words
}

func (s *Session) side() target.Side { return s.Target.Side() }
