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

// bufferBudget is how much memory all clients together may hold for buffers.
const bufferBudget = 64 << 20

// Config describes a session.
type Config struct {
	Options *plan.Options
	Target  target.Target
	// Remote is Target if that is made of remote servers, otherwise nil.
	Remote target.Remotes
	// Name is the benchmark's name. Flags holds all flags of the run, including those of
	// the testing package.
	Name  string
	Flags *flag.FlagSet
	// Out receives rows and comments, which also go to the results' bench.txt.
	Out io.Writer
	// Terminal shows progress. Nil, or a file that is no terminal, shows none.
	Terminal *os.File
	// Start begins a visit. Nil means [measure.Start].
	Start func(context.Context, measure.Config) Visit
}

// Visit is what a session needs of a [measure.Visit].
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
	count    int // visits per cell, if the testing package sets the pace
	budget   *client.Budget
	heart    *measure.Heartbeat
	fixtures map[fixtures.Size]fixtures.File
	journal  *journal.Journal // nil if results are not kept
	rows     *rows
	run      journal.Run  // including the results of resumed runs
	resumed  int          // number of results of resumed runs
	servers  int          // number of servers that resumed runs started
	last     time.Time    // when the last visit ended
	later    []plan.Visit // of the pass, which could not be begun
	before   bench.Cell   // of the previous visit
	paced    int          // visits by the testing package's loop; numbers the servers' lifetimes
	headed   bool
	done     bool // all is measured
	progress progress
	why      string // why the run ended before all was measured
	err      error  // of the journal or bench.txt
}

// New plans a run and prepares what must exist before the first visit. It changes nothing
// before everything that can be checked is checked. The run ends when ctx does, with its
// cause as the reason.
func New(ctx context.Context, config Config) (*Session, error) {
	o := config.Options
	if config.Start == nil {
		config.Start = func(ctx context.Context, c measure.Config) Visit { return measure.Start(ctx, c) }
	}
	s := &Session{
		Config: config, ctx: ctx, matrix: o.Matrix, budget: client.NewBudget(bufferBudget),
		fixtures: map[fixtures.Size]fixtures.File{}, progress: newProgress(config.Terminal), last: time.Now(),
	}
	if s.Remote != nil {
		s.matrix.Pools, s.matrix.Workers = s.Remote.Pools(), s.Remote.Workers()
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

// WithDeadline returns a context for a run that may take this long, from now; zero means no
// limit. Ops under way end with it.
func WithDeadline(ctx context.Context, limit time.Duration) (context.Context, context.CancelFunc) {
	if limit <= 0 {
		return context.WithCancel(ctx)
	}
	return context.WithTimeoutCause(ctx, limit, fmt.Errorf("the deadline of %v had passed", limit))
}

// open opens the results folder.
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
	s.run.Head.ID, s.run.Head.Warnings = s.journal.ID(), s.journal.Warnings()
	s.run.Results = slices.Clone(s.journal.Resumed())
	s.resumed = len(s.run.Results)
	for _, r := range s.run.Results {
		s.servers = max(s.servers, r.Server)
	}
	file, err := openText(o.Results)
	if err == nil && !o.Resume {
		err = remove(s.Target.Logs()...)
	}
	if err != nil {
		return fmt.Errorf("-results: %w", errors.Join(err, s.journal.Close(err.Error())))
	}
	s.rows = newRows(s.Out, file, s.progress.terminal != nil)
	return nil
}

// schedule returns the schedule of a run of passes.
func (s *Session) schedule() *plan.Schedule {
	schedule := &plan.Schedule{Cells: s.planned, Seed: s.Options.Seed, Passes: s.Options.Passes, Visit: s.Options.Visit, Fresh: s.resumed}
	if schedule.Passes == 0 {
		schedule.Budget = s.Options.Budget
	}
	return schedule
}

// Over reports whether no further visit may begin.
func (s *Session) Over() bool {
	switch {
	case s.why != "":
	case s.ctx.Err() != nil:
		s.why = context.Cause(s.ctx).Error()
	case s.err != nil:
		s.why = s.err.Error()
	}
	return s.why != ""
}

// keep stores a result and writes its row. It returns the result with its cost.
func (s *Session) keep(result bench.Result, write bool) bench.Result {
	now := time.Now()
	result.Took = now.Sub(s.last)
	for _, round := range result.Rounds {
		result.Took -= min(result.Took, round.Stalled) // a stall says nothing about the cost of the next visit
	}
	s.last = now
	if s.journal != nil {
		if s.err = s.journal.Add(result); s.err != nil {
			return result
		}
	}
	s.run.Results = append(s.run.Results, result)
	s.err = s.rows.row(s.Name, result, write)
	return result
}

// Run makes the passes of a run. Not for a run that the testing package paces.
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
			if len(s.later) > 0 {
				if !s.catchUp() {
					return
				}
				course = s.schedule().Course(s.run.Results)
				visit, more = course.Next(wanted)
			}
			s.passed(pass)
		}
		if more && visit.Pass > pass && visit.Pass > 1 && s.Options.Passes == 0 {
			// Points that are precise enough need no more visits.
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
		result, whole := s.visit(visit)
		switch {
		case !whole:
			continue
		case s.isAway(result):
			s.putOff(visit, result)
		default:
			result = s.keep(result, true)
		}
		course.Add(result)
	}
}

// passed reports a finished pass and updates the answer so far.
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
