package session

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"slices"
	"time"

	"poolbench/bench"
	"poolbench/bench/analysis"
	"poolbench/bench/client"
	"poolbench/bench/internal/digits"
	"poolbench/bench/journal"
	"poolbench/bench/measure"
	"poolbench/bench/plan"
	"poolbench/bench/target"
	"poolbench/fixtures"
)

// bufferBudget is the memory that all clients together may hold for buffers.
const bufferBudget = 64 << 20

// Config is what a session is to be.
type Config struct {
	Options *plan.Options
	Target  target.Target
	// Remote is the target, if somebody else runs it; nil if it is our own.
	Remote *target.Remote
	// Name is that of the benchmark, and Flags are all flags that have a say, of which
	// those of the testing package are read here.
	Name  string
	Flags *flag.FlagSet
	// Out is where rows and comments go, which are in the results' bench.txt too.
	Out io.Writer
	// Terminal is where who waits sees how far the run is. Nil, or a file that is no
	// terminal, is nowhere.
	Terminal *os.File
	// Start begins a visit. Nil is [measure.Start].
	Start func(context.Context, measure.Config) Visit
}

// Visit is a stay at a cell, as a [measure.Visit] is.
type Visit interface {
	WarmUp(rounds int)
	Round(measure.Timer)
	Measured() time.Duration
	Over() bool
	Wedged() bool
	End() bench.Result
}

// Session is a run. It is used from one goroutine.
type Session struct {
	Config
	ctx      context.Context
	matrix   bench.Matrix
	planned  []bench.Cell
	count    int       // visits to each in a row, if the testing package paces the run
	end      time.Time // no visit begins after it; zero is never
	budget   *client.Budget
	heart    *measure.Heartbeat
	fixtures map[fixtures.Size]fixtures.File
	journal  *journal.Journal // nil if nothing is kept
	rows     *rows
	run      journal.Run // with what the runs that it resumes have measured
	resumed  int         // results of those
	servers  int         // that they have started
	last     time.Time   // when the last visit ended
	before   bench.Cell  // of the visit before
	paced    int         // visits of the testing package's loop, for the servers' lifetimes
	headed   bool
	done     bool // nothing is left to measure
	progress progress
	why      string // why what was not measured was not
	err      error  // of the journal or of bench.txt
}

// New plans a run and gets ready what has to be there before the first visit. Nothing
// is changed before everything that can be checked is. The end of the context, for the
// cause that it has, is the end of the run.
func New(ctx context.Context, config Config) (*Session, error) {
	o := config.Options
	if config.Start == nil {
		config.Start = func(ctx context.Context, c measure.Config) Visit { return measure.Start(ctx, c) }
	}
	s := &Session{
		Config: config, ctx: ctx, matrix: o.Matrix, budget: client.NewBudget(bufferBudget),
		fixtures: map[fixtures.Size]fixtures.File{}, progress: newProgress(config.Terminal), last: time.Now(),
	}
	if o.Deadline > 0 {
		s.end = time.Now().Add(o.Deadline)
	}
	if s.Remote != nil {
		s.matrix.Pools, s.matrix.Workers = []string{s.Remote.Pool}, []int{s.Remote.Workers}
	}
	if err := s.plan(); err != nil {
		return nil, err
	}
	if o.Plan {
		return s, nil
	}
	head, err := s.newHead()
	if err != nil {
		return nil, err
	}
	s.run.Head = head
	if o.Results == "" {
		s.rows = newRows(config.Out, nil, false)
		return s, nil
	}
	return s, s.open(head)
}

// open takes hold of the folder of results.
func (s *Session) open(head journal.Head) (err error) {
	o := s.Options
	if !o.Resume {
		if err := os.MkdirAll(o.Results, 0o755); err != nil {
			return fmt.Errorf("-results: %w", err)
		}
	}
	if s.journal, err = journal.Open(o.Results, head, o.Resume); err != nil {
		return fmt.Errorf("-results: %w", err)
	}
	s.run.Head.Warnings = s.journal.Warnings()
	s.run.Results = slices.Clone(s.journal.Resumed())
	s.resumed = len(s.run.Results)
	for _, r := range s.run.Results {
		s.servers = max(s.servers, r.Server)
	}
	file, err := openText(o.Results)
	if err == nil && !o.Resume {
		err = remove(s.Target.Log())
	}
	if err != nil {
		return fmt.Errorf("-results: %w", errors.Join(err, s.journal.Close(err.Error())))
	}
	s.rows = newRows(s.Out, file, s.progress.terminal != nil)
	return nil
}

// schedule is that of a run of passes.
func (s *Session) schedule() *plan.Schedule {
	schedule := &plan.Schedule{Cells: s.planned, Seed: s.Options.Seed, Passes: s.Options.Passes, Visit: s.Options.Visit, Fresh: s.resumed}
	if schedule.Passes == 0 {
		schedule.Budget = s.Options.Budget
	}
	return schedule
}

// Over reports whether no further visit is to be begun.
func (s *Session) Over() bool {
	switch {
	case s.why != "":
	case s.ctx.Err() != nil:
		s.why = context.Cause(s.ctx).Error()
	case !s.end.IsZero() && time.Now().After(s.end):
		s.why = fmt.Sprintf("the deadline of %v had passed", s.Options.Deadline)
	case s.err != nil:
		s.why = s.err.Error()
	}
	return s.why != ""
}

// keep keeps a visit, and writes its row.
func (s *Session) keep(result bench.Result, write bool) {
	now := time.Now()
	result.Took = now.Sub(s.last)
	for _, round := range result.Rounds {
		result.Took -= min(result.Took, round.Stalled) // says nothing of what the next visit costs
	}
	s.last = now
	if s.journal != nil {
		if s.err = s.journal.Add(result); s.err != nil {
			return
		}
	}
	s.run.Results = append(s.run.Results, result)
	s.err = s.rows.row(s.Name, result, write)
}

// Run does the passes of a run that has them.
func (s *Session) Run() {
	s.heart = measure.StartHeartbeat()
	var (
		course = s.schedule().Course(s.run.Results)
		wanted func(point bench.Cell) bool
		pass   int
	)
	for {
		visit, more := course.Next(wanted)
		if !more || visit.Pass > pass {
			s.passed(pass)
		}
		if more && visit.Pass > pass && visit.Pass > 1 && s.Options.Passes == 0 {
			// What is precise enough by now needs no more visits.
			wanted = analysis.Wanted(s.run)
			visit, more = course.Next(wanted)
		}
		if !more {
			s.done = true
			return
		}
		if s.Over() {
			return
		}
		pass = visit.Pass
		if before := len(s.run.Results); s.visit(visit) {
			course.Add(s.run.Results[before])
		}
	}
}

// passed tells of a pass that is over, and takes a look at the run.
func (s *Session) passed(pass int) {
	if pass == 0 {
		return
	}
	visits, took := 0, time.Duration(0)
	for _, r := range s.run.Results {
		if r.Pass == pass {
			visits, took = visits+1, took+r.Took
		}
	}
	s.rows.comment(fmt.Sprintf("pass %d: %s in %s", pass, digits.Count(visits, "visit"), about(took)))
	s.err = cmp.Or(s.err, s.rows.sync())
	if s.progress.terminal != nil {
		s.progress.answer = answerOf(analysis.New(s.run))
	}
}
