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

// verdict is the exit status of a gate that did not pass and has printed why.
type verdict compare.Status

func (v verdict) Error() string { return fmt.Sprintf("exit status %d", int(v)) }

// share is the value of a flag that takes a share.
type share float64

func (s *share) Set(text string) error {
	number, percent := strings.CutSuffix(strings.TrimSpace(text), "%")
	value, err := strconv.ParseFloat(strings.TrimSpace(number), 64)
	if percent {
		value /= 100
	}
	// Without a percent sign, 10 would be ten times as long, which nobody means.
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
		Long: `Decides for a script or CI whether NEW is worse than BASE, and prints why. BASE and
NEW are as for compare.

NEW is worse if a unit of a cell is worse by more than --max-regression, as
estimated, and significantly so at 0.05, corrected by Holm for all cells × units of
the gate; or if more ops of a cell fail per round than before; or if a cell that had
values has none. "Worse by 10 %" means that the same work takes 10 % longer, also
for a rate, which then falls to 1/1.1.

--selftest shows that a gate works with values like those of BASE, or with recorded
ones: with BASE on both sides it must not fire, and with all gated values slowed by
the factor 1 + 2 × --max-regression it must.

Exit status:
  0  no regression was shown, which does not mean that there is none
  1  no decision, because a file could not be read; or the self-test failed
  2  usage error
  3  NEW is worse
  4  some cell has too few values to find any regression; the output says how many
     are enough
  5  the inputs do not match: different cells, machines or configurations (except
     commit, program and the target's version), kinds of values, or numbers of pairs
If several apply, 5 takes precedence over 3, and 3 over 4.`,
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
				return fail(writeSelftest(cmd.OutOrStdout(), args, options))
			}
			return fail(writeVerdict(cmd.OutOrStdout(), args, options))
		},
		ValidArgsFunction: files(2),
	}
	registerComparison(cmd, &options.Units, &options.Paired, "the `units` to gate (default ns/op, the makespan)")
	cmd.Flags().Var(&limit, "max-regression", "how much longer the same work may take, a `share` like 10% or 0.1")
	cmd.Flags().BoolVar(&selftest, "selftest", false, "show that a gate works, with the values of BASE or with recorded ones")
	noFiles(cmd, "max-regression")
	return cmd
}

func writeVerdict(w io.Writer, args []string, options compare.GateOptions) error {
	base, next, err := readBoth(args)
	if err != nil {
		return err
	}
	decided, err := compare.Gate(base, next, options)
	if err != nil {
		return err
	}
	if err := writeLines(w, decided.Lines); err != nil {
		return err
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
		return err
	}
	lines, ok, err := compare.Selftest(in, options)
	if err != nil {
		return err
	}
	if err := writeLines(w, lines); err != nil {
		return err
	}
	if !ok {
		return errors.New("the self-test failed: the gate does not work with these values")
	}
	return nil
}

func writeLines(w io.Writer, lines []string) error {
	_, err := io.WriteString(w, strings.Join(append(lines, ""), "\n"))
	return err
}
