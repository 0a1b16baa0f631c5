// Package poolbench_test is the benchmark. It wires the servers and the session
// together that measures them; what they do stands in their packages.
package poolbench_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"

	"poolbench/bench"
	"poolbench/bench/session"
	"poolbench/fixtures"
	"poolbench/server"
	"poolbench/server/servertest"
)

var (
	options bench.Options
	current *session.Session // of the benchmark that runs; nil when only tests do
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
	// The first signal ends the run in order, the second at once.
	signals := slices.DeleteFunc([]os.Signal{os.Interrupt, syscall.SIGTERM, syscall.SIGHUP}, signal.Ignored) // as nohup has it
	ctx, stop := signal.NotifyContext(context.Background(), signals...)
	context.AfterFunc(ctx, stop)
	if err == nil && testFlag("bench") != "" && testFlag("list") == "" {
		current, err = newSession(ctx)
	}
	if err == nil && options.Plan && current == nil {
		err = errors.New("-plan tells what -bench would take, which is not given")
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "poolbench:", err)
		return 2
	}
	if options.Plan {
		lines, ok := current.Estimate()
		fmt.Println(strings.Join(lines, "\n"))
		if !ok {
			return 1
		}
		return 0
	}
	if current == nil {
		return m.Run()
	}
	status := 0
	for current.Turn() {
		status = max(status, m.Run())
	}
	return max(status, current.End(os.Stdout, os.Stderr))
}

func newSession(ctx context.Context) (*session.Session, error) {
	log := filepath.Join(os.TempDir(), fmt.Sprintf("poolbench-%d-server.log", os.Getpid()))
	if options.Results != "" {
		if err := os.MkdirAll(options.Results, 0o755); err != nil {
			return nil, fmt.Errorf("-results: %w", err)
		}
		log = filepath.Join(options.Results, "server.log")
	}
	s, err := session.New(ctx, session.Config{Options: &options, Host: host{log}, Name: "BenchmarkTransfer", PairedName: "BenchmarkPaired", Flags: flag.CommandLine, Terminal: terminal()})
	if err != nil || options.Resume || options.Plan {
		return s, err
	}
	if err := os.Remove(log); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("-results: the log of the run before: %w", err)
	}
	return s, nil
}

// terminal is where who waits is told how far the run is. With -v the testing package
// writes a row's name before it is measured, over which the line would be drawn.
func terminal() *os.File {
	if testFlag("v") != "false" {
		return nil
	}
	return os.Stderr
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
	current.Head(os.Stdout)
	begun := false
	for _, cell := range current.Cells() {
		if current.Over() {
			break
		}
		begun = true
		b.Run(cell.String(), func(b *testing.B) { transfer(b, cell) })
	}
	if !begun {
		b.SkipNow() // or it would be taken for a benchmark itself
	}
}

func transfer(b *testing.B, cell bench.Cell) {
	result, measured := current.Measure(b, cell)
	if !measured && current.Named(cell) {
		b.ReportMetric(0, "ns/op")
		b.ReportMetric(1, "skipped/op")
		return
	}
	if !measured {
		b.SkipNow()
	}
	for _, m := range result.Metrics() {
		b.ReportMetric(m.Value, m.Unit)
	}
	//lint:ignore SA3001 a cell that ends early has turned the loop without a round
	b.N = len(result.Rounds)
}

func BenchmarkPaired(b *testing.B) {
	current.Head(os.Stdout)
	rows := current.Compare(os.Stdout)
	for _, row := range rows {
		b.Run(row.Cell.String(), func(b *testing.B) { paired(b, row) })
	}
	if len(rows) == 0 {
		b.SkipNow() // or it would be taken for a benchmark itself
	}
}

func paired(b *testing.B, row bench.Compared) {
	b.StopTimer()
	b.ResetTimer() // no time passes, as Final wants it
	for _, m := range row.Metrics() {
		b.ReportMetric(m.Value, m.Unit)
	}
	if current.Final(b.N) {
		//lint:ignore SA3001 the rounds have been done
		b.N = row.Rounds()
	}
}

// host starts a server of our own, in a process of its own, for each cell.
type host struct{ log string }

func (h host) Log() string { return h.log }

func (h host) Side() bench.ServerSide {
	return bench.ServerSide{
		GOMAXPROCS: runtime.NumCPU(), WorkerGOMAXPROCS: options.WorkerGOMAXPROCS,
		Storage: options.Storage, Discard: options.Discard,
	}
}

func (h host) Serve(ctx context.Context, cell bench.Cell, fixture fixtures.File) (*session.Site, error) {
	process, err := servertest.StartProcess(ctx, servertest.ProcessConfig{
		Server: server.Config{
			Addr: "127.0.0.1:0", Pool: server.Pool(cell.Pool), Workers: cell.Workers,
			WorkerGOMAXPROCS: options.WorkerGOMAXPROCS, Discard: options.Discard,
		},
		StorageIn: options.Storage, GOMAXPROCS: runtime.NumCPU(), Log: h.log, LogLevel: slog.LevelWarn,
	})
	if err != nil {
		return nil, err
	}
	if cell.Op == bench.Download {
		if err := process.Storage().Put(fixture.Path); err != nil {
			return nil, errors.Join(err, process.Stop())
		}
	}
	return &session.Site{
		Target: bench.Target{Addr: process.Addr(), Tells: true, Processes: bench.Tree(process.PID())},
		Reset:  process.Storage().Empty, Leave: process.Stop,
		Notes: roomNotes(cell, process.Storage().Dir()),
	}, nil
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
