package report

import (
	"fmt"
	"time"

	"poolbench/bench/stats"
)

func orNone(there bool, text string) string {
	if !there {
		return "-"
	}
	return text
}

// unitOf returns the unit that a time in nanoseconds is written in.
func unitOf(ns float64) (float64, string) {
	switch {
	case ns >= float64(time.Second):
		return float64(time.Second), "s"
	case ns >= float64(time.Millisecond):
		return float64(time.Millisecond), "ms"
	}
	return float64(time.Microsecond), "µs"
}

// duration writes a time in nanoseconds with three digits, or all those before the
// point.
func duration(ns float64) string {
	unit, name := unitOf(ns)
	return digits(ns/unit) + " " + name
}

func digits(value float64) string {
	switch {
	case value < 9.995:
		return fmt.Sprintf("%.2f", value)
	case value < 99.95:
		return fmt.Sprintf("%.1f", value)
	}
	return fmt.Sprintf("%.0f", value)
}

// interval writes the bounds of a median in the median's unit.
func interval(c stats.Center) string {
	if c.N == 0 || !c.Bounded() {
		return "-"
	}
	unit, name := unitOf(c.Median)
	return fmt.Sprintf("%s … %s %s", digits(c.Lo/unit), digits(c.Hi/unit), name)
}
