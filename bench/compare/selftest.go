package compare

import (
	_ "embed"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// recorded is the output of the benchmark for eight cells with 20 lines each, of three
// rounds of 1 MiB: with the bench flags -volume=1MiB -clients=1,5 -workers=5.
//
//go:embed selftest.txt
var recorded string

// Recorded returns a recorded run of the benchmark, for users without one.
func Recorded() (*Input, error) { return ReadText(strings.NewReader(recorded), "the recorded run") }

// Selftest shows whether a gate works with values such as those of in. With in on both
// sides it must pass. With one side's values worse by the factor 1 + 2 × the limit it must
// fire. It returns what happened, and whether the gate did both.
func Selftest(in *Input, o GateOptions) (lines []string, ok bool, err error) {
	if o.Units == nil {
		o.Units = []string{"ns/op"}
	}
	itself, err := Gate(in, in, o)
	if err != nil {
		return nil, false, err
	}
	factor := 1 + 2*o.MaxRegression
	slowed, err := Gate(in, in.slowed(o.Units, factor), o)
	if err != nil {
		return nil, false, err
	}
	say := func(what string, v Verdict, want Status) {
		if v.Status == want {
			lines = append(lines, fmt.Sprintf("selftest: ok: %s: status %d, %d of %d worse", what, v.Status, v.Regressions, v.Compared))
			return
		}
		lines = append(lines, fmt.Sprintf("selftest: failed: %s: status %d, and it should be %d:", what, v.Status, want))
		for _, line := range v.Lines {
			lines = append(lines, "  "+line)
		}
	}
	say(fmt.Sprintf("%s with itself", in.Path), itself, Passed)
	say(fmt.Sprintf("%s with itself slowed by the factor %.4g", in.Path, factor), slowed, Regressed)
	return lines, itself.Status == Passed && slowed.Status == Regressed, nil
}

// slowed returns the input with every value of some units worse by a factor.
func (in *Input) slowed(units []string, factor float64) *Input {
	slower := *in
	slower.cells = nil
	for _, c := range in.cells {
		s := &cell{name: c.name, n: c.n, values: maps.Clone(c.values)}
		for _, unit := range units {
			s.values[unit] = slices.Clone(c.values[unit])
			for i := range s.values[unit] {
				if in.better.GetBetter(unit) > 0 {
					s.values[unit][i] /= factor
				} else {
					s.values[unit][i] *= factor
				}
			}
		}
		slower.cells = append(slower.cells, s)
	}
	return &slower
}
