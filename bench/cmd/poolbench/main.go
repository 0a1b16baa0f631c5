// Command poolbench moves single files to and from a server of the benchmark's
// wire, writes reports of what the benchmark has kept, and compares two runs of it:
//
//	poolbench put FILE --addr lab.example:8889
//	poolbench get NAME --addr lab.example:8889 --output FILE
//	poolbench report results --format markdown
//	poolbench compare results/before results/after
//	poolbench gate results/before results/after --max-regression 10%
//
// A file counts as moved when its last byte has been verified; see the help of
// either for how. On a terminal standard error shows a bar with rate and time
// left; standard output has one line at the end. A transfer that breaks off is
// not resumed.
//
// The exit status is 0 when the file has been moved and verified or the report
// written, 1 when not, with the reason in one line on standard error, and 2 when
// poolbench was called wrongly, in which case nothing was begun. That of gate is 0
// when no regression was shown, 3 when one was, 4 when the values are too few to show
// one, 5 when the inputs are not of the same thing, 1 when it could not be decided,
// and 2 as for the others.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	status := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(status)
}

// failure is an error of a call that was right. All others are the caller's.
type failure struct{ err error }

func (f *failure) Error() string { return f.err.Error() }
func (f *failure) Unwrap() error { return f.err }

// fail makes a failure of an error, if it is one.
func fail(err error) error {
	if err == nil {
		return nil
	}
	return &failure{err}
}

// run returns the exit status.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	root := &cobra.Command{
		Use:   "poolbench",
		Short: "Move single files on the benchmark's wire, and report and compare what it has measured",
		Long: `Moves single files to and from a server of the benchmark's wire, writes reports
of what the benchmark has kept, and compares two runs of it.

Exit status: 0 when that was done, and files verified, 1 when it was not, 2 when
the call was wrong. gate has others, too: see its help.`,
		SilenceErrors: true, SilenceUsage: true, DisableSuggestions: true,
	}
	root.AddCommand(newPut(), newGet(), newReport(), newCompare(), newGate())
	root.SetArgs(args)
	root.SetOut(stdout)
	root.SetErr(stderr)
	err := root.ExecuteContext(ctx)
	if err == nil {
		return 0
	}
	var decided verdict
	if errors.As(err, &decided) {
		return int(decided)
	}
	fmt.Fprintln(stderr, "poolbench:", err)
	var failed *failure
	if errors.As(err, &failed) {
		return 1
	}
	return 2
}

// one wants one argument.
func one(what string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) != 1 {
			return fmt.Errorf("%s wants one %s and got %d: see %s --help", cmd.Name(), what, len(args), cmd.CommandPath())
		}
		return nil
	}
}
