package main

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"poolbench/bench/compare"
)

// unitsFlag is the flag that compare and gate share.
const unitsFlag = "unit"

func newCompare() *cobra.Command {
	var (
		format  string
		options compare.Options
	)
	names := compareFormatNames()
	cmd := &cobra.Command{
		Use:   "compare BASE NEW",
		Short: "Compare two runs of the benchmark, cell by cell",
		Long: `Compares two runs of the benchmark: for each cell and unit both medians, the
change from BASE to NEW in percent with its 95 % interval, the p-value, and a word:
better, worse, ~ (no difference that these values can show), too few (nor could
they show any), equal (all values are the same).

BASE and NEW are folders of results, of which every round of the last run is a
value, or files of what go test -bench has printed, of which every line is one. A
round with a failed op has only fail/op, and a quantile takes as many clients as it
needs. Rounds and lines are not compared with each other.

The change is the Hodges–Lehmann estimate, tested by ranks: Mann–Whitney's test, or
Wilcoxon's with --paired. The words go by p-values that are corrected, by Holm, for
the number of rows. The values of a side are taken as independent of each other,
and what the machine did between the two runs is in every change. In what else the
runs differ, their machine or their flags, is said above the table.

Exit status: 0 when the table is written, 1 when it is not, 2 when the call was
wrong.`,
		Example: "  poolbench compare results/before results/after --unit ns/op,MB/s\n  poolbench compare before.txt after.txt --format markdown",
		Args:    baseAndNew,
		RunE: func(cmd *cobra.Command, args []string) error {
			if !slices.Contains(names, format) {
				return fmt.Errorf("--format=%q is unknown; known are %s", format, strings.Join(names, ", "))
			}
			if err := checkUnits(cmd, options.Units); err != nil {
				return err
			}
			return fail(writeComparison(cmd.OutOrStdout(), args, format, options))
		},
		ValidArgsFunction: twoPaths,
	}
	registerComparison(cmd, &options.Units, &options.Paired, "the `units` to compare (default all that both have)")
	cmd.Flags().StringVar(&format, "format", "text", "the `format`: "+strings.Join(names, ", "))
	if err := cmd.RegisterFlagCompletionFunc("format", cobra.FixedCompletions(names, cobra.ShellCompDirectiveNoFileComp)); err != nil {
		panic(err) // there is no such flag
	}
	return cmd
}

// registerComparison defines the flags that compare and gate share.
func registerComparison(cmd *cobra.Command, units *[]string, paired *bool, usage string) {
	cmd.Flags().StringSliceVar(units, unitsFlag, nil, usage)
	cmd.Flags().BoolVar(paired, "paired", false, "the first value of a cell in BASE belongs to the first in NEW, and so on, as if measured in turns")
	noFiles(cmd, unitsFlag)
}

// checkUnits finds units that nothing can have.
func checkUnits(cmd *cobra.Command, units []string) error {
	if cmd.Flags().Changed(unitsFlag) && (len(units) == 0 || slices.Contains(units, "")) {
		return errors.New("--unit has an empty one in it: write units like ns/op,MB/s")
	}
	for i, unit := range units {
		if slices.Contains(units[:i], unit) {
			return fmt.Errorf("--unit has %s twice", unit)
		}
	}
	return nil
}

// baseAndNew wants two arguments.
func baseAndNew(cmd *cobra.Command, args []string) error {
	if len(args) != 2 {
		return fmt.Errorf("%s wants BASE and NEW, two arguments, and got %d: see %s --help", cmd.Name(), len(args), cmd.CommandPath())
	}
	return nil
}

// twoPaths completes files and folders.
func twoPaths(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	if len(args) > 1 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	return nil, cobra.ShellCompDirectiveDefault
}

func compareFormatNames() []string {
	var names []string
	for _, f := range compare.Formats() {
		names = append(names, f.Name)
	}
	return names
}

func writeComparison(w io.Writer, args []string, format string, options compare.Options) error {
	base, next, err := readBoth(args)
	if err != nil {
		return err
	}
	table, err := compare.Compare(base, next, options)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(compare.Formats(), func(f compare.Format) bool { return f.Name == format })
	return compare.Formats()[i].Write(w, table)
}

func readBoth(paths []string) (base, next *compare.Input, err error) {
	if base, err = compare.Read(paths[0]); err != nil {
		return nil, nil, err
	}
	next, err = compare.Read(paths[1])
	return base, next, err
}
