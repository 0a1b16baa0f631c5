// Command poolbench moves single files to and from a server that speaks the benchmark's
// protocol, writes reports of runs, and compares two of them:
//
//	poolbench put FILE --addr lab.example:8889
//	poolbench get NAME --addr lab.example:8889 --output FILE
//	poolbench report results --format markdown
//	poolbench compare results/before results/after
//	poolbench gate results/before results/after --max-regression 10%
//
// A file counts as moved when its last byte has been verified; the help of put and get says
// how. On a terminal a bar on standard error shows rate and time left. Standard output gets
// one line at the end. An interrupted transfer is not resumed.
//
// The exit status is 0 if the command did its work and verified it, 1 if not, with the
// reason in one line on standard error, and 2 for a usage error, before anything is begun.
// That of gate is 0 if no regression was shown, 3 if one was, 4 if the values are too few
// to show one, 5 if the inputs do not match, 1 if there was no decision, and 2 as for the
// others.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"

	"github.com/spf13/cobra"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	status := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(status)
}

// failure marks the error of a correct call. All other errors are usage errors.
type failure struct{ err error }

func (f *failure) Error() string { return f.err.Error() }
func (f *failure) Unwrap() error { return f.err }

// fail marks an error as a failure. It returns nil for nil.
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
		Short: "Move single files with the benchmark's protocol, and report and compare its runs",
		Long: `Moves single files to and from a server that speaks the benchmark's protocol,
writes reports of a run, and compares two runs.

Exit status: 0 if the work was done and files were verified, 1 if not, 2 for a
usage error. gate has more: see its help.`,
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

// one accepts exactly one argument.
func one(what string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) != 1 {
			return fmt.Errorf("%s wants one %s and got %d: see %s --help", cmd.Name(), what, len(args), cmd.CommandPath())
		}
		return nil
	}
}

// files completes up to n arguments as files and folders.
func files(n int) cobra.CompletionFunc {
	return func(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
		if len(args) >= n {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		return nil, cobra.ShellCompDirectiveDefault
	}
}

// noFiles turns off the shell's file completion for flags that are not files.
func noFiles(cmd *cobra.Command, flags ...string) {
	for _, flag := range flags {
		complete(cmd, flag, nil)
	}
}

// complete makes the shell complete the words that a flag accepts.
func complete(cmd *cobra.Command, flag string, words []string) {
	if err := cmd.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(words, cobra.ShellCompDirectiveNoFileComp)); err != nil {
		panic(err) // the flag does not exist
	}
}

// checkWord rejects a word that a flag does not accept.
func checkWord(flag, word string, known []string) error {
	if !slices.Contains(known, word) {
		return fmt.Errorf("--%s=%q is unknown; known are %s", flag, word, strings.Join(known, ", "))
	}
	return nil
}
