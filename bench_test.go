// Package poolbench_test is the benchmark. It only wires targets, session and testing
// together; each does its work in its own package.
package poolbench_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	"testing"

	"poolbench/bench"
	"poolbench/bench/load"
	"poolbench/bench/plan"
	"poolbench/bench/session"
	"poolbench/bench/target"
	"poolbench/server"
)

var (
	options plan.Options
	current *session.Session // nil when no benchmark was asked for
)

func TestMain(m *testing.M) {
	load.Main()
	target.Main()
	signal.Ignore(syscall.SIGPIPE)
	os.Exit(run(m))
}

// run returns the exit status: 1 if something failed or was not measured, 2 if the request
// cannot be met.
func run(m *testing.M) int {
	options.Register(flag.CommandLine, pools(), []string{string(server.Thread), string(server.Process)})
	flag.Usage = usage
	flag.Parse()
	set := map[string]bool{}
	flag.Visit(func(f *flag.Flag) { set[f.Name] = true })
	err := options.Check(set, flag.Args())
	// The first signal ends the run in order, the second kills it.
	signals := slices.DeleteFunc([]os.Signal{os.Interrupt, syscall.SIGTERM, syscall.SIGHUP}, signal.Ignored) // nohup ignores SIGHUP
	ctx, stop := signal.NotifyContext(context.Background(), signals...)
	context.AfterFunc(ctx, stop)
	ctx, end := session.WithDeadline(ctx, options.Deadline)
	defer end()
	if err == nil && testFlag("bench") != "" && testFlag("list") == "" {
		current, err = begin(ctx)
	}
	if err == nil && options.Plan && current == nil {
		err = errors.New("-plan needs -bench: it says how long that would take")
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "poolbench:", err)
		if ctx.Err() != nil {
			return 1
		}
		return 2
	}
	if options.Plan {
		line, ok := current.Estimate()
		fmt.Println(line)
		if !ok {
			return 1
		}
		return 0
	}
	status := m.Run()
	if current != nil {
		status = max(status, current.End(os.Stderr))
	}
	return status
}

// begin plans the run, on a target that is there.
func begin(ctx context.Context) (*session.Session, error) {
	c := session.Config{
		Options: &options, Name: "BenchmarkTransfer", Flags: flag.CommandLine, Out: os.Stdout, Terminal: terminal(),
	}
	if options.Target != "" {
		var addresses []target.Address
		for _, t := range options.Targets() {
			addresses = append(addresses, target.Address{
				Addr: options.Wire.Address(t.Addr), Label: t.Label, Pool: options.TargetPool, Workers: options.TargetWorkers,
				Idle: options.OpTimeout, Wait: options.TargetWait,
			})
		}
		remotes, err := target.FindAll(ctx, addresses)
		if err != nil {
			return nil, err
		}
		c.Remote, c.Target = remotes, remotes
		return session.New(ctx, c)
	}
	results := options.Results
	if options.Plan {
		results = "" // a plan leaves nothing there
	}
	c.Target = &target.Fleet{
		Base: options.Base(), Commands: options.Commands, Storage: options.Storage, Discard: options.Discard, WorkerGOMAXPROCS: options.WorkerGOMAXPROCS, LogFile: target.Log(results),
	}
	return session.New(ctx, c)
}

// terminal returns where progress is drawn. With -v there is none: the testing package
// writes a row's name before it is measured, and progress would overwrite that line.
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

// usage lists our flags if the user asked for help. After a mistake the error says more
// than the list.
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

// BenchmarkTransfer runs the passes and leaves the rows to the session. With -benchtime or
// -count the testing package sets the pace and writes them.
func BenchmarkTransfer(b *testing.B) {
	current.Head()
	if !options.Paced {
		current.Run()
		b.SkipNow() // otherwise testing prints a row for it
	}
	begun := false
	for _, cell := range current.Cells() {
		if current.Over() {
			break
		}
		begun = true
		b.Run(cell.String(), func(b *testing.B) { transfer(b, cell) })
	}
	if !begun {
		b.SkipNow()
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
	//lint:ignore SA3001 a cell that ends early has iterated without a round
	b.N = len(result.Rounds)
}
