package page

import (
	"bytes"
	"fmt"
	"html/template"

	"poolbench/bench/analysis"
	"poolbench/bench/report/figure"
)

// section is a part of the page, most often a group of figures.
type section struct {
	ID, Title, Says string
	Folded          bool
	Bare            bool // it has no figures, but a table
	Figures         []drawn
}

// drawn is a figure as the page shows it.
type drawn struct {
	figure.Figure
	SVG template.HTML
}

// The sections that are no groups of figures.
const (
	heatSection   = "heat"
	enoughSection = "enough"
)

// parts are the sections between the verdict and the table of cells, in their order.
var parts = []section{
	{ID: figure.Effects, Title: "Effects", Says: "A pool against the base over all points of an op, and over those of one level. In a pass the pools of a point are visited next to each other: each visit to both is a ratio, and an effect is what many of them have in common."},
	{ID: heatSection, Title: "Heat map", Bare: true},
	{ID: figure.Ratio, Title: "Pool against pool", Says: "The same points with their 95 % intervals. The dotted line is the effect on all of the op."},
	{ID: enoughSection, Title: "Enough workers", Bare: true},
	{ID: figure.Workers, Title: "Throughput over workers", Says: "How many workers the load wants: median over the rounds, with 95 % intervals. The dashed guides are linear scaling from the fewest workers, and the best round of this run for the op."},
	{ID: figure.Clients, Title: "Throughput over clients", Says: "What more clients at once do to the same server.", Folded: true},
	{ID: figure.Latency, Title: "Latency", Says: "How the latency of an op is distributed, on a logarithmic axis: connect to verified end.", Folded: true},
	{ID: figure.Queue, Title: "The queue", Says: "Every client of the median round: how long it waited for a worker, and how long its transfer took. With fewer workers than clients it comes in waves.", Folded: true},
	{ID: figure.Cost, Title: "What it cost", Says: "CPU time for each gigabyte on the wire, and peak memory, of both sides."},
	{ID: figure.Stability, Title: "Stability", Says: "Makespans of the rounds in the order in which they were measured. A ring is a warning, and a cross a round without a makespan to compare.", Folded: true},
	{ID: figure.Reference, Title: "Against the reference table"},
}

func sectionsOf(figures []figure.Figure, a *analysis.Analysis) ([]section, error) {
	var sections []section
	for _, s := range parts {
		if s.ID == enoughSection {
			s.Says = enoughSays(a)
		}
		for _, f := range figures {
			if f.Group != s.ID {
				continue
			}
			var svg bytes.Buffer
			if err := f.SVG(&svg); err != nil {
				return nil, fmt.Errorf("page: figure %s: %w", f.Name, err)
			}
			s.Figures = append(s.Figures, drawn{Figure: f, SVG: template.HTML(svg.String())})
		}
		sections = append(sections, s)
	}
	return sections, nil
}
