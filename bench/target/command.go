package target

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"time"

	"poolbench/bench/client"
	"poolbench/bench/internal/guard"
	"poolbench/bench/internal/proc"
	"poolbench/bench/measure"
	"poolbench/bench/plan"
	"poolbench/server/child"
)

// host is where servers of commands listen.
const host = "127.0.0.1"

// provideIdle bounds how long an upload of a fixture to a command's server may stall.
const provideIdle = 30 * time.Second

// guarded is a server that a command runs.
type guarded struct {
	*guard.Process
	name string
}

// Stop implements process. How a server ends that was told to is its own affair.
func (g guarded) Stop() error {
	died := false
	select {
	case <-g.Done():
		died = true
	default:
	}
	if end := g.Process.Stop(); died { // in any case: its guard may still remove its files
		return fmt.Errorf("%s died: %v", g.name, end)
	}
	return nil
}

// startCommand starts a server by its command, and returns when it listens.
func (f *Fleet) startCommand(ctx context.Context, command plan.Command, workers int) (*running, error) {
	port, err := freePort()
	if err != nil {
		return nil, err
	}
	// A server may leave the current folder, so its paths are absolute.
	log, err := filepath.Abs(f.logOf(command.Name))
	if err != nil {
		return nil, err
	}
	values := plan.Placeholders{Host: host, Port: port, Workers: workers, Log: log}
	var (
		storage *child.Storage
		own     string // the server's own folder
	)
	if command.Has(plan.StoragePlaceholder) {
		if own, err = os.MkdirTemp(f.Storage, "poolbench-storage-"); err != nil {
			return nil, err
		}
		if values.Storage, err = makeStorage(own); err != nil {
			return nil, errors.Join(err, os.RemoveAll(own))
		}
		storage = child.NewStorage(values.Storage)
	}
	process, err := guard.Start(guard.Config{
		Name: command.Name, Args: values.Replace(command.Words), Env: values.Replace(command.Env), Log: f.LogFile,
		Ready: command.Ready, Signal: command.Signal, Grace: command.Grace, Remove: own,
	})
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(own)) // empty is no folder
	}
	if err := awaitReady(ctx, process, command, port); err != nil {
		return nil, err
	}
	addr := command.Wire.Address(net.JoinHostPort(host, fmt.Sprint(port)))
	s := &running{process: guarded{process, command.Name}, storage: storage, provided: newProvider(addr, provideIdle)}
	s.Target = measure.Target{Addr: addr, Processes: process.Tree(), Ended: process.Done(), End: func() string { return process.End().String() }}
	if storage != nil {
		s.Reset = storage.Empty
	}
	if stats, err := client.Stats(ctx, addr); err == nil {
		s.HasStats = true
		s.Note(contradiction(command.Name, workers, stats.Workers))
	}
	return s, nil
}

// makeStorage makes the folder for a server's files in its own folder, which is for what it
// keeps besides. A server that root starts may give up root, so everyone may write to both
// then, as to the temporary folder.
func makeStorage(own string) (dir string, err error) {
	if dir, err = filepath.Abs(filepath.Join(own, "files")); err != nil {
		return "", err
	}
	if err := os.Mkdir(dir, 0o700); err != nil || os.Geteuid() != 0 {
		return dir, err
	}
	const everyone = os.ModeSticky | 0o777
	return dir, errors.Join(os.Chmod(own, everyone), os.Chmod(dir, everyone))
}

// contradiction returns a note if a server says that it has another number of workers than
// its command was given.
func contradiction(name string, asked, says int) string {
	if asked == says {
		return ""
	}
	return fmt.Sprintf("%s was asked for %d workers and says that it has %d", name, asked, says)
}

// freePort returns a port that nobody listens on.
func freePort() (int, error) {
	listener, err := net.Listen("tcp", net.JoinHostPort(host, "0"))
	if err != nil {
		return 0, err
	}
	defer listener.Close()
	return listener.Addr().(*net.TCPAddr).Port, nil
}

// readyStep is how often a server is looked at until it listens.
const readyStep = 5 * time.Millisecond

// awaitReady returns when the server listens on its port and has said that it is ready, if
// its command has a word for that. Otherwise it ends the server and says what was missing.
// It looks for the socket instead of connecting, because a connection that says nothing is
// a client to some servers.
func awaitReady(ctx context.Context, process *guard.Process, command plan.Command, port int) error {
	ctx, cancel := context.WithTimeout(ctx, command.Start)
	defer cancel()
	ready := process.Ready()
	if command.Ready == "" {
		said := make(chan struct{})
		close(said)
		ready = said
	}
	var missing error
	select {
	case <-ready:
		missing = awaitPort(ctx, process, port)
	case <-process.Done():
	case <-ctx.Done():
		missing = fmt.Errorf("no line of its output matched %q within %v", command.Ready, command.Start)
	}
	if missing == nil {
		select {
		case <-process.Done():
			return fmt.Errorf("%s ended before it was ready: %v", command.Name, process.Stop())
		default:
			return nil
		}
	}
	if errors.Is(missing, context.DeadlineExceeded) {
		missing = fmt.Errorf("nothing listens on %s:%d after %v%s", host, port, command.Start, elsewhere(process.Tree()))
	}
	return fmt.Errorf("%s is not ready: %w; %v", command.Name, missing, process.Stop())
}

// awaitPort returns when a process listens on the port, nil also if the server has ended.
func awaitPort(ctx context.Context, process *guard.Process, port int) error {
	look := time.NewTicker(readyStep)
	defer look.Stop()
	for {
		if ports, err := proc.Listening(); err != nil || ports[port] {
			return err
		}
		select {
		case <-process.Done():
			return nil
		case <-ctx.Done():
			return ctx.Err()
		case <-look.C:
		}
	}
}

// elsewhere says on which other ports the processes listen.
func elsewhere(tree proc.Tree) string {
	ports, err := tree.Listening()
	if err != nil || len(ports) == 0 {
		return ""
	}
	return fmt.Sprintf(", and it listens on %v", ports)
}
