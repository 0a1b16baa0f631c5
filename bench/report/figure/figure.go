package figure

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"poolbench/bench"
	"poolbench/bench/analysis"
)

// The groups, in the order of the page.
const (
	Effects   = "effects"   // a pool against the base, over a whole op and by level
	Ratio     = "ratio"     // a pool against the base, at each point
	Workers   = "workers"   // throughput over workers
	Clients   = "clients"   // throughput over clients
	Latency   = "latency"   // distribution of the latency of ops
	Queue     = "queue"     // who waited how long in one round
	Cost      = "cost"      // CPU time and memory
	Stability = "stability" // makespans in the order of measuring
)

// Figure is a grid of panels with common axes.
type Figure struct {
	Name  string // unique in a run, made of a-z, 0-9 and -
	Group string
	Op    bench.Op
	Title string
	Alt   string       // its main numbers, for readers who cannot see it
	Cells []bench.Cell // that its panels show; empty for effects
	X, Y  Axis
	// Columns and Rows are the heads of the grid. A comma in a head ends a line.
	Columns, Rows []string
	Series        []Series

	byRow           bool   // each row of panels has its own axes
	marked, crossed string // names in the legend of points with Mark and with Cross
}

// Axis is the horizontal or the vertical axis of all panels.
type Axis struct {
	Name   string // without the unit
	Unit   Unit
	Log    bool
	Levels []float64 // the values with ticks, ascending; nil lets the drawing choose
	Rows   []string  // names of the values 0, 1, … from the top; nil if values are numbers
}

// Series is a set of points in the panel at Column and Row.
type Series struct {
	Column, Row int
	Name, Pool  string // Pool is empty if it belongs to none
	Points      []Point

	style style
}

// Point is a point of a series.
type Point struct {
	X, Y float64
	// Lo and Hi are the interval of Y or, if the axis Y has Rows, of X. Both are zero if
	// there is none. A client in the queue waits from Lo to X and transfers from X to Hi.
	Lo, Hi float64
	Tip    string     // the title of its mark
	Cell   bench.Cell // that it links to on a page; zero for no link
	Mark   bool       // it deserves attention: a warning, or it stands out
	Cross  bool       // it has no value to compare; drawn at the edge of the panel
}

// style is how a series is drawn.
type style int

const (
	dots   style = iota // points with their intervals, each pool in a lane of its own
	hollow              // the same, hollow
	joined              // the same, joined by a line
	curve               // a line, in a band if it has an interval
	guide               // a dotted line
	limit               // a dashed line
	steps               // an empirical distribution
	fields              // invisible stripes across the panel, each with a title
	bars                // bars along X, each after a thin line for the wait
)

// All returns the figures of a run, in the order of the page.
func All(a *analysis.Analysis) []Figure {
	d := dataOf(a)
	figures := slices.Concat(
		d.effects(), d.ratios(), d.throughputs(d.workers, d.clients), d.throughputs(d.clients, d.workers),
		d.latencies(), d.queues(), d.costs(), d.stabilities(),
	)
	names := map[string]int{}
	for i := range figures {
		f := &figures[i]
		if names[f.Name]++; names[f.Name] > 1 { // pools may differ only in characters that a name lacks
			f.Name = fmt.Sprintf("%s--%d", f.Name, names[f.Name])
		}
		if f.Alt == "" {
			f.Alt = fmt.Sprintf("%s. %s.", f.Title, f.extremes())
		}
	}
	return figures
}

var notInNames = regexp.MustCompile(`[^a-z0-9]+`)

// of adds to the name and the title of a figure what its cells have in common: the op and,
// if the run has several kinds of clients, which kind.
func (f Figure) of(c bench.Cell, axes []bench.Axis) Figure {
	common := labels(c, axes...)
	f.Op, f.Title = c.Op, f.Title+": "+common
	f.Name = strings.Trim(notInNames.ReplaceAllString(strings.ToLower(f.Name+"-"+common), "-"), "-")
	return f
}

// extremes tells the least and the greatest value of each pool on the axis that has a unit.
func (f *Figure) extremes() string {
	unit, value := f.X.Unit, func(p Point) float64 { return p.X }
	if unit == "" {
		unit, value = f.Y.Unit, func(p Point) float64 { return p.Y }
	}
	var texts []string
	for _, of := range alike(f.Series, func(s Series) string { return s.Name }) {
		var values []float64
		for _, s := range of {
			for _, p := range s.Points {
				if s.Pool != "" && s.style != curve && !p.Cross {
					values = append(values, value(p))
				}
			}
		}
		if len(values) > 0 {
			texts = append(texts, fmt.Sprintf("%s: from %s to %s", of[0].Name, unit.write(slices.Min(values)), unit.write(slices.Max(values))))
		}
	}
	return strings.Join(texts, "; ")
}
