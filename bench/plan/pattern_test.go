package plan_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"poolbench/bench/plan"
)

func TestExactPattern(t *testing.T) {
	for _, row := range []struct{ pattern, want string }{
		{".", "."},
		{"", ""},
		{"Transfer", "Transfer"},
		{"Transfer/op=.*/clients=5", "Transfer/^(?:op=.*)$/^(?:clients=5)$"},
		{"Transfer/pool=(thread|goroutine)$", "Transfer/^(?:pool=(thread|goroutine)$)$"},
		{"Transfer/client-pool=process/pool=thread", "Transfer/^(?:client-pool=process)$/^(?:pool=thread)$"},
		{"Transfer/^clients=5", "Transfer/^clients=5"}, // explicit anchor instead
		{"op=upload|Other/op=download", "^(?:op=upload)$|Other/^(?:op=download)$"},
		{"volume=[1|/]0MiB", "^(?:volume=[1|/]0MiB)$"},
		{"op=[[]/x=1]", "^(?:op=[[]/x=1])$"}, // split as the testing package does
		{`volume=a\/b`, `^(?:volume=a\/b)$`},
		{"pool=(", "^(?:pool=()$"}, // stays invalid, for the testing package to report
	} {
		assert.Equal(t, row.want, plan.ExactPattern(row.pattern), row.pattern)
	}
}

// Nothing is lost, and a valid regular expression stays valid.
func FuzzExactPattern(f *testing.F) {
	for _, pattern := range []string{"Transfer/op=.*", "a=(b|c)/d=[/]|e=f", `x=\`, "b=)/c=1", "^a=1", "a=[[]/", "a=[]/]"} {
		f.Add(pattern)
	}
	f.Fuzz(func(t *testing.T, pattern string) {
		exact := plan.ExactPattern(pattern)
		bare := strings.NewReplacer("^(?:", "", ")$", "")
		assert.Equal(t, bare.Replace(pattern), bare.Replace(exact))
		// The testing package also splits at a slash after \Q, and after a bracket that is
		// the first of a class.
		odd := strings.Contains(pattern, `\Q`) || strings.Contains(pattern, "[]") || strings.Contains(pattern, "[^]")
		if _, err := regexp.Compile(pattern); err == nil && !odd {
			_, err = regexp.Compile(exact)
			assert.NoError(t, err)
		}
	})
}

// The plan selects what the testing package measures.
func TestSelects(t *testing.T) {
	const name = "BenchmarkTransfer/op=upload/volume=1KiB/clients=1/workers=5/pool=thread"
	for _, row := range []struct {
		pattern string
		want    bool
	}{
		{".", true},
		{"", true},
		{"Transfer", true},
		{"^Transfer", false},
		{"Transfer/op=up", true},
		{"Transfer/^op=up$", false},
		{"Transfer/op=upload/.*/clients=1", true},
		{"Transfer/op=upload/.*/clients=5", false},
		{"Other|Transfer/op=(download|upload)", true},
		{"Other/op=upload|Another", false},
		{"Transfer/op=upload/volume=1KiB/clients=1/workers=5/pool=thread/more", false},
		{"Transfer/op=(", false},
	} {
		assert.Equal(t, row.want, plan.Selects(row.pattern, name), row.pattern)
	}
}
