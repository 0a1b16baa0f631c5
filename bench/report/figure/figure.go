package figure

import (
	"fmt"
	"slices"

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
	Reference = "reference" // against the table of package reference
)

// Figure is one plot.
type Figure struct {
	Name   string // of its own in a run, of a-z, 0-9 and -
	Group  string
	Title  string // what it shows
	Alt    string // the main numbers, for who cannot see it
	Cells  []bench.Cell
	X, Y   Axis
	Series []Series
	// Note is what a reader should know of it, or why something is not in it; empty
	// if there is nothing.
	Note string

	marked, void string // what the legend calls points with a Mark and with a Void
}

// Axis is one of the two.
type Axis struct {
	Name string // without the unit
	// Unit is that of the points; empty for a number of things. A drawing chooses
	// the prefix for s and B.
	Unit string
	Log  bool
	// Levels are the only values there are, ascending; nil for any.
	Levels []float64
	// Rows name the values 1, 2, … from the top; nil for a number.
	Rows []string
}

// Series is points that belong together.
type Series struct {
	Name   string
	Pool   string // empty if it is of no pool
	Points []Point

	look look
}

// Point is one of a series.
type Point struct {
	X, Y float64
	// Lo and Hi bound Y or, in a figure with rows, X; both are zero if nothing does.
	// Of a client in the queue they are where X begins and ends.
	Lo, Hi float64
	Label  string // what it is, if X and Y do not say so; may be empty
	// Mark is what is worth a look at the point, as a warning: it is drawn with a
	// ring around it.
	Mark string
	// Void is why the point has no value, or none to compare with others: it is
	// drawn as a cross at the foot of the axis.
	Void string
}

// All returns the figures of a run, in the order of the page.
func All(a *analysis.Analysis) []Figure {
	totals := a.Totals
	figures := slices.Concat(
		effects(a), ratios(a), throughputs(totals, overWorkers), throughputs(totals, overClients),
		latencies(totals), queues(totals), costs(totals), stabilities(a), references(totals),
	)
	names := map[string]int{}
	for i := range figures {
		name := figures[i].Name
		if names[name]++; names[name] > 1 { // of pools that differ in other characters alone
			figures[i].Name = fmt.Sprintf("%s--%d", name, names[name])
		}
	}
	return figures
}
