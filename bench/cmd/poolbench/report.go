package main

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"poolbench/bench/journal"
	"poolbench/bench/report"
)

// labCSV is the format that has a language.
const labCSV = "lab-csv"

func newReport() *cobra.Command {
	var format, language string
	names := formatNames()
	cmd := &cobra.Command{
		Use:   "report DIR",
		Short: "Write a table of a run from what it has kept",
		Long: `Writes a table of the last run in a folder of results, from its samples.jsonl: a
line for every cell and every pair that was planned, with the reasons of what failed
and of what was skipped. It can be called while the run goes on.

Formats: text and markdown for people; json for programs, and csv, which has the
cells, and pairs-csv, which has the pairs; lab-csv for the table that labs hand in,
with the columns that they ask for, of the cells alone.

Exit status: 0 when the report is written, 1 when it is not, 2 when the call was
wrong.`,
		Example: "  poolbench report results --format markdown\n  poolbench report results --format lab-csv --lang id > hasil.csv",
		Args:    one("DIR"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if !slices.Contains(names, format) {
				return fmt.Errorf("--format=%q is unknown; known are %s", format, strings.Join(names, ", "))
			}
			if !slices.Contains(report.Languages(), language) {
				return fmt.Errorf("--lang=%q is unknown; known are %s", language, strings.Join(report.Languages(), ", "))
			}
			if cmd.Flags().Changed("lang") && format != labCSV {
				return errors.New("--lang is for --format=" + labCSV + "; the others are in English")
			}
			return fail(writeReport(cmd.OutOrStdout(), args[0], format, language))
		},
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return nil, cobra.ShellCompDirectiveFilterDirs
		},
	}
	cmd.Flags().StringVar(&format, "format", "text", "the `format`: "+strings.Join(names, ", "))
	cmd.Flags().StringVar(&language, "lang", "en", "the `language` of "+labCSV+": "+strings.Join(report.Languages(), ", "))
	for flag, words := range map[string][]string{"format": names, "lang": report.Languages()} {
		if err := cmd.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(words, cobra.ShellCompDirectiveNoFileComp)); err != nil {
			panic(err) // there is no such flag
		}
	}
	return cmd
}

func formatNames() []string {
	var names []string
	for _, f := range report.Formats() {
		names = append(names, f.Name)
	}
	return append(names, labCSV)
}

func writeReport(w io.Writer, dir, format, language string) error {
	run, err := journal.Read(dir)
	if err != nil {
		return err
	}
	if format == labCSV {
		return report.Lab(w, run, language)
	}
	i := slices.IndexFunc(report.Formats(), func(f report.Format) bool { return f.Name == format })
	return report.Formats()[i].Write(w, run)
}
