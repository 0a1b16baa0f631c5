package report

import (
	"fmt"
	"math"

	"poolbench/bench"
)

// verdict says what the run shows of the pair. A difference is in per cent of the
// base's throughput, with its interval and the floor that it lies beyond, all in
// the same direction.
func (c comparison) verdict() string {
	if c.Outcome() == bench.Skipped {
		return "-"
	}
	switch v := c.Verdict(); v {
	case bench.Faster:
		return fmt.Sprintf("%s %s faster than %s (%s … %s), floor %s", c.Cell.Pool, percent(c.Ratio-1), c.Base,
			number(c.Lo-1), percent(c.Hi-1), percent(c.Floor-1))
	case bench.Slower:
		return fmt.Sprintf("%s %s slower than %s (%s … %s), floor %s", c.Cell.Pool, percent(1-c.Ratio), c.Base,
			number(1-c.Hi), percent(1-c.Lo), percent(1-1/c.Floor))
	case bench.NoDifference:
		return fmt.Sprintf("no difference that this run can show (%+.1f … %+.1f %%)", 100*(c.Lo-1), 100*(c.Hi-1))
	case bench.WithinFloor:
		return fmt.Sprintf("no difference that this run can show (%+.1f … %+.1f %%): within the floor", 100*(c.Lo-1), 100*(c.Hi-1))
	case bench.NoFloor:
		return fmt.Sprintf("none: %s against itself has no floor here", c.Base)
	default:
		return string(v)
	}
}

func percent(share float64) string { return number(share) + " %" }

// number writes a share in per cent, with a digit behind the point below 10.
func number(share float64) string {
	share *= 100
	if math.Abs(share) < 9.95 {
		return fmt.Sprintf("%.1f", share)
	}
	return fmt.Sprintf("%.0f", share)
}

func factor(f float64) string { return fmt.Sprintf("%.3f", f) }

func probability(p float64) string {
	if p < 0.001 {
		return "<0.001"
	}
	return fmt.Sprintf("%.3f", p)
}
