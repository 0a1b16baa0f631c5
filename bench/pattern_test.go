package bench_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"poolbench/bench"
)

func TestExactPattern(t *testing.T) {
	for _, row := range []struct{ pattern, want string }{
		{".", "."},
		{"", ""},
		{"Transfer", "Transfer"},
		{"Transfer/op=.*/clients=5", "Transfer/^(?:op=.*)$/^(?:clients=5)$"},
		{"Transfer/pool=(thread|goroutine)$", "Transfer/^(?:pool=(thread|goroutine)$)$"},
		{"Transfer/client-pool=process/pool=thread", "Transfer/^(?:client-pool=process)$/^(?:pool=thread)$"},
		{"Transfer/^clients=5", "Transfer/^clients=5"}, // said otherwise
		{"op=upload|Other/op=download", "^(?:op=upload)$|Other/^(?:op=download)$"},
		{"volume=[1|/]0MiB", "^(?:volume=[1|/]0MiB)$"},
		{"op=[[]/x=1]", "^(?:op=[[]/x=1])$"}, // so does the testing package split it
		{`volume=a\/b`, `^(?:volume=a\/b)$`},
		{"pool=(", "^(?:pool=()$"}, // stays wrong, for the testing package to say so
	} {
		assert.Equal(t, row.want, bench.ExactPattern(row.pattern), row.pattern)
	}
}

// Nothing is lost, and a pattern that is a regular expression stays one.
func FuzzExactPattern(f *testing.F) {
	for _, pattern := range []string{"Transfer/op=.*", "a=(b|c)/d=[/]|e=f", `x=\`, "b=)/c=1", "^a=1", "a=[[]/", "a=[]/]"} {
		f.Add(pattern)
	}
	f.Fuzz(func(t *testing.T, pattern string) {
		exact := bench.ExactPattern(pattern)
		bare := strings.NewReplacer("^(?:", "", ")$", "")
		assert.Equal(t, bare.Replace(pattern), bare.Replace(exact))
		// The testing package splits at a slash behind \Q, too, and behind the
		// bracket that is the first of a class.
		odd := strings.Contains(pattern, `\Q`) || strings.Contains(pattern, "[]") || strings.Contains(pattern, "[^]")
		if _, err := regexp.Compile(pattern); err == nil && !odd {
			_, err = regexp.Compile(exact)
			assert.NoError(t, err)
		}
	})
}
