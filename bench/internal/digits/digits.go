// Package digits formats numbers for people, with three digits or all of those before the
// point.
package digits

import (
	"fmt"
	"math"
	"strings"
	"time"
	"unicode"

	"poolbench/fixtures"
)

// Of formats a number without a unit.
func Of(value float64) string {
	switch {
	case value < 9.995:
		return fmt.Sprintf("%.2f", value)
	case value < 99.95:
		return fmt.Sprintf("%.1f", value)
	}
	return fmt.Sprintf("%.0f", value)
}

// Unit returns the unit in which a time in nanoseconds is written: its length in
// nanoseconds, and its name.
func Unit(ns float64) (unit float64, name string) {
	switch {
	case ns >= float64(time.Second):
		return float64(time.Second), "s"
	case ns >= float64(time.Millisecond):
		return float64(time.Millisecond), "ms"
	}
	return float64(time.Microsecond), "µs"
}

// Duration formats a time in nanoseconds.
func Duration(ns float64) string {
	unit, name := Unit(ns)
	return Of(ns/unit) + " " + name
}

// Share formats a share in percent, without the sign, and with one decimal below 10.
func Share(share float64) string {
	share *= 100
	if math.Abs(share) < 9.95 {
		return fmt.Sprintf("%.1f", share)
	}
	return fmt.Sprintf("%.0f", share)
}

// Percent formats a share in percent.
func Percent(share float64) string { return Share(share) + " %" }

// Change formats what a factor adds or removes, in percent and with its sign.
func Change(factor float64) string { return ChangeNumber(factor) + " %" }

// ChangeNumber is Change without the percent sign.
func ChangeNumber(factor float64) string {
	sign := "+"
	if factor < 1 {
		sign = "−"
	}
	return sign + Share(math.Abs(factor-1))
}

// Size formats a size with a space, which its name in a cell lacks: 10 MiB.
func Size(size fixtures.Size) string {
	text := size.String()
	i := strings.IndexFunc(text, unicode.IsLetter)
	return text[:i] + " " + text[i:]
}

// P formats a p-value.
func P(p float64) string {
	if p < 0.001 {
		return "<0.001"
	}
	return fmt.Sprintf("%.3f", p)
}

// Count formats a number of things, in the plural unless it is one: 1 pass, 2 passes.
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
