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
	"poolbench/bench/journal"
	"poolbench/bench/report"
	"poolbench/fixtures"
)

// bufferBudget is the memory that all clients together may hold for buffers.
const bufferBudget = 64 << 20

// Host starts the servers that are measured.
type Host interface {
	// Serve starts a server for a cell. The fixture is the file that a download
	// asks for.
	Serve(ctx context.Context, cell bench.Cell, fixture fixtures.File) (*Site, error)
	// Side describes the servers.
	Side() bench.ServerSide
	// Log is the file that they log to, which need not be there.
	Log() string
}

// Site is a server that a cell is measured against.
type Site struct {
	Target bench.Target
	Reset  func() error // as in bench.RunConfig; nil if the storage is not ours
	Leave  func() error // ends the server
	Notes  []string     // what a reader should know of it
}

// Config is what a session is to be.
type Config struct {
	Options *bench.Options
	Host    Host
	// Name is that of the benchmark of cells, PairedName that of the benchmark of
	// pairs, and Flags all flags that have a say, of which those of the testing
	// package are read here.
	Name, PairedName string
	Flags            *flag.FlagSet
	// Terminal is where who waits sees how far the run is. Nil, or a file that is no
	// terminal, is nowhere.
	Terminal *os.File
}

// Session is a run. It is used from one goroutine.
type Session struct {
	Config
	ctx      context.Context
	matrix   bench.Matrix
	planned  []bench.Cell
	count    int           // measurements of each
	turn     int           // from 1
	end      time.Time     // no cell begins after it; zero is never
	remote   *bench.Remote // nil if the host starts the servers
	budget   *bench.Budget
	head     journal.Head
	journal  *journal.Journal // nil if nothing is kept
	measured map[bench.Cell]int
	results  []bench.Result
	paired   paired
	headed   bool
	progress progress
	why      string // why what was not measured was not
	err      error  // of the journal
}

// New plans a run and gets ready what has to be there before the first cell. The
// end of the context, for the cause that it has, is the end of the run.
func New(ctx context.Context, config Config) (*Session, error) {
	o := config.Options
	s := &Session{
		Config: config, ctx: ctx, matrix: o.Matrix, budget: bench.NewBudget(bufferBudget),
		measured: map[bench.Cell]int{}, progress: newProgress(config.Terminal),
	}
	if o.Deadline > 0 {
		s.end = time.Now().Add(o.Deadline)
	}
	if o.Target != "" {
		s.remote = bench.Find(ctx, o.Target, o.TargetPool, o.TargetWorkers)
		s.matrix.Pools, s.matrix.Workers = []string{s.remote.Pool}, []int{s.remote.Workers}
	}
	if err := s.plan(); err != nil {
		return nil, err
	}
	if s.nothing() {
		return nil, errors.New("-bench matches no cell")
	}
	if o.Plan {
		return s, nil
	}
	var err error
	if s.head, err = s.newHead(); err != nil {
		return nil, err
	}
	if o.Results == "" {
		return s, nil
	}
	if s.journal, err = journal.Open(o.Results, s.head, o.Resume); err != nil {
		return nil, fmt.Errorf("-results: %w", err)
	}
	s.head.Warnings = s.journal.Warnings()
	return s, nil
}

// Head writes what is the same for the whole run, once.
func (s *Session) Head(w io.Writer) {
	if s.headed {
		return
	}
	s.headed = true
	for _, line := range slices.Concat(s.Options.ConfigLines(s.side()), bench.UnitLines(), s.pairedHead()) {
		fmt.Fprintln(w, line)
	}
	if s.remote != nil {
		fmt.Fprintln(w, "#", s.remote.Note)
	}
	if s.paired.note != "" {
		fmt.Fprintln(w, "#", s.paired.note)
	}
	if s.journal != nil && s.journal.Unfinished() {
		fmt.Fprintf(w, "# the run before this one in %s was not finished; it is kept, and -resume would have gone on with it\n", s.Options.Results)
	}
	for _, warning := range s.head.Warnings {
		fmt.Fprintln(w, "# warning:", warning.Text)
	}
	if !s.Over() {
		lines, _ := s.Estimate()
		for _, line := range lines {
			fmt.Fprintln(w, "#", line)
		}
	}
}

func (s *Session) side() bench.ServerSide {
	if s.remote != nil {
		return s.remote.Side()
	}
	return s.Host.Side()
}

// Over reports whether no further cell is to be begun.
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

// End writes the table of what was planned and returns the exit status: 1 if
// something failed or was not measured.
func (s *Session) End(stdout, stderr io.Writer) int {
	switch {
	case !s.missing():
		s.why = ""
	case !s.Over():
		s.why = "the testing package did not run it"
	}
	if s.journal != nil {
		s.err = cmp.Or(s.err, s.journal.Close(s.why))
	}
	run, err := s.run()
	status := 0
	for _, err := range []error{s.err, err, report.Comment(stdout, run)} {
		if err != nil {
			fmt.Fprintln(stderr, "poolbench:", err)
			status = 1
		}
	}
	if _, err := os.Stat(s.Host.Log()); err == nil {
		fmt.Fprintf(stdout, "# the servers' log: %s\n", s.Host.Log())
	}
	if s.why != "" {
		fmt.Fprintln(stdout, "# exit status 1 because not all was measured that was planned")
		return 1
	}
	failed := slices.ContainsFunc(run.Results, func(r bench.Result) bool { return r.Outcome() != bench.OK }) ||
		slices.ContainsFunc(run.Pairs, func(p bench.Pair) bool { return p.Outcome() != bench.OK })
	if failed && !s.Options.AllowFailures {
		fmt.Fprintln(stdout, "# exit status 1 because ops failed; -allow-failures makes it 0")
		return 1
	}
	return status
}

// missing reports whether a cell was not measured as often as it was planned, or a
// pair was not.
func (s *Session) missing() bool {
	return slices.ContainsFunc(s.paired.planned, s.pairMissing) || slices.ContainsFunc(s.planned, func(c bench.Cell) bool { return s.done(c) < s.count })
}

// done is how often a cell has been measured, by this run and those that it
// resumes.
func (s *Session) done(c bench.Cell) int {
	if s.journal == nil {
		return s.measured[c]
	}
	return s.journal.Done(c) + s.measured[c]
}

// run is what came of the session: from the journal if there is one, as it has
// what the runs before have measured that this one resumed.
func (s *Session) run() (run journal.Run, err error) {
	if s.journal == nil {
		run = journal.Run{Head: s.head, Results: s.results, Pairs: s.paired.done}
	} else if run, err = journal.Read(s.Options.Results); err != nil {
		return run, err
	}
	run.Ended, run.Why = true, s.why // a full disk may not have taken it
	return run, nil
}
