package page

import (
	"fmt"
	"regexp"
	"strings"

	"poolbench/bench"
)

var notInAnchor = regexp.MustCompile(`[^a-z0-9]+`)

// none is what stands where there is nothing.
const none = "–"

// anchor is the name of a cell's row in the page.
func anchor(c bench.Cell) string {
	return "cell-" + strings.Trim(notInAnchor.ReplaceAllString(strings.ToLower(c.String()), "-"), "-")
}

// count writes a number of things, in groups of three digits.
func count(n int, what string) string {
	if n != 1 {
		what += "s"
	}
	return grouped(n) + " " + what
}

// grouped writes a whole number with a narrow blank between groups of three digits,
// as SI does.
func grouped(n int) string {
	text := fmt.Sprint(n)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + " " + text[i:]
	}
	return text
}
