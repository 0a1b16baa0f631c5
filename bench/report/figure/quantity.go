package figure

import (
	"fmt"
	"math"
)

// prefix is one of the SI's.
type prefix struct {
	factor float64
	name   string
}

// prefixes for each unit that has them, the largest first.
var prefixes = map[string][]prefix{
	"s": {{1, ""}, {1e-3, "m"}, {1e-6, "µ"}},
	"B": {{1e9, "G"}, {1e6, "M"}, {1e3, "k"}, {1, ""}},
}

// prefixOf returns the one to write a value with.
func prefixOf(value float64, unit string) prefix {
	all := prefixes[unit]
	for _, p := range all {
		if value >= p.factor*(1-1e-9) {
			return p
		}
	}
	if len(all) > 0 {
		return all[len(all)-1]
	}
	return prefix{1, ""}
}

// quantity writes a value with its unit: 12.3 ms.
func quantity(value float64, unit string) string {
	p := prefixOf(value, unit)
	return threeDigits(value/p.factor) + " " + p.name + unit
}

// threeDigits writes three of a number, or all those before the point.
func threeDigits(value float64) string {
	decimals := 0
	if value > 0 && value < 99.95 {
		decimals = min(max(0, 2-int(math.Floor(math.Log10(value*1.00005)))), 6)
	}
	return fmt.Sprintf("%.*f", decimals, value)
}
