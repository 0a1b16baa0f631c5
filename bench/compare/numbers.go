package compare

import (
	"fmt"
	"math"
	"strings"

	"poolbench/bench/internal/digits"
	"poolbench/bench/stats"
)

// number formats a value of a unit.
func number(value float64, unit string) string {
	last := strings.TrimSuffix(unit, "/op")
	last = last[strings.LastIndex(last, "-")+1:]
	switch size := math.Abs(value); {
	case last == "ns" && size >= 1e3:
		return digits.Duration(value)
	case last == "ns":
		return fmt.Sprintf("%.3g ns", value)
	case last == "B" && size >= 1e6:
		return digits.Of(value/1e6) + " MB"
	case size < 1:
		return fmt.Sprintf("%.3g", value)
	}
	return digits.Of(value)
}

// change formats a ratio as a change in percent.
func change(ratio float64) string { return fmt.Sprintf("%+.1f %%", 100*(ratio-1)) }

// percent formats a share.
func percent(share float64) string { return fmt.Sprintf("%.3g %%", 100*share) }

// changeOf formats a row's change, or "-" if it has no ratio or needs none.
func changeOf(r Row) string {
	ratio, ok := r.Ratio()
	if !ok || r.Word == Equal {
		return "-"
	}
	return change(ratio)
}

// intervalName is what the interval of a change is called.
var intervalName = fmt.Sprintf("%v %% interval", 100*stats.Confidence)

// interval formats the bounds of a change, or "-" if there are none.
func interval(c stats.Comparison) string {
	if c.N == 0 || !c.Bounded() {
		return "-"
	}
	return fmt.Sprintf("%+.1f … %s", 100*(c.Lo-1), change(c.Hi))
}

// probability formats a p-value, or "-" if there was no test.
func probability(p float64, r Row) string {
	if r.Word == Equal {
		return "-"
	}
	return digits.P(p)
}

// direction says whether more or less of a unit is better.
func direction(better int) string {
	switch {
	case better > 0:
		return "more is better"
	case better < 0:
		return "less is better"
	}
	return "neither input says which way is better"
}
