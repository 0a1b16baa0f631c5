// Package poolbench_test is the benchmark. It wires the server, the fixtures and
// the clients together; what they do stands in their packages.
package poolbench_test

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"poolbench/bench"
	"poolbench/bench/report"
	"poolbench/fixtures"
	"poolbench/server"
	"poolbench/server/servertest"
)

// bufferBudget is the memory that all clients together may hold for buffers.
const bufferBudget = 64 << 20

var (
	options bench.Options
	current *session // of the benchmark that runs; nil when only tests do
)

func TestMain(m *testing.M) {
	bench.Main()
	servertest.Main()
	os.Exit(run(m))
}

// run returns the exit status: 1 if something failed, 2 if what was asked for
// can't be done.
func run(m *testing.M) int {
	options.Register(flag.CommandLine, pools(), []string{string(server.Thread), string(server.Process)})
	flag.Usage = usage
	flag.Parse()
	set := map[string]bool{}
	flag.Visit(func(f *flag.Flag) { set[f.Name] = true })
	err := options.Check(set, flag.Args())
	if err == nil && testFlag("bench") != "" && testFlag("list") == "" {
		current, err = newSession()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "poolbench:", err)
		return 2
	}
	status := m.Run()
	if current == nil {
		return status
	}
	return max(status, current.end())
}

// testFlag returns the value of one of the testing package's flags.
func testFlag(name string) string { return flag.Lookup("test." + name).Value.String() }

func pools() []string {
	var names []string
	for _, pool := range server.Pools() {
		names = append(names, string(pool))
	}
	return names
}

// usage lists our flags to those who ask, and not to those who made a mistake,
// whom the error before it tells more.
func usage() {
	asks := func(arg string) bool { return slices.Contains([]string{"-h", "--h", "-help", "--help"}, arg) }
	if !slices.ContainsFunc(os.Args, asks) {
		return
	}
	flag.VisitAll(func(f *flag.Flag) {
		if strings.HasPrefix(f.Name, "test.") {
			return
		}
		name, text := flag.UnquoteUsage(f)
		if f.DefValue != "" {
			text += fmt.Sprintf(" (default %s)", f.DefValue)
		}
		fmt.Fprintf(os.Stderr, "  -%s %s\n    \t%s\n", f.Name, name, text)
	})
}

func BenchmarkTransfer(b *testing.B) {
	current.head(os.Stdout)
	for _, cell := range current.matrix.Cells() {
		b.Run(cell.String(), func(b *testing.B) {
			result := current.measure(b, cell)
			for _, m := range result.Metrics() {
				b.ReportMetric(m.Value, m.Unit)
			}
			//lint:ignore SA3001 a cell that ends early has turned the loop without a round
			b.N = len(result.Rounds)
			current.results = append(current.results, result)
		})
	}
}

// session is what the cells of one run share.
type session struct {
	matrix  bench.Matrix
	remote  *bench.Remote // nil if each cell has a server of our own
	budget  *bench.Budget
	log     string // of the servers
	results []bench.Result
}

// newSession gets ready what has to be there before the first cell.
func newSession() (*session, error) {
	// The testing package measures the first line of each cell before it sets the
	// first of several values, and with the last.
	if cpu := testFlag("cpu"); strings.Contains(cpu, ",") {
		return nil, fmt.Errorf("-cpu=%s: give one value; several need a run each", cpu)
	}
	_ = flag.Set("test.bench", bench.ExactPattern(testFlag("bench"))) // any text will do
	s := &session{
		matrix: options.Matrix, budget: bench.NewBudget(bufferBudget),
		log: filepath.Join(os.TempDir(), fmt.Sprintf("poolbench-%d-server.log", os.Getpid())),
	}
	if options.Results != "" {
		if err := os.MkdirAll(options.Results, 0o755); err != nil {
			return nil, fmt.Errorf("-results: %w", err)
		}
		s.log = filepath.Join(options.Results, "server.log")
	}
	if err := os.Remove(s.log); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("-results: the log of the run before: %w", err)
	}
	if options.Target != "" {
		s.remote = bench.Find(context.Background(), options.Target, options.TargetPool, options.TargetWorkers)
		s.matrix.Pools, s.matrix.Workers = []string{s.remote.Pool}, []int{s.remote.Workers}
	}
	return s, nil
}

// head prints what is the same for the whole run.
func (s *session) head(w *os.File) {
	server := bench.ServerSide{
		GOMAXPROCS: runtime.NumCPU(), WorkerGOMAXPROCS: options.WorkerGOMAXPROCS,
		Storage: options.Storage, Discard: options.Discard,
	}
	if s.remote != nil {
		server = s.remote.Side()
	}
	for _, line := range slices.Concat(options.ConfigLines(server), bench.UnitLines()) {
		fmt.Fprintln(w, line)
	}
	if s.remote != nil {
		fmt.Fprintln(w, "#", s.remote.Note)
	}
}

