package page

import (
	"html/template"
	"slices"

	"poolbench/bench"
	"poolbench/bench/analysis"
	"poolbench/bench/report/figure"
)

// section is a part of the page, most often a group of figures.
type section struct {
	ID, Title, Says string
	Folded          bool
	Bare            bool // it has no figures, but a table
	Figures         []drawn
	Legend          []figure.Key
	Notes           []string // of all its figures
}

// drawn is a figure as the page shows it. Its notes are those that not all have.
type drawn struct {
	figure.Figure
	SVG template.HTML
}

// The sections that are no groups of figures.
const (
	enoughSection    = "enough"
	referenceSection = "reference"
)

// parts are the sections between the verdict and the table of cells, in their order.
var parts = []section{
	{ID: figure.Effects, Title: "Effects", Says: "A pool against the base over all points of an op, and over those of one level. In a pass the pools of a point are visited next to each other: each visit to both is a ratio, and an effect is what many of them have in common. Bars are 95 % intervals; one that reaches the edge goes on."},
	{ID: figure.Ratio, Title: "Pool against pool", Says: "Every point by itself, with its 95 % interval. The dotted line is the effect on all of the op; a point stands out, in the colour of the pool that is ahead, if it differs from that after correction for all points. Each leads to its row in the table."},
	{ID: enoughSection, Title: "Enough workers", Bare: true},
	{ID: figure.Workers, Title: "Throughput over workers", Says: "How many workers the load wants: median over the rounds, with 95 % intervals. The guides are linear scaling from the fewest workers, and the best round of the op in this run."},
	{ID: figure.Clients, Title: "Throughput over clients", Says: "What more clients at once do to the same server: the same medians.", Folded: true},
	{ID: figure.Latency, Title: "Latency", Says: "How the latency of an op is distributed, connect to verified end. Panels in a row have one logarithmic axis.", Folded: true},
	{ID: figure.Queue, Title: "The queue", Says: "Every client of the round with the median makespan: how long it waited for a worker, and how long its transfer took. With fewer workers than clients it comes in waves. Panels in a row have one axis.", Folded: true},
	{ID: figure.Cost, Title: "What it cost", Says: "CPU time for each GB, which is 10⁹ wire bytes of ops that succeeded, over the rounds in which nothing stood still; and peak memory of all processes of a side together."},
	{ID: figure.Stability, Title: "Stability", Says: "Makespans of the rounds in the order in which they were measured. A halo is a warning. A cross is a round without a makespan to compare, as an op failed or something stood still.", Folded: true},
	{ID: referenceSection, Title: "Against the reference table", Bare: true},
}

// sectionsOf draws the figures. What all of a section have to note is written once.
func sectionsOf(figures []figure.Figure, a *analysis.Analysis) []section {
	sections := slices.Clone(parts)
	for i := range sections {
		s := &sections[i]
		if s.ID == enoughSection {
			s.Says = enoughSays(a)
		}
		of := slices.DeleteFunc(slices.Clone(figures), func(f figure.Figure) bool { return f.Group != s.ID })
		if len(of) == 0 {
			continue
		}
		s.Legend, s.Notes = figure.Legend(of), slices.Clone(of[0].Notes)
		for _, f := range of {
			s.Notes = slices.DeleteFunc(s.Notes, func(note string) bool { return !slices.Contains(f.Notes, note) })
		}
		for _, f := range of {
			f.Notes = slices.DeleteFunc(slices.Clone(f.Notes), func(note string) bool { return slices.Contains(s.Notes, note) })
			s.Figures = append(s.Figures, drawn{f, f.Inline(func(c bench.Cell) string { return "#" + anchor(c) })})
		}
	}
	return sections
}
