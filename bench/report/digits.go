package report

import (
	"fmt"

	"poolbench/bench/internal/digits"
	"poolbench/bench/stats"
)

func orNone(there bool, text string) string {
	if !there {
		return "-"
	}
	return text
}

// interval writes the bounds of a median in the median's unit.
func interval(c stats.Center) string {
	if c.N == 0 || !c.Bounded() {
		return "-"
	}
	unit, name := digits.Unit(c.Median)
	return fmt.Sprintf("%s … %s %s", digits.Of(c.Lo/unit), digits.Of(c.Hi/unit), name)
}
