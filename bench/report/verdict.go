package report

import (
	"fmt"

	"poolbench/bench"
	"poolbench/bench/internal/digits"
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
		return fmt.Sprintf("%s %s faster than %s (%s … %s), floor %s", c.Cell.Pool, digits.Percent(c.Ratio-1), c.Base,
			digits.Share(c.Lo-1), digits.Percent(c.Hi-1), digits.Percent(c.Floor-1))
	case bench.Slower:
		return fmt.Sprintf("%s %s slower than %s (%s … %s), floor %s", c.Cell.Pool, digits.Percent(1-c.Ratio), c.Base,
			digits.Share(1-c.Hi), digits.Percent(1-c.Lo), digits.Percent(1-1/c.Floor))
	case bench.NoDifference:
		return fmt.Sprintf("no difference that this run can show (%s … %s)", digits.ChangeNumber(c.Lo), digits.Change(c.Hi))
	case bench.WithinFloor:
		return fmt.Sprintf("no difference that this run can show (%s … %s): within the floor", digits.ChangeNumber(c.Lo), digits.Change(c.Hi))
	case bench.NoFloor:
		return fmt.Sprintf("none: %s against itself has no floor here", c.Base)
	default:
		return string(v)
	}
}

func factor(f float64) string { return fmt.Sprintf("%.3f", f) }
