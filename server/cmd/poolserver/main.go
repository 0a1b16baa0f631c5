// Command poolserver is the server for a lab. It stores the files that clients upload
// and sends the files they ask for, with a pool of your choice.
//
//	poolserver --pool process --workers 5 --storage /srv/files
//
// It listens on loopback by default and warns of any other address: the wire has neither
// authentication nor encryption. With --metrics it serves Prometheus metrics.
//
// Its messages are lines on standard error that begin with its name; they go to the log
// too if that is a file. The log has a line for each transfer. Without --log it is
// standard error.
//
// # Signals
//
//   - SIGINT and SIGTERM end it: it accepts no more connections, and transfers may go
//     on for --drain-timeout. A second signal cuts them off, and a third kills.
//   - SIGHUP reopens the log, for logrotate. It never ends the server.
//   - SIGUSR1 prints the table of the workers.
//   - SIGTTIN and SIGTTOU give a pool of processes one worker more or one fewer.
//
// # Exit status
//
//   - 0: a signal ended it, and no transfer was cut off.
//   - 1: it could not start, or failed while it served.
//   - 2: the call was wrong, and nothing was begun.
//   - 3: a signal ended it, and transfers were cut off by the drain timeout or a second
//     signal.
package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"poolbench/server"
)

// The exit statuses.
const (
	drained = iota
	failed
	misused
	cutOff
)

func main() {
	server.Main()
	// The server outlives the reader of its log.
	signal.Ignore(syscall.SIGPIPE)
	signals := make(chan os.Signal, 16)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGUSR1, syscall.SIGTTIN, syscall.SIGTTOU)
	os.Exit(run(os.Args[1:], signals, os.Stdout, os.Stderr))
}

// ending is an error with its exit status. Any other error means a wrong call.
type ending struct {
	status int
	err    error
}

func (e *ending) Error() string { return e.err.Error() }
func (e *ending) Unwrap() error { return e.err }

// fail returns an error as an ending; nil stays nil.
func fail(err error) error {
	if err == nil {
		return nil
	}
	return &ending{failed, err}
}

// run returns the exit status.
func run(args []string, signals <-chan os.Signal, stdout, stderr io.Writer) int {
	cmd := newCommand(signals)
	cmd.SetArgs(args)
	cmd.SetOut(stdout)
	cmd.SetErr(stderr)
	err := cmd.Execute()
	if err == nil {
		return drained
	}
	fmt.Fprintln(stderr, "poolserver:", strings.ReplaceAll(err.Error(), "\n", "; "))
	var end *ending
	if errors.As(err, &end) {
		return end.status
	}
	return misused
}

func newCommand(signals <-chan os.Signal) *cobra.Command {
	f := new(flags)
	cmd := &cobra.Command{
		Use:   "poolserver",
		Short: "Store and send files on the benchmark's wire, with a pool of your choice",
		Long: `Stores the files that clients upload and sends the files they ask for.

The wire has neither authentication nor encryption: whoever reaches the server can
read, store and overwrite files. So it listens on loopback unless --host says
otherwise.

Signals: SIGINT and SIGTERM end it. It accepts no more connections, and transfers may
go on for --drain-timeout; a second signal cuts them off. SIGHUP reopens the log.
SIGUSR1 prints the table of the workers. SIGTTIN and SIGTTOU give a pool of processes
one worker more or one fewer.

Exit status: 0 if a signal ended it and no transfer was cut off, 1 if it could not
start or failed while it served, 2 if the call was wrong, 3 if a signal ended it and
transfers were cut off.`,
		Example: `  poolserver --pool process --workers 5 --storage /srv/files
  poolserver --host 0.0.0.0 --log /var/log/poolserver.log --metrics 127.0.0.1:9090`,
		Args:              noArguments,
		ValidArgsFunction: cobra.NoFileCompletions,
		SilenceErrors:     true, SilenceUsage: true, DisableSuggestions: true,
		RunE: func(cmd *cobra.Command, _ []string) error {
			config, err := f.config(cmd)
			if err != nil {
				return err
			}
			s, err := start(f, config, cmd.ErrOrStderr())
			if err != nil {
				return err
			}
			return s.wait(signals)
		},
	}
	f.register(cmd)
	return cmd
}

func noArguments(_ *cobra.Command, args []string) error {
	if len(args) > 0 {
		return fmt.Errorf("it takes flags only, and not %q: see poolserver --help", args[0])
	}
	return nil
}
