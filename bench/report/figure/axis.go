package figure

import (
	"math"
	"slices"
	"strconv"

	"gonum.org/v1/plot"
)

// scale is an axis as it is drawn.
type scale struct {
	Axis
	prefix   prefix
	min, max float64 // of the points, with the prefix
}

// scaleOf chooses the prefix of the unit, and the range, for the values of an axis.
func scaleOf(a Axis, values []float64) scale {
	s := scale{Axis: a, prefix: prefix{1, ""}}
	if len(a.Rows) > 0 {
		s.min, s.max = 0.5, float64(len(a.Rows))+0.5
		return s
	}
	least, most := slices.Min(values), slices.Max(values)
	typical := most
	if a.Log {
		typical = math.Sqrt(least * most)
	}
	if _, has := prefixes[a.Unit]; has {
		s.prefix = prefixOf(typical, a.Unit)
	}
	least, most = least/s.prefix.factor, most/s.prefix.factor
	switch {
	case a.Log:
		room := math.Max(1.1, math.Pow(most/least, 0.04))
		s.min, s.max = least/room, most*room
	case len(a.Levels) > 0:
		room := 0.04 * (most - least)
		s.min, s.max = least-room, most+room
	case a.Unit == "": // things are counted from 1
		s.min, s.max = 0.5, most+0.5
	default:
		s.min, s.max = 0, 1.05*most
	}
	if s.max <= s.min { // all are zero
		s.max = s.min + 1
	}
	return s
}

// label is the axis' name with its unit.
func (s scale) label() string {
	if s.Unit == "" {
		return s.Name
	}
	return s.Name + " (" + s.prefix.name + s.Unit + ")"
}

// apply sets a plot's axis.
func (s scale) apply(a *plot.Axis) {
	a.Min, a.Max = s.min, s.max
	a.Scale = plot.LinearScale{}
	if s.Log {
		a.Scale = plot.LogScale{}
	}
	a.Tick.Marker = plot.TickerFunc(func(float64, float64) []plot.Tick { return s.ticks() })
}

// ticks are where the values are, if those are few, or at round numbers.
func (s scale) ticks() []plot.Tick {
	var ticks []plot.Tick
	switch {
	case len(s.Rows) > 0:
		for i, row := range s.Rows {
			ticks = append(ticks, plot.Tick{Value: float64(i + 1), Label: row})
		}
	case len(s.Levels) > 0:
		ticks = s.levelTicks()
	case s.Log:
		ticks = logTicks(s.min, s.max)
	}
	if len(ticks) > 0 {
		return ticks
	}
	return roundTicks(s.min, s.max, s.Unit == "" && !s.Log) // a ratio has no unit, and is no number of things
}

// levelTicks are at the levels, without the words that would stand on others'.
func (s scale) levelTicks() []plot.Tick {
	const digit, blank, length = 7, 6, 400 // of a drawing
	ticks := make([]plot.Tick, len(s.Levels))
	free := math.Inf(-1)
	for i, level := range s.Levels {
		at := (level - s.min) / (s.max - s.min)
		if s.Log {
			at = math.Log(level/s.min) / math.Log(s.max/s.min)
		}
		ticks[i] = numberTick(level)
		half := digit * float64(len(ticks[i].Label)) / 2
		if at*length-half < free {
			ticks[i].Label = ""
			continue
		}
		free = at*length + half + blank
	}
	return ticks
}

// apart keeps words away from the axis on their right: for a space that is not drawn,
// as their font may be wider than the one that is measured.
func apart(marker plot.Ticker) plot.Ticker {
	return plot.TickerFunc(func(least, most float64) []plot.Tick {
		ticks := marker.Ticks(least, most)
		for i := range ticks {
			ticks[i].Label += "\u2002"
		}
		return ticks
	})
}

// roundTicks are at multiples of 1, 2 or 5 times a power of ten, five of them or a few
// more or fewer, or of whole numbers if there is nothing between these.
func roundTicks(least, most float64, whole bool) []plot.Tick {
	about := (most - least) / 5
	step := math.Pow10(int(math.Floor(math.Log10(about))))
	for _, times := range []float64{1, 2, 5, 10} {
		if times*step >= about*0.9 {
			step *= times
			break
		}
	}
	if whole {
		step = max(1, step)
	}
	var ticks []plot.Tick
	for i := math.Ceil(least / step); i*step <= most; i++ {
		ticks = append(ticks, numberTick(i*step))
	}
	return ticks
}

// shift moves a value by a share of the axis' length.
func (s scale) shift(value, share float64) float64 {
	if s.Log {
		return value * math.Pow(s.max/s.min, share)
	}
	return value + share*(s.max-s.min)
}

// logTicks are at the decades, with as many between them as there is room for; none
// if the range is too narrow for that.
func logTicks(least, most float64) []plot.Tick {
	steps := []float64{1}
	switch decades := math.Log10(most / least); {
	case decades < 1:
		steps = []float64{1, 1.5, 2, 3, 4, 5, 6, 8}
	case decades < 3:
		steps = []float64{1, 2, 5}
	}
	var ticks []plot.Tick
	for decade := math.Pow10(int(math.Floor(math.Log10(least)))); decade <= most; decade *= 10 {
		for _, step := range steps {
			if value := step * decade; value >= least && value <= most {
				ticks = append(ticks, numberTick(value))
			}
		}
	}
	if len(ticks) < 3 {
		return nil
	}
	return ticks
}

func numberTick(value float64) plot.Tick {
	// Of sums and products of tenths, what is written is a tenth.
	rounded, _ := strconv.ParseFloat(strconv.FormatFloat(value, 'g', 6, 64), 64)
	return plot.Tick{Value: value, Label: strconv.FormatFloat(rounded, 'f', -1, 64)}
}
