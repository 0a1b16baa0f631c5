package contrast

import (
	"fmt"
	"math"

	"poolbench/bench"
	"poolbench/bench/internal/digits"
	"poolbench/bench/stats"
)

// Differs reports whether the run shows a difference.
func (c Contrast) Differs() bool { return c.Verdict == bench.Faster || c.Verdict == bench.Slower }

// Winner is the faster pool; empty if the run shows none.
func (c Contrast) Winner() string {
	switch c.Verdict {
	case bench.Faster:
		return c.Cell.Pool
	case bench.Slower:
		return c.Base
	}
	return ""
}

// full is the factor from which on a difference has its colour in full.
const full = 2

// Depth is how far from none the colour of a difference is, from 0 to 1.
func (c Contrast) Depth() float64 {
	if !c.Differs() {
		return 0
	}
	return min(1, math.Abs(math.Log(c.Ratio))/math.Log(full))
}

// Unshown reports whether it has values enough to show one, and does not.
func (c Contrast) Unshown() bool {
	return c.Verdict == bench.NoDifference || c.Verdict == bench.WithinFloor
}

// Word is the contrast in a few characters: the difference if there is one, ≈ if none
// can be shown, and ? if nothing can be said.
func (c Contrast) Word() string {
	switch {
	case c.Differs():
		return digits.Change(c.Ratio)
	case c.Unshown():
		return "≈"
	}
	return "?"
}

// Interval writes a difference with its interval, which it has to have.
func Interval(c stats.Comparison) string {
	return fmt.Sprintf("%s, 95 %% interval %s … %s", digits.Change(c.Ratio), digits.ChangeNumber(c.Lo), digits.Change(c.Hi))
}

// Point is where in the matrix it is, in words.
func (c Contrast) Point() string {
	text := fmt.Sprintf("%s of %s, %s, %s", c.Cell.Op, digits.Size(c.Cell.Volume), digits.Count(c.Cell.Clients, "client"), digits.Count(c.Cell.Workers, "worker"))
	if c.Cell.ClientPool != "" {
		text += fmt.Sprintf(", %s clients", c.Cell.ClientPool)
	}
	return text
}

// String says what there is to say of it.
func (c Contrast) String() string {
	text := c.Point() + ": "
	switch {
	case c.Verdict == bench.NotCompared:
		return text + "no rounds without a failure to compare"
	case !c.Bounded():
		return text + fmt.Sprintf("%s by throughput %s, of too few rounds to say more", c.Cell.Pool, digits.Change(c.Ratio))
	}
	text += fmt.Sprintf("%s by throughput %s, p %s after Holm", c.Cell.Pool, Interval(c.Comparison), digits.P(c.PHolm))
	if c.Floor > 0 {
		text += ", noise floor " + digits.Floor(c.Floor)
	}
	switch {
	case c.Unshown():
		text += ": no difference that this run can show"
	case !c.Differs():
		text += ": " + string(c.Verdict)
	}
	return text
}
