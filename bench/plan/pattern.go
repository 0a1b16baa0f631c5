package plan

import (
	"regexp"
	"strings"
)

var pair = regexp.MustCompile(`^[a-z-]+=`)

// ExactPattern makes elements of a -bench pattern that begin with key= match a whole
// element of a name, so that clients=5 does not match clients=50. Other elements match
// anywhere, as in the testing package.
func ExactPattern(pattern string) string {
	alternatives := splitPattern(pattern, '|')
	for i, alternative := range alternatives {
		elements := splitPattern(alternative, '/')
		for j, element := range elements {
			if pair.MatchString(element) {
				elements[j] = "^(?:" + element + ")$"
			}
		}
		alternatives[i] = strings.Join(elements, "/")
	}
	return strings.Join(alternatives, "|")
}

// Selects reports whether the testing package, given pattern, measures the benchmark with
// this full name. An invalid pattern selects nothing.
func Selects(pattern, name string) bool {
	for _, alternative := range splitPattern(pattern, '|') {
		if selects(splitPattern(alternative, '/'), strings.Split(name, "/")) {
			return true
		}
	}
	return false
}

func selects(elements, name []string) bool {
	if len(elements) > len(name) {
		return false
	}
	for i, element := range elements {
		if matched, err := regexp.MatchString(element, name[i]); err != nil || !matched {
			return false
		}
	}
	return true
}

// splitPattern splits a pattern at separators outside brackets and parentheses, as the
// testing package does.
func splitPattern(pattern string, separator byte) []string {
	var (
		parts            []string
		start            int
		brackets, parens int // counted as the testing package counts them
	)
	for i := 0; i < len(pattern); i++ {
		switch c := pattern[i]; {
		case c == '\\':
			i++
		case c == '[':
			brackets++
		case c == ']':
			brackets = max(0, brackets-1)
		case brackets > 0:
		case c == '(':
			parens++
		case c == ')':
			parens--
		case parens == 0 && c == separator:
			parts = append(parts, pattern[start:i])
			start = i + 1
		}
	}
	return append(parts, pattern[start:])
}
