package figure

import (
	"math"
	"slices"
	"strings"

	"poolbench/bench/internal/digits"
)

// Unit is the unit of the values on an axis. It is empty for a count.
type Unit string

const (
	seconds Unit = "s"
	memory  Unit = "B"
	rate    Unit = "MB/s"
	percent Unit = "%"
	change  Unit = "ratio" // written as a change in percent
)

// write formats a value for a sentence.
func (u Unit) write(v float64) string {
	switch u {
	case seconds:
		return digits.Duration(v * 1e9)
	case memory:
		return digits.Of(v/1e6) + " MB"
	case change:
		return digits.Change(v)
	}
	return strings.TrimSpace(digits.Of(v) + " " + string(u))
}

// scale is an axis as drawn: its range from min to max lies between from and to on paper.
type scale struct {
	Axis
	min, max, from, to float64
}

// scaled chooses a range that covers the values.
func (a Axis) scaled(values []float64, from, to float64) scale {
	least, most := 1.0, 1.0
	if len(values) > 0 {
		least, most = slices.Min(values), slices.Max(values)
	}
	s := scale{a, 0, 1.08 * most, from, to}
	switch {
	case a.Rows != nil: // from the top
		s.min, s.max, s.from, s.to = -0.6, float64(len(a.Rows))-0.4, to, from
	case a.Log:
		room := max(1.05, math.Pow(most/least, 0.08))
		s.min, s.max = least/room, most*room
	case a.Levels != nil && a.Unit == "":
		s.min, s.max = least-0.08*(most-least), most+0.08*(most-least)
	case a.Unit == "": // counts begin at 1
		s.min, s.max = 0.5, most+0.5
	}
	if s.max <= s.min { // all are zero
		s.max = s.min + 1
	}
	return s
}

// at returns where a value lies on paper. A value beyond the range lies at its end.
func (s scale) at(v float64) float64 {
	v = min(max(v, s.min), s.max)
	share := (v - s.min) / (s.max - s.min)
	if s.Log {
		share = math.Log(v/s.min) / math.Log(s.max/s.min)
	}
	return s.from + share*(s.to-s.from)
}

// ticks returns the levels of the axis, if it has any, or about as many round numbers as
// asked for.
func (s scale) ticks(about float64) []float64 {
	switch {
	case s.Levels != nil:
		return s.Levels
	case s.Log && s.max >= 8*s.min:
		return s.decades(about)
	}
	step := nice((s.max - s.min) / about)
	switch {
	case s.Rows != nil:
		step = 1
	case s.Unit == "":
		step = max(1, step)
	}
	var ticks []float64
	for i := math.Ceil(s.min / step); i*step <= s.max; i++ {
		ticks = append(ticks, i*step)
	}
	return ticks
}

// decades returns ticks at 1, 2 and 5 times each power of ten, or fewer if those are more
// than about as many as asked for.
func (s scale) decades(about float64) (ticks []float64) {
	for _, steps := range [][]float64{{1, 2, 5}, {1, 3}, {1}} {
		ticks = nil
		for power := math.Pow10(int(math.Floor(math.Log10(s.min)))); power <= s.max; power *= 10 {
			for _, step := range steps {
				if v := step * power; v >= s.min && v <= s.max {
					ticks = append(ticks, v)
				}
			}
		}
		if float64(len(ticks)) < about+1 {
			break
		}
	}
	return ticks
}

// text formats a tick, without trailing zeros. The unit MB/s is long, and stands in the name
// of its axis.
func (s scale) text(tick float64) string {
	switch {
	case s.Rows != nil:
		return s.Rows[int(tick)]
	case tick == 0, s.Unit == change && math.Abs(tick-1) < 1e-9:
		return "0"
	}
	number, unit, _ := strings.Cut(s.Unit.write(tick), " ")
	if strings.Contains(number, ".") {
		number = strings.TrimRight(strings.TrimRight(number, "0"), ".")
	}
	if s.Unit == rate {
		return number
	}
	return strings.TrimSpace(number + " " + unit)
}

// nice returns the number nearest to x among 1, 2 and 5 times the powers of ten: P. Heckbert,
// Nice Numbers for Graph Labels, in Graphics Gems, 1990.
func nice(x float64) float64 {
	power := math.Pow10(int(math.Floor(math.Log10(x))))
	switch share := x / power; {
	case share < 1.5:
		return power
	case share < 3:
		return 2 * power
	case share < 7:
		return 5 * power
	}
	return 10 * power
}
