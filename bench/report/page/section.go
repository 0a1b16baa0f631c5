package page

import (
	"fmt"
	"html/template"
	"slices"

	"poolbench/bench"
	"poolbench/bench/analysis"
	"poolbench/bench/report/figure"
	"poolbench/bench/stats"
)

// section is a part of the page. Most are groups of figures.
type section struct {
	ID, Title, Says string
	Folded          bool
	Bare            bool // it has no figures, but a table
	Figures         []drawn
	Legend          []figure.Key
}

// drawn is a figure as the page shows it.
type drawn struct {
	figure.Figure
	SVG template.HTML
}

// The sections that are not groups of figures.
const (
	workersSection   = "enough"
	referenceSection = "reference"
)

// parts are the sections between the verdict and the table of cells, in their order.
var parts = []section{
	{ID: figure.Effects, Title: "Effects", Says: "A pool against the base over all points of an op, and over those of one level. In a pass the pools of a point are visited next to each other: each visit to both is a ratio, and an effect is what many of them have in common. Bars are 95 % intervals; one that reaches the edge goes on."},
	{ID: figure.Ratio, Title: "Pool against pool", Says: "Every point by itself, with its 95 % interval. The dotted line is the effect on all of the op; a point stands out, in the colour of the pool that is ahead, if it differs from that after correction for all points. Each leads to its row in the table."},
	{ID: workersSection, Title: "Enough workers", Bare: true},
	{ID: figure.Workers, Title: "Throughput over workers", Says: fmt.Sprintf("How many workers the load wants: median over the rounds in which no op failed and nothing stood still, with its 95 %% interval where there are 6 of them. Of %d numbers of workers or more there is a fit of the Universal Scalability Law. The guides are linear scaling from the fewest workers, and the best round of the op in this run.", stats.USLNeeds)},
	{ID: figure.Clients, Title: "Throughput over clients", Says: "What more clients at once do to the same server: the same medians.", Folded: true},
	{ID: figure.Latency, Title: "Latency", Says: "How the latency of an op is distributed, connect to verified end. Ops that failed are missing at the top of a curve. Panels in a row have one logarithmic axis.", Folded: true},
	{ID: figure.Queue, Title: "The queue", Says: "Every client of the round with the median makespan: how long it waited for a worker, and how long its transfer took. With fewer workers than clients it comes in waves. Panels in a row have one axis.", Folded: true},
	{ID: figure.Cost, Title: "What it cost", Says: "CPU time for each GB, which is 10⁹ wire bytes of ops that succeeded, over the rounds in which nothing stood still; and peak memory of all processes of a side together."},
	{ID: figure.Stability, Title: "Stability", Says: fmt.Sprintf("Makespans of the rounds in the order in which they were measured; of more than %d of a pool, the shortest and the longest of each few in turn. A halo is a warning. A cross is a round without a makespan to compare, as an op failed or something stood still.", figure.RoundPoints), Folded: true},
	{ID: referenceSection, Title: "Against the reference table", Bare: true},
}

func sectionsOf(figures []figure.Figure, a *analysis.Analysis) []section {
	sections := slices.Clone(parts)
	for i := range sections {
		s := &sections[i]
		if s.ID == workersSection {
			s.Says = enoughSays(a)
		}
		of := slices.DeleteFunc(slices.Clone(figures), func(f figure.Figure) bool { return f.Group != s.ID })
		s.Legend = figure.Legend(of)
		for _, f := range of {
			s.Figures = append(s.Figures, drawn{f, f.Inline(func(c bench.Cell) string { return "#" + anchor(c) })})
		}
	}
	return sections
}
