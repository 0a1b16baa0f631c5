package main

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"poolbench/bench/analysis"
	"poolbench/bench/journal"
	"poolbench/bench/report"
	"poolbench/bench/report/figure"
	"poolbench/bench/report/page"
	"poolbench/protocol"
)

// The formats outside package report.
const (
	labCSV = "lab-csv" // needs a language
	html   = "html"
	svg    = "svg" // needs a plot
)

// listPlots is the value of --plot that lists all names.
const listPlots = "list"

// reportCall holds the flags and arguments of report.
type reportCall struct {
	dirs                          []string
	format, language, plot, serve string
}

func newReport() *cobra.Command {
	var call reportCall
	var names []string
	for _, f := range call.formats() {
		names = append(names, f.Name)
	}
	cmd := &cobra.Command{
		Use:   "report DIR...",
		Short: "Write a table or a page of a run, or of several, from their samples",
		Long: `Writes a report of the last run in a results folder, from its samples.jsonl: every
planned cell, with the reasons for failed and skipped ones, the effects of the pools,
and the verdict. It also works during the run.

Several folders make one report of the cells of all, for example of a server that was
started again for each number of workers. It names each run and what differs. Only
visits of the same run are compared. Visits to a cell that several runs measured are
added up. Runs of different machines, or with other flags for how cells are measured,
are refused.

Formats: text and markdown for people; verdict for the verdict only; html for a
self-contained page with plots, svg for one of its plots; json and csv for programs,
csv with the cells only; lab-csv for the table that labs ask for.

With --serve the page is served until Ctrl-C, and follows the run.

Exit status: 0 if the report was written, 1 if not, 2 for a usage error.`,
		Example: "  poolbench report results --format html > report.html\n  poolbench report results --serve 127.0.0.1:8000\n" +
			"  poolbench report results/workers1 results/workers5 --format lab-csv --lang id > hasil.csv",
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return fmt.Errorf("report wants one DIR or more: see %s --help", cmd.CommandPath())
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			call.dirs = args
			if call.plot != "" && !cmd.Flags().Changed("format") {
				call.format = svg // the only format of plots
			}
			if err := call.check(names, cmd.Flags().Changed); err != nil {
				return err
			}
			if call.serve != "" {
				return fail(serveReport(cmd.Context(), cmd.ErrOrStderr(), call.serve, call.dirs[0]))
			}
			return fail(call.write(cmd.OutOrStdout()))
		},
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return nil, cobra.ShellCompDirectiveFilterDirs
		},
	}
	cmd.Flags().StringVar(&call.format, "format", "text", "the `format`: "+strings.Join(names, ", "))
	cmd.Flags().StringVar(&call.language, "lang", "en", "the `language` of "+labCSV+": "+strings.Join(report.Languages(), ", "))
	cmd.Flags().StringVar(&call.plot, "plot", "", "the `name` of the plot for "+svg+", or "+listPlots)
	cmd.Flags().StringVar(&call.serve, "serve", "", "serve the page at `host:port`")
	complete(cmd, "format", names)
	complete(cmd, "lang", report.Languages())
	return cmd
}

// formats returns all formats. Some of those outside package report depend on other flags.
func (c *reportCall) formats() []report.Format {
	return append(report.Formats(),
		report.Format{Name: labCSV, Write: func(w io.Writer, a *analysis.Analysis) error { return report.Lab(w, a, c.language) }},
		report.Format{Name: html, Write: page.Write},
		report.Format{Name: svg, Write: func(w io.Writer, a *analysis.Analysis) error { return writePlot(w, a, c.plot) }},
	)
}

// check rejects wrong combinations of flags.
func (c *reportCall) check(names []string, given func(flag string) bool) error {
	if err := checkWord("format", c.format, names); err != nil {
		return err
	}
	if err := checkWord("lang", c.language, report.Languages()); err != nil {
		return err
	}
	switch {
	case given("lang") && c.format != labCSV:
		return errors.New("--lang is for --format=" + labCSV + "; the others are in English")
	case c.format == svg && c.plot == "":
		return errors.New("--format=" + svg + " needs the name of a plot: --plot " + listPlots + " writes all names")
	case c.plot != "" && c.format != svg:
		return errors.New("--plot is for --format=" + svg)
	case c.serve != "" && given("format"):
		return errors.New("--serve always shows the page: leave out --format")
	case c.serve != "" && len(c.dirs) > 1:
		return errors.New("--serve follows one run: give one DIR, or write the page of all with --format=" + html)
	}
	if given("serve") {
		if err := protocol.CheckAddr(c.serve); err != nil {
			return fmt.Errorf("--serve=%w", err)
		}
	}
	return nil
}

func (c *reportCall) write(w io.Writer) error {
	run, err := journal.ReadAll(c.dirs...)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(c.formats(), func(f report.Format) bool { return f.Name == c.format })
	return c.formats()[i].Write(w, analysis.New(run))
}

// writePlot writes a plot of a run, or the names of all plots.
func writePlot(w io.Writer, a *analysis.Analysis, name string) error {
	figures := figure.All(a)
	if name == listPlots {
		for _, f := range figures {
			if _, err := fmt.Fprintln(w, f.Name); err != nil {
				return err
			}
		}
		return nil
	}
	i := slices.IndexFunc(figures, func(f figure.Figure) bool { return f.Name == name })
	if i < 0 {
		return fmt.Errorf("--plot=%q is none of the run's %d plots: --plot %s writes their names", name, len(figures), listPlots)
	}
	return figures[i].SVG(w)
}
