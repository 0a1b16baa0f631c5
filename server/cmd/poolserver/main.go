// Command poolserver is the server for a lab: it stores the files that clients
// upload and sends the ones they ask for, with the pool that it is told to have.
//
//	poolserver --pool process --workers 5 --storage /srv/files
//
// It listens on loopback unless it is told otherwise, and warns if it is: the wire
// knows neither authentication nor encryption. With --metrics it tells Prometheus
// what it does.
//
// What it has to say to people, it says in lines on standard error that begin with
// its name, and in the log if that is a file. The log has a line for each
// transfer; without --log it is standard error too.
//
// # Signals
//
//   - SIGINT and SIGTERM end it: it takes no more connections, and lets transfers
//     end for as long as --drain-timeout says. A second one cuts them off at once,
//     and a third one kills.
//   - SIGHUP opens the log anew, for logrotate. It never ends the server.
//   - SIGUSR1 prints the table of the workers.
//   - SIGTTIN and SIGTTOU give a pool of processes one worker more or one fewer.
//
// # Exit status
//
//   - 0: it was ended by a signal, and every transfer ended as it would have.
//   - 1: it could not start, or failed while it served.
//   - 2: it was called wrongly, and began nothing.
//   - 3: it was ended by a signal, and transfers were cut off, because the drain
//     timeout ran out or a second signal came.
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
	// Whoever reads the log may go away. The server stays.
	signal.Ignore(syscall.SIGPIPE)
	signals := make(chan os.Signal, 16)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGUSR1, syscall.SIGTTIN, syscall.SIGTTOU)
	os.Exit(run(os.Args[1:], signals, os.Stdout, os.Stderr))
}

// ending is an error of a call that was right, with its exit status. All others
// are the caller's.
type ending struct {
	status int
	err    error
}

func (e *ending) Error() string { return e.err.Error() }
func (e *ending) Unwrap() error { return e.err }

// fail makes an ending of an error, if it is one.
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
		Long: `Stores the files that clients upload and sends the ones they ask for.

The wire knows neither authentication nor encryption: whoever reaches the server
can read, store and overwrite files. So it listens on loopback unless --host says
otherwise.

Signals: SIGINT and SIGTERM take no more connections and let transfers end for as
long as --drain-timeout says; a second one cuts them off at once. SIGHUP opens the
log anew. SIGUSR1 prints the table of the workers. SIGTTIN and SIGTTOU give a pool
of processes one worker more or one fewer.

Exit status: 0 when a signal ended it and every transfer ended as it would have,
1 when it could not start or failed while it served, 2 when the call was wrong,
3 when a signal ended it and transfers were cut off.`,
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
