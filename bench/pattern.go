package bench

import (
	"regexp"
	"strings"
)

var pair = regexp.MustCompile(`^[a-z-]+=`)

// ExactPattern makes the elements of a -bench pattern that begin with key= match
// the whole of a name's element, so that clients=5 does not mean clients=50 too.
// Other elements keep the testing package's meaning: match anywhere.
func ExactPattern(pattern string) string {
	var (
		exact    strings.Builder
		start    int
		brackets int // counted as the testing package counts them
		parens   int
	)
	flush := func(end int) {
		element := pattern[start:end]
		if pair.MatchString(element) {
			element = "^(?:" + element + ")$"
		}
		exact.WriteString(element)
		start = end
	}
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
		case parens == 0 && (c == '/' || c == '|'):
			flush(i)
			exact.WriteByte(c)
			start = i + 1
		}
	}
	flush(len(pattern))
	return exact.String()
}
