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

// unitsFlag is the name of a flag of both compare and gate.
const unitsFlag = "unit"

func newCompare() *cobra.Command {
	var (
		format  string
		options compare.Options
	)
	var names []string
	for _, f := range compare.Formats() {
		names = append(names, f.Name)
	}
	cmd := &cobra.Command{
		Use:   "compare BASE NEW",
		Short: "Compare two runs of the benchmark, cell by cell",
		Long: `Compares two runs of the benchmark. For each cell and unit it shows both medians,
the change from BASE to NEW in percent with its 95 % interval, the p-value, and a
word: better, worse, ~ (these values show no difference), too few (they could not
show any), equal (all values are the same).

BASE and NEW are results folders or files with the output of go test -bench. A
value is one visit of the folder's last run (one round, if that was run with
-benchtime or -count), or one line of the file. Folders are not compared with files.
A value with a failed op has only fail/op, and a quantile needs enough clients.

The change is the Hodges–Lehmann estimate. It is tested by ranks, with the test of
Mann–Whitney or, with --paired, of Wilcoxon. The words use p-values corrected by
Holm for the number of rows. The values of a side count as independent of each
other, and every change includes what the machine did between the two runs. Differences
between the machines or flags of the runs are listed above the table.

Exit status: 0 if the table was written, 1 if not, 2 for a usage error.`,
		Example: "  poolbench compare results/before results/after --unit ns/op,MB/s\n  poolbench compare before.txt after.txt --format markdown",
		Args:    baseAndNew,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := checkWord("format", format, names); err != nil {
				return err
			}
			if err := checkUnits(cmd, options.Units); err != nil {
				return err
			}
			return fail(writeComparison(cmd.OutOrStdout(), args, format, options))
		},
		ValidArgsFunction: files(2),
	}
	registerComparison(cmd, &options.Units, &options.Paired, "the `units` to compare (default all that both have)")
	cmd.Flags().StringVar(&format, "format", "text", "the `format`: "+strings.Join(names, ", "))
	complete(cmd, "format", names)
	return cmd
}

// registerComparison defines the flags of both compare and gate.
func registerComparison(cmd *cobra.Command, units *[]string, paired *bool, usage string) {
	cmd.Flags().StringSliceVar(units, unitsFlag, nil, usage)
	cmd.Flags().BoolVar(paired, "paired", false, "pair the first value of a cell in BASE with the first in NEW, and so on, for runs that took turns")
	noFiles(cmd, unitsFlag)
}

// checkUnits rejects units that cannot exist.
func checkUnits(cmd *cobra.Command, units []string) error {
	if cmd.Flags().Changed(unitsFlag) && (len(units) == 0 || slices.Contains(units, "")) {
		return errors.New("--unit has an empty unit: write units like ns/op,MB/s")
	}
	for i, unit := range units {
		if slices.Contains(units[:i], unit) {
			return fmt.Errorf("--unit has %s twice", unit)
		}
	}
	return nil
}

// baseAndNew accepts exactly two arguments.
func baseAndNew(cmd *cobra.Command, args []string) error {
	if len(args) != 2 {
		return fmt.Errorf("%s wants BASE and NEW, two arguments, and got %d: see %s --help", cmd.Name(), len(args), cmd.CommandPath())
	}
	return nil
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
