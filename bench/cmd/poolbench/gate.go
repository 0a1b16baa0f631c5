package main

import (
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"poolbench/bench/compare"
)

// verdict is the exit status of a gate that has said why.
type verdict compare.Status

func (v verdict) Error() string { return fmt.Sprintf("exit status %d", int(v)) }

// share is a flag that is a part of a whole.
type share float64

func (s *share) Set(text string) error {
	number, percent := strings.CutSuffix(strings.TrimSpace(text), "%")
	value, err := strconv.ParseFloat(strings.TrimSpace(number), 64)
	if percent {
		value /= 100
	}
	// 10 would be ten times as long, which nobody means who writes it.
	if err != nil || !(value > 0) || math.IsInf(value, 1) || !percent && value >= 1 {
		return errors.New("write a share above 0 like 10% or 0.1")
	}
	*s = share(value)
	return nil
}

func (s *share) String() string { return strconv.FormatFloat(100*float64(*s), 'g', 3, 64) + "%" }
func (s *share) Type() string   { return "share" }

func newGate() *cobra.Command {
	var (
		options  compare.GateOptions
		limit    share = 0.1
		selftest bool
	)
	cmd := &cobra.Command{
		Use:   "gate BASE NEW",
		Short: "Decide by the exit status whether a run is worse than another",
		Long: `Decides whether NEW is worse than BASE, for a script or a CI, and prints what
decided. BASE and NEW are what compare takes.

NEW is worse if in a cell a unit has got worse by more than --max-regression, as
estimated, and significantly so at 0.05, corrected by Holm for all cells × units of
the gate; or if in a cell more ops fail per round than before; or if a cell that had
values has none. How much worse a unit is, is how much longer the same work takes: a
rate that falls to 1/1.1 is worse by 10 %.

--selftest shows that a gate would work with such values as BASE has, or with some
that were recorded: with BASE on both sides it may not fire, and with all that is
gated slowed by 1 + 2 × --max-regression it has to.

Exit status:
  0  no regression was shown; which is not to say that there is none
  1  it could not be decided, as a file could not be read; a self-test failed
  2  the call was wrong
  3  NEW is worse
  4  there are too few values to find a regression in each cell, whatever it was; what
     it says is how many would suffice
  5  the inputs are not of the same thing: other cells, another machine or
     configuration (but for commit and program), rounds and lines, uneven pairs
If several hold, 5 stands before 3, and 3 before 4.`,
		Example: "  poolbench gate results/before results/after --max-regression 10%\n  poolbench gate --selftest results/before",
		Args: func(cmd *cobra.Command, args []string) error {
			switch {
			case !selftest:
				return baseAndNew(cmd, args)
			case len(args) > 1:
				return fmt.Errorf("gate --selftest wants BASE alone, or nothing, and got %d: see %s --help", len(args), cmd.CommandPath())
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := checkUnits(cmd, options.Units); err != nil {
				return err
			}
			options.MaxRegression = float64(limit)
			if selftest {
				return writeSelftest(cmd.OutOrStdout(), args, options)
			}
			return writeVerdict(cmd.OutOrStdout(), args, options)
		},
		ValidArgsFunction: twoPaths,
	}
	registerComparison(cmd, &options.Units, &options.Paired, "the `units` that are gated (default ns/op, the makespan)")
	cmd.Flags().Var(&limit, "max-regression", "how much longer the same work may take, a `share` like 10% or 0.1")
	cmd.Flags().BoolVar(&selftest, "selftest", false, "show that a gate would work, with the values of BASE or with some that were recorded")
	noFiles(cmd, "max-regression")
	return cmd
}

func writeVerdict(w io.Writer, args []string, options compare.GateOptions) error {
	base, next, err := readBoth(args)
	if err != nil {
		return fail(err)
	}
	decided, err := compare.Gate(base, next, options)
	if err != nil {
		return fail(err)
	}
	if err := writeLines(w, decided.Lines); err != nil {
		return fail(err)
	}
	if decided.Status != compare.Passed {
		return verdict(decided.Status)
	}
	return nil
}

func writeSelftest(w io.Writer, args []string, options compare.GateOptions) error {
	var (
		in  *compare.Input
		err error
	)
	if len(args) == 1 {
		in, err = compare.Read(args[0])
	} else {
		in, err = compare.Recorded()
	}
	if err != nil {
		return fail(err)
	}
	lines, ok, err := compare.Selftest(in, options)
	if err != nil {
		return fail(err)
	}
	if err := writeLines(w, lines); err != nil {
		return fail(err)
	}
	if !ok {
		return fail(errors.New("the self-test failed: such a gate would not work with these values"))
	}
	return nil
}

func writeLines(w io.Writer, lines []string) error {
	_, err := io.WriteString(w, strings.Join(append(lines, ""), "\n"))
	return err
}
