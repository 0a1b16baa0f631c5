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

// section is a part of the page. Most sections show a group of figures.
type section struct {
	ID, Title, Intro string
	Folded           bool
	Bare             bool // it has a table instead of figures
	Figures          []drawn
	Legend           []figure.Key
}

// drawn is a figure with its drawing.
type drawn struct {
	figure.Figure
	SVG template.HTML
}

// The sections that are not groups of figures.
const (
	workersSection   = "enough"
	referenceSection = "reference"
)

// parts are the sections between the verdict and the table of cells, in order.
var parts = []section{
	{ID: figure.Effects, Title: "Effects", Intro: "How each pool compares with the base. A pass visits the pools of a point one right after the other, which gives one ratio of throughputs; an effect pools many ratios. Bars are 95 % intervals. A bar that reaches the edge goes on beyond it."},
	{ID: figure.Ratio, Title: "Pool against pool", Intro: "Every point by itself, with its 95 % interval. The dotted line is the effect over the whole op. A point stands out if it differs from that effect after correction for all points; it then has the colour of the faster pool. Each point links to its row in the table."},
	{ID: workersSection, Title: "Enough workers", Bare: true},
	{ID: figure.Workers, Title: "Throughput over workers", Intro: fmt.Sprintf("How many workers the load wants. Each point is the median over the rounds in which no op failed and nothing stood still; with %d such rounds it has a 95 %% interval. With %d numbers of workers or more, the curve is a fit of the Universal Scalability Law. The guides are linear scaling from the fewest workers, and the best round of the op in this run.", stats.IntervalNeeds(), stats.USLNeeds)},
	{ID: figure.Clients, Title: "Throughput over clients", Intro: "The same medians, by the number of clients that load a server at once.", Folded: true},
	{ID: figure.Latency, Title: "Latency", Intro: "The distribution of the latency of an op, from connect to verified end. A curve ends below 100 % by the share of ops that failed. Panels in a row share a logarithmic axis.", Folded: true},
	{ID: figure.Queue, Title: "The queue", Intro: "Every client of the round with the median makespan: how long it waited for a worker, and how long its transfer took. If workers are fewer than clients, transfers come in waves. Panels in a row share an axis.", Folded: true},
	{ID: figure.Cost, Title: "What it cost", Intro: "CPU time per GB, which is 10⁹ wire bytes of ops that succeeded, over the rounds in which nothing stood still; and the peak memory of all processes of a side together."},
	{ID: figure.Stability, Title: "Stability", Intro: fmt.Sprintf("Makespans in the order of measuring. Of more than %d rounds of a pool, only the shortest and the longest of every few are drawn. A halo is a warning. A cross is a round whose makespan cannot be compared, because an op failed or something stood still.", figure.RoundPoints), Folded: true},
	{ID: referenceSection, Title: "Against the reference table", Bare: true},
}

func sectionsOf(figures []figure.Figure, a *analysis.Analysis) []section {
	sections := slices.Clone(parts)
	for i := range sections {
		s := &sections[i]
		if s.ID == workersSection {
			s.Intro = workersIntro(a)
		}
		of := slices.DeleteFunc(slices.Clone(figures), func(f figure.Figure) bool { return f.Group != s.ID })
		s.Legend = figure.Legend(of)
		for _, f := range of {
			s.Figures = append(s.Figures, drawn{f, f.Inline(func(c bench.Cell) string { return "#" + anchor(c) })})
		}
	}
	return sections
}
