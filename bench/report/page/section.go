package page

import (
	"bytes"
	"fmt"
	"html/template"

	"poolbench/bench/journal"
	"poolbench/bench/report/figure"
)

// section is a group of figures.
type section struct {
	ID, Title, Says string
	Folded          bool
	Figures         []drawn
}

// drawn is a figure as the page shows it.
type drawn struct {
	figure.Figure
	SVG template.HTML
}

// groups are the sections of figures, in their order.
var groups = []struct {
	group, title, says string
	folded             bool
}{
	{figure.Ratio, "Pool against pool", "By how much the throughput of one pool differs from that of the base, with 95 % intervals. Grey: the noise floor, where there is one.", false},
	{figure.Workers, "Throughput over workers", "How many workers the load wants: median over the rounds, with 95 % intervals. The dashed guides are linear scaling from the fewest workers, and the best round of this run for the op.", false},
	{figure.Clients, "Throughput over clients", "What more clients at once do to the same server.", true},
	{figure.Latency, "Latency", "How the latency of an op is distributed, on a logarithmic axis: connect to verified end.", true},
	{figure.Queue, "The queue", "Every client of the median round: how long it waited for a worker, and how long its transfer took. With fewer workers than clients it comes in waves.", true},
	{figure.Cost, "What it cost", "CPU time for each gigabyte on the wire, and peak memory, of both sides.", false},
	{figure.Stability, "Stability", "Makespans of the rounds in the order in which they were measured; a ring is a warning.", true},
	{figure.Reference, "Against the reference table", "", false},
}

func sectionsOf(figures []figure.Figure, run journal.Run) ([]section, error) {
	var sections []section
	for _, g := range groups {
		s := section{ID: g.group, Title: g.title, Says: g.says, Folded: g.folded}
		alone := len(run.Results) == 0 && len(run.Pairs) > 0
		switch {
		case alone && (g.group == figure.Workers || g.group == figure.Clients || g.group == figure.Latency):
			s.Says += " Of the base there are the rounds against itself, which are not those that another pool is held against: compare pools above."
		case g.group != figure.Stability:
		case len(run.Pairs) > 0:
			s.Says += " The noise floor is how far the base is from itself, of rounds in turn."
		default:
			s.Says += " There is no noise floor: it takes rounds of one pool against itself in turn (make bench-paired)."
		}
		for _, f := range figures {
			if f.Group != g.group {
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
