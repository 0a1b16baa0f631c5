package session

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"poolbench/bench"
	"poolbench/bench/measure"
	"poolbench/bench/plan"
	"poolbench/bench/target"
	"poolbench/fixtures"
)

// fake is a target with simulated servers and visits. It measures nothing, and the test
// owns the clock.
type fake struct {
	takes func(bench.Cell) time.Duration // a round; nil is 100 ms
	fails func(bench.Cell) bench.Reason  // an op; nil, or an empty reason, is none
	lacks func(bench.Cell) bench.Reason  // a server
	wedge func(bench.Cell) bool          // leaves the server at work
	done  func(visits int)               // called behind each visit
	stall time.Duration                  // of each round, besides what it takes
	log   string
	waits time.Duration // for a remote target, before each visit
	away  bool          // the target is a remote one

	servers map[string]*target.Server // that live, by pool and workers
	lives   map[string]plan.Lifetime
	started int
	dropped []bench.Cell
	visits  []bench.Cell
	warmed  int
	ready   []int           // servers that were warm, by visit
	runs    map[string]bool // ids
	closed  bool
}

func (f *fake) Server(_ context.Context, cell bench.Cell, life plan.Lifetime, _ fixtures.File) (*target.Server, bench.Failure) {
	if f.lacks != nil {
		if reason := f.lacks(cell); reason != "" {
			return nil, bench.Failure{Reason: reason, Detail: "made up"}
		}
	}
	if f.servers == nil {
		f.servers, f.lives = map[string]*target.Server{}, map[string]plan.Lifetime{}
	}
	key := fmt.Sprint(cell.Pool, cell.Workers)
	if f.servers[key] == nil || f.lives[key] != life {
		f.started++
		f.servers[key], f.lives[key] = &target.Server{Number: f.started, Warmed: map[bench.Op]bool{}}, life
	}
	time.Sleep(f.waits)
	f.servers[key].Waited = f.waits
	return f.servers[key], bench.Failure{}
}

func (f *fake) Observe(bench.Result) {}
func (f *fake) Side() target.Side    { return target.Side{} }
func (f *fake) Logs() []string       { return nil }
func (f *fake) Close() error         { f.closed = true; return nil }
func (f *fake) Drop(cell bench.Cell) { f.dropped = append(f.dropped, cell) }

// stay is a visit to a fake server.
type stay struct {
	*fake
	ctx    context.Context
	cell   bench.Cell
	warm   bool
	result bench.Result
}

func (f *fake) start(ctx context.Context, c measure.Config) Visit {
	if f.runs == nil {
		f.runs = map[string]bool{}
	}
	f.runs[c.Run] = true
	return &stay{fake: f, ctx: ctx, cell: c.Cell, result: bench.Result{Cell: c.Cell}}
}

func (s *stay) WarmUp(int) { s.warm = true; s.warmed++ }
func (s *stay) Over() bool { return false }
func (s *stay) Wedged() bool {
	return s.wedge != nil && s.wedge(s.cell)
}

func (s *stay) Round(measure.Timer) {
	took := 100 * time.Millisecond
	if s.takes != nil {
		took = s.takes(s.cell)
	}
	select {
	case <-time.After(took + s.stall):
	case <-s.ctx.Done():
		return
	}
	round := bench.Round{Makespan: took + s.stall, Stalled: s.stall}
	for i := range s.cell.Clients {
		sample := bench.Sample{Client: i, Done: took, Wire: 1e6}
		if s.fails != nil {
			sample.Failure.Reason = s.fails(s.cell)
		}
		round.Samples = append(round.Samples, sample)
	}
	s.result.Rounds = append(s.result.Rounds, round)
}

func (s *stay) Measured() (whole time.Duration) {
	for _, round := range s.result.Rounds {
		if round.Whole() {
			whole += round.Makespan
		}
	}
	return whole
}

func (s *stay) End() bench.Result {
	if !s.warm {
		s.visits, s.ready = append(s.visits, s.cell), append(s.ready, s.warmed)
		if s.done != nil {
			s.done(len(s.visits))
		}
	}
	return s.result
}

// ended is a finished run.
type ended struct {
	*Session
	status      int
	out, stderr string
}

// rows returns the rows in the run's output.
func (e ended) rows() []string {
	var rows []string
	for line := range strings.Lines(e.out) {
		if strings.HasPrefix(line, "BenchmarkX/") {
			rows = append(rows, strings.TrimSpace(line))
		}
	}
	return rows
}

// matrix are the flags of eight cells: two ops, two pools, two numbers of clients.
var matrix = []string{"-volume=1KiB", "-clients=1,5", "-workers=2", "-warmup=1"}

// play makes a run with these flags, from plan to end.
func (f *fake) play(t *testing.T, ctx context.Context, args ...string) ended {
	t.Helper()
	s, err := f.plan(t, ctx, args...)
	require.NoError(t, err)
	var stderr strings.Builder
	s.Head()
	s.Run()
	status := s.End(&stderr)
	return ended{s, status, s.Out.(*strings.Builder).String(), stderr.String()}
}

// plan plans a run with these flags.
func (f *fake) plan(t *testing.T, ctx context.Context, args ...string) (*Session, error) {
	t.Helper()
	var options plan.Options
	flags := flag.NewFlagSet("", flag.ContinueOnError)
	options.Register(flags, []string{"thread", "process"}, []string{"thread", "process"})
	for name, value := range map[string]string{"bench": "X", "skip": "", "cpu": "", "count": "1", "benchtime": "1s"} {
		flags.String("test."+name, value, "")
	}
	require.NoError(t, flags.Parse(append([]string{"-fixtures=" + filepath.Join(folder(t), "fixtures")}, append(matrix, args...)...)))
	set := map[string]bool{}
	flags.Visit(func(f *flag.Flag) { set[f.Name] = true })
	if err := options.Check(set, flags.Args()); err != nil {
		return nil, err
	}
	if f.away {
		options.Target = "192.0.2.1:1"
	}
	ctx, end := WithDeadline(ctx, options.Deadline)
	t.Cleanup(end)
	return New(ctx, Config{
		Options: &options, Target: f, Name: "BenchmarkX", Flags: flags, Out: new(strings.Builder), Start: f.start,
	})
}

var folders = map[string]string{} // by test, as runs of one share the fixtures

func folder(t *testing.T) string {
	if folders[t.Name()] == "" {
		folders[t.Name()] = t.TempDir()
	}
	return folders[t.Name()]
}

// stopAfter returns a context that ends after this many visits, with a cause.
func (f *fake) stopAfter(ctx context.Context, visits int, why string) context.Context {
	ctx, stop := context.WithCancelCause(ctx)
	f.done = func(n int) {
		if n == visits {
			stop(errors.New(why))
		}
	}
	return ctx
}
