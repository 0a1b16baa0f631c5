// Package digits writes numbers for people, with three digits or all those before
// the point.
package digits

import (
	"fmt"
	"math"
	"strings"
	"time"
	"unicode"

	"poolbench/fixtures"
)

// Of writes a number without a unit.
func Of(value float64) string {
	switch {
	case value < 9.995:
		return fmt.Sprintf("%.2f", value)
	case value < 99.95:
		return fmt.Sprintf("%.1f", value)
	}
	return fmt.Sprintf("%.0f", value)
}

// Unit returns the unit that a time in nanoseconds is written in, in nanoseconds,
// and its name.
func Unit(ns float64) (unit float64, name string) {
	switch {
	case ns >= float64(time.Second):
		return float64(time.Second), "s"
	case ns >= float64(time.Millisecond):
		return float64(time.Millisecond), "ms"
	}
	return float64(time.Microsecond), "µs"
}

// Duration writes a time in nanoseconds.
func Duration(ns float64) string {
	unit, name := Unit(ns)
	return Of(ns/unit) + " " + name
}

// Share writes a share in per cent without the sign for that, with a digit behind the
// point below 10.
func Share(share float64) string {
	share *= 100
	if math.Abs(share) < 9.95 {
		return fmt.Sprintf("%.1f", share)
	}
	return fmt.Sprintf("%.0f", share)
}

// Percent writes a share in per cent.
func Percent(share float64) string { return Share(share) + " %" }

// Change writes what a factor adds or takes, in per cent and with its sign.
func Change(factor float64) string { return ChangeNumber(factor) + " %" }

// ChangeNumber is Change without the sign for per cent.
func ChangeNumber(factor float64) string {
	sign := "+"
	if factor < 1 {
		sign = "−"
	}
	return sign + Share(math.Abs(factor-1))
}

// Size writes a size with the space that its name in a cell has not: 10 MiB.
func Size(size fixtures.Size) string {
	text := size.String()
	i := strings.IndexFunc(text, unicode.IsLetter)
	return text[:i] + " " + text[i:]
}

// P writes a p-value.
func P(p float64) string {
	if p < 0.001 {
		return "<0.001"
	}
	return fmt.Sprintf("%.3f", p)
}

// Count writes a number of things, of which one has no s: 1 pass, 2 passes.
func Count(n int, thing string) string {
	switch {
	case n == 1:
	case strings.HasSuffix(thing, "s"):
		thing += "es"
	default:
		thing += "s"
	}
	return fmt.Sprintf("%d %s", n, thing)
}