// measure measures a cell. Whatever happens there is a result.
func (s *session) measure(b *testing.B, cell bench.Cell) bench.Result {
	site, reason, err := s.site(cell)
	if err != nil {
		for b.Loop() {
			waitOut(b)
		}
		return bench.FailedStart(cell, reason, err)
	}
	run := bench.Start(context.Background(), bench.RunConfig{
		Cell: cell, ClientPool: cmp.Or(cell.ClientPool, s.matrix.ClientPools[0]),
		Target: site.target, Fixture: site.fixture, Reset: site.reset,
		Verify: options.Verify, SinkDir: options.SinkDir(), Budget: s.budget,
		OpTimeout: options.OpTimeout, CellTimeout: options.CellTimeout,
	})
	run.WarmUp(options.Warmup)
	for b.Loop() {
		if run.Over() {
			waitOut(b)
			continue
		}
		b.StopTimer()
		run.Park()
		b.StartTimer()
		run.Fire()
	}
	result := run.End()
	if s.remote != nil {
		s.remote.Heed(result)
	}
	result.Notes = append(site.notes, result.Notes...)
	if err := site.leave(); err != nil {
		result.Notes = append(result.Notes, err.Error())
	}
	return result
}

// waitOut lets the benchmark's time pass: a loop of b.Loop has to go on to its
// end, and would turn millions of times for a cell that has ended early.
func waitOut(b *testing.B) {
	if d, err := time.ParseDuration(testFlag("benchtime")); err == nil {
		time.Sleep(d - b.Elapsed())
	}
}

// site is the server that a cell is measured against, and what it is to move.
type site struct {
	target  bench.Target
	fixture fixtures.File
	reset   func() error // nil if the storage is not ours
	leave   func() error
	notes   []string
}

// site gets a cell's site ready, or says whose fault it is that there is none.
func (s *session) site(cell bench.Cell) (*site, bench.Reason, error) {
	ctx, cancel := context.WithTimeout(context.Background(), options.CellTimeout)
	defer cancel()
	fixture, err := fixtures.Ensure(ctx, options.Fixtures, fixtures.Spec{Size: cell.Volume}, nil)
	if err != nil {
		return nil, bench.LocalError, err
	}
	if s.remote != nil {
		return s.remoteSite(ctx, cell, fixture)
	}
	process, err := servertest.StartProcess(ctx, servertest.ProcessConfig{
		Server: server.Config{
			Addr: "127.0.0.1:0", Pool: server.Pool(cell.Pool), Workers: cell.Workers,
			WorkerGOMAXPROCS: options.WorkerGOMAXPROCS, Discard: options.Discard,
		},
		StorageIn: options.Storage, GOMAXPROCS: runtime.NumCPU(), Log: s.log, LogLevel: slog.LevelWarn,
	})
	if err != nil {
		return nil, bench.NotReady, err
	}
	if cell.Op == bench.Download {
		if err := process.Storage().Put(fixture.Path); err != nil {
			return nil, bench.NotReady, errors.Join(err, process.Stop())
		}
	}
	return &site{
		target:  bench.Target{Addr: process.Addr(), Tells: true, Processes: bench.Tree(process.PID())},
		fixture: fixture, reset: process.Storage().Empty, leave: process.Stop,
		notes: roomNotes(cell, process.Storage().Dir()),
	}, "", nil
}

// remoteSite is the site of a cell at a target.
func (s *session) remoteSite(ctx context.Context, cell bench.Cell, fixture fixtures.File) (*site, bench.Reason, error) {
	site := &site{target: s.remote.Target, fixture: fixture, leave: func() error { return nil }}
	failed := s.remote.Knock(ctx)
	if failed.Reason == "" && cell.Op == bench.Download {
		var note string
		if note, failed = s.remote.Supply(ctx, fixture, options.OpTimeout); note != "" {
			site.notes = []string{note}
		}
	}
	if failed.Reason != "" {
		return nil, failed.Reason, errors.New(failed.Detail)
	}
	return site, "", nil
}

// roomNotes says if a round of the cell has no room in the server's storage.
func roomNotes(cell bench.Cell, dir string) []string {
	needs := int64(cell.Clients) * int64(cell.Volume)
	free, err := bench.Free(dir)
	if err != nil || cell.Op != bench.Upload || options.Discard || free >= needs {
		return nil
	}
	return []string{fmt.Sprintf("the storage has room for %.1f MB, a round needs %.1f MB", float64(free)/1e6, float64(needs)/1e6)}
}

// end prints the table and returns the exit status.
func (s *session) end() int {
	if len(s.results) == 0 {
		fmt.Fprintln(os.Stderr, "poolbench: -bench matches no cell")
		return 2
	}
	if err := report.Text(os.Stdout, s.results); err != nil {
		fmt.Fprintln(os.Stderr, "poolbench:", err)
		return 1
	}
	if _, err := os.Stat(s.log); err == nil {
		fmt.Printf("# the servers' log: %s\n", s.log)
	}
	for _, result := range s.results {
		if _, failed := result.Ops(); failed+result.WarmUpFailed > 0 && !options.AllowFailures {
			fmt.Println("# exit status 1 because ops failed; -allow-failures makes it 0")
			return 1
		}
	}
	return 0
}
