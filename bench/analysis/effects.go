package analysis

import (
	"math"
	"slices"

	"poolbench/bench"
	"poolbench/bench/stats"
)

const volumeAxis = "volume"

// leveled returns the axes whose levels have effects of their own: first counts, then
// volumes.
func (a *Analysis) leveled() []bench.Axis {
	var counts, volumes []bench.Axis
	for _, axis := range a.Axes {
		switch {
		case axis.Word:
		case axis.Key == volumeAxis:
			volumes = append(volumes, axis)
		default:
			counts = append(counts, axis)
		}
	}
	return append(counts, volumes...)
}

// has reports whether the effect covers a point.
func (a *Analysis) has(e Effect, point bench.Cell) bool {
	for _, axis := range a.Axes {
		if axis.Key == e.Axis && axis.Value(point) != e.Level {
			return false
		}
	}
	return e.Op == point.Op
}

// compare adds the effects and points of a pool for an op, if they are in the plan.
func (a *Analysis) compare(all visits, at interim, op bench.Op, k contrast) {
	match := func(c bench.Cell) (bench.Cell, bool) {
		against := c
		against.Pool = k.base
		return against, c.Op == op && c.Pool == k.pool && a.met(c, against)
	}
	cells := slices.DeleteFunc(a.cells(), func(c bench.Cell) bool { _, ok := match(c); return !ok })
	if len(cells) == 0 {
		return
	}
	ratios := all.compare(cells, match)
	points, passes := extent(ratios)
	effect := Effect{Op: op, Pool: k.pool, Base: k.base, Points: points}
	pooled, err := stats.Pool(bare(ratios))
	if err != nil {
		effect.Estimate = Estimate{N: len(ratios), Passes: passes, Hi: math.Inf(1)}
		for _, r := range ratios { // one at most
			effect.Ratio = math.Exp(r.Log)
		}
		a.Effects = append(a.Effects, effect)
		return
	}
	family := float64(len(bench.Ops()) * len(a.contrasts()))
	effect.Estimate = estimate(pooled, ratios, stats.Alpha*shareOfOps/family*at.spends)
	a.Effects = append(a.Effects, effect)
	a.levels(ratios, at, effect)
	a.points(cells, ratios, pooled, at, effect)
}

// levels adds the effects of each level, for axes with several levels.
func (a *Analysis) levels(ratios []ratio, at interim, whole Effect) {
	for _, axis := range a.leveled() {
		levels := levelsOn(axis, ratios)
		if len(levels) < 2 {
			continue
		}
		for _, level := range levels {
			in := of(ratios, func(c bench.Cell) bool { return axis.Value(c) == level })
			e := Effect{Op: whole.Op, Pool: whole.Pool, Base: whole.Base, Axis: axis.Key, Level: level, p: 1}
			e.Points, _ = extent(in)
			if pooled, err := stats.Pool(bare(in)); err == nil {
				e.Estimate = estimate(pooled, in, stats.Alpha*at.spends)
				rest := of(ratios, func(c bench.Cell) bool { return axis.Value(c) != level })
				if others, err := stats.Pool(bare(rest)); err == nil {
					e.p = pooled.Differs(others)
					e.others = estimate(others, rest, stats.Alpha*at.spends)
				}
			}
			a.Effects = append(a.Effects, e)
		}
	}
}

// levelsOn returns the levels that ratios have on an axis, ascending.
func levelsOn(axis bench.Axis, ratios []ratio) []string {
	cells := make([]bench.Cell, len(ratios))
	for i, r := range ratios {
		cells[i] = r.cell
	}
	slices.SortStableFunc(cells, axis.Compare)
	levels := make([]string, len(cells))
	for i, c := range cells {
		levels[i] = axis.Value(c)
	}
	return slices.Compact(levels)
}

// minVisits is how many visits a point needs to stand out. The score of a ratio is bounded,
// so fewer could not be told from bad luck.
const minVisits = 4

// points adds the points of a pool for an op.
func (a *Analysis) points(cells []bench.Cell, ratios []ratio, pooled stats.Pooled, at interim, whole Effect) {
	for _, cell := range cells {
		p := Point{Cell: cell, Base: whole.Base, P: 1}
		own := of(ratios, func(c bench.Cell) bool { return c == cell })
		if len(own) > 0 {
			single := pooled.Single(bare(own))
			p.Estimate = estimate(single, own, stats.Alpha*at.spends)
			if len(own) >= minVisits {
				p.P = single.Differs(pooled)
			}
		}
		a.Points = append(a.Points, p)
	}
}

// standOut marks the levels and the points that stand out, each kind as a family of its
// own, and corrects their p-values.
func (a *Analysis) standOut(at interim) {
	var levels []*Effect
	var ps []float64
	for i := range a.Effects {
		if e := &a.Effects[i]; !e.Whole() {
			levels, ps = append(levels, e), append(ps, e.p)
		}
	}
	for i, claim := range stats.Holm(ps, stats.Alpha*shareOfLevels*at.spends) {
		levels[i].p, levels[i].StandsOut = claim.P, claim.Made
	}
	ps = nil
	for _, p := range a.Points {
		ps = append(ps, p.P)
	}
	for i, claim := range stats.Holm(ps, stats.Alpha*shareOfPoints*at.spends) {
		a.Points[i].P, a.Points[i].StandsOut = claim.P, claim.Made
	}
}
