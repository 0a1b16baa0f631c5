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
	Effects   = "effects"   // a pool against the base, over all of an op and by level
	Ratio     = "ratio"     // the same at each point
	Workers   = "workers"   // throughput over workers
	Clients   = "clients"   // throughput over clients
	Latency   = "latency"   // its distribution
	Queue     = "queue"     // who waited how long in one round
	Cost      = "cost"      // CPU time and memory
	Stability = "stability" // makespans in the order of measuring
)

// Figure is a grid of panels with common axes.
type Figure struct {
	Name  string // of its own in a run, of a-z, 0-9 and -
	Group string
	Op    bench.Op
	Title string       // what it shows
	Alt   string       // the main numbers, for those who cannot see it
	Cells []bench.Cell // of which it has panels
	X, Y  Axis
	// Columns and Rows are the heads of the grid. A comma in one begins a new line.
	Columns, Rows []string
	Series        []Series

	byRow           bool   // each row of panels has axes of its own
	marked, crossed string // what the legend calls points with a Mark and with a Cross
}

// Axis is one of the two.
type Axis struct {
	Name   string // without the unit
	Unit   Unit
	Log    bool
	Levels []float64 // the only values with ticks, ascending; nil for any
	Rows   []string  // names of the values 0, 1, … from the top; nil for numbers
}

// Series is points that belong together, in the panel of a column and a row.
type Series struct {
	Column, Row int
	Name, Pool  string // the pool is empty if it is of none
	Points      []Point

	style style
}

// Point is one of a series.
type Point struct {
	X, Y float64
	// Lo and Hi bound Y or, in a figure with rows, X; both are zero if nothing does.
	// A client in the queue waits from Lo to X, and its transfer is from there to Hi.
	Lo, Hi float64
	Tip    string     // what there is to tell of it
	Cell   bench.Cell // that it leads to in a page; zero if to none
	Mark   bool       // it deserves attention, for instance for a warning
	Cross  bool       // it has no value, or none to compare with others, and is at the foot
}

// style is how a series is drawn.
type style int

const (
	dots   style = iota // with what bounds them, those of each pool in a lane
	hollow              // the same, of another kind
	joined              // the same, with a line through them
	curve               // a line, in a band if it is bounded
	guide               // a dotted line of no pool
	limit               // a dashed one
	steps               // an empirical distribution
	fields              // across a panel, not seen, from the point before to this
	bars                // along X, and a line for the wait
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
		if names[f.Name]++; names[f.Name] > 1 { // of pools that differ in other characters alone
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

// extremes tells those of each pool, along the axis that has a unit.
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
