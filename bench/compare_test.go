package bench_test

import (
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"golang.org/x/perf/benchfmt"

	"poolbench/bench"
)

// comparison is a pair of which the base took 1 s in each of the rounds, and the
// pool 1 s divided by each ratio; 0 is a round that failed.
func comparison(clients int, pool string, ratios ...float64) bench.Pair {
	cell := bench.Cell{Op: bench.Upload, Clients: clients, Workers: 5, Pool: pool}
	var base, other []int
	for _, ratio := range ratios {
		base = append(base, 1e6)
		if ratio == 0 {
			other = append(other, 0)
		} else {
			other = append(other, int(math.Round(1e6/ratio)))
		}
	}
	p := bench.Pair{Cell: cell, Base: "thread", BaseSide: turns(base...), PoolSide: turns(other...)}
	p.PoolSide.Cell, p.BaseSide.Cell = cell, p.BaseCell()
	return p
}

// times is a number of rounds with nearly one ratio.
func times(n int, ratio float64) []float64 {
	ratios := make([]float64, n)
	for i := range ratios {
		ratios[i] = ratio * (1 + float64(i-n/2)/1e4)
	}
	return ratios
}

// own is the base against itself in eight rounds, with an interval of about ±4 %:
// of eight the interval leaves out the three lowest and highest averages, and so
// reaches from about 1/1.04 to 1.04.
func own(clients int) bench.Pair {
	return comparison(clients, "thread", 1.04, 1/1.04, 1.04, 1/1.04, 1.04, 1/1.04, 1.04, 1/1.04)
}

// Of eight rounds of one sign P is 2/2⁸ = 0.0078.
func TestVerdict(t *testing.T) {
	for _, row := range []struct {
		name  string
		pairs []bench.Pair // the last is judged
		want  bench.Verdict
	}{
		{"the base itself", []bench.Pair{own(1)}, bench.NoiseFloor},
		{"the base itself, too short", []bench.Pair{comparison(1, "thread", times(5, 1)...)}, bench.TooFew},
		{"faster", []bench.Pair{own(1), comparison(1, "process", times(8, 1.08)...)}, bench.Faster},
		{"slower", []bench.Pair{own(1), comparison(1, "process", times(8, 1/1.08)...)}, bench.Slower},
		{"faster by less than the base is than itself", []bench.Pair{own(1), comparison(1, "process", times(8, 1.03)...)}, bench.WithinFloor},
		{"slower by less", []bench.Pair{own(1), comparison(1, "process", times(8, 1/1.03)...)}, bench.WithinFloor},
		{"now faster, now slower", []bench.Pair{own(1), comparison(1, "process", 1.5, 1/1.5, 1.5, 1/1.5, 1.5, 1.4, 1/1.4, 1.3)}, bench.NoDifference},
		// Of seven comparisons the least becomes 7 · 0.0078 = 0.055: none of them could show.
		{"one of many", []bench.Pair{own(1), comparison(2, "process", times(8, 1.08)...), comparison(3, "process", times(8, 1.08)...),
			comparison(4, "process", times(8, 1.08)...), comparison(5, "process", times(8, 1.08)...), comparison(6, "process", times(8, 1.08)...),
			comparison(7, "process", times(8, 1.08)...), comparison(1, "process", times(8, 1.08)...)}, bench.TooFew},
		{"five rounds", []bench.Pair{own(1), comparison(1, "process", times(5, 1.08)...)}, bench.TooFew},
		{"five that were whole", []bench.Pair{own(1), comparison(1, "process", append(times(5, 1.08), 0, 0, 0)...)}, bench.TooFew},
		{"none that was whole", []bench.Pair{own(1), comparison(1, "process", 0, 0, 0)}, bench.NotCompared},
		{"no floor", []bench.Pair{comparison(1, "process", times(8, 1.08)...)}, bench.NoFloor},
		{"the floor of another point", []bench.Pair{own(2), comparison(1, "process", times(8, 1.08)...)}, bench.NoFloor},
		{"a floor of too few rounds", []bench.Pair{comparison(1, "thread", times(5, 1)...), comparison(1, "process", times(8, 1.08)...)}, bench.NoFloor},
	} {
		t.Run(row.name, func(t *testing.T) {
			all := bench.Compare(row.pairs, 0)
			assert.Len(t, all, len(row.pairs))
			assert.Equal(t, row.want, all[len(all)-1].Verdict())
		})
	}
	assert.Empty(t, bench.Compare(nil, 0))
}

// The floor is the farther end, whichever side of 1 it is on.
func TestFloor(t *testing.T) {
	for _, row := range []struct {
		name   string
		ratios []float64
		want   float64
	}{
		{"above", []float64{1, 1, 1, 1, 1, 1.25}, 1.25},
		{"below", []float64{1, 1, 1, 1, 1, 0.8}, 1.25},
		{"far away", []float64{2, 2, 2, 2, 2, 2}, 2},
		{"none", []float64{1, 1, 1, 1, 1, 1}, 1},
		{"not known", []float64{1, 1, 1, 1, 1}, 0},
	} {
		t.Run(row.name, func(t *testing.T) {
			assert.InDelta(t, row.want, bench.Compare([]bench.Pair{comparison(1, "thread", row.ratios...)}, 0)[0].Floor, 1e-9)
		})
	}
}

func pairMetrics(c bench.Compared) map[string]float64 {
	values := map[string]float64{}
	for _, m := range c.Metrics() {
		values[m.Unit] = m.Value
	}
	return values
}

// Twice the throughput in half of the time, in six rounds, of which P is 2/2⁶; it
// is one of two, so Holm doubles it. The seventh round has a failure, and is in no
// time.
func TestPairMetrics(t *testing.T) {
	all := bench.Compare([]bench.Pair{
		comparison(1, "thread", 1, 1, 1, 1, 1, 1),
		comparison(1, "process", 2, 2, 2, 2, 2, 2, 0),
		comparison(2, "process", 1, 1, 1),
		comparison(3, "process", 0, 0),
	}, 0)
	assert.InDeltaMapValues(t, map[string]float64{"ns/op": 1e12, "base-ns/op": 1e12, "ratio": 1, "ratio-lo": 1, "ratio-hi": 1, "fail/op": 0},
		pairMetrics(all[0]), 1e-6, "the base has no p")
	assert.InDeltaMapValues(t, map[string]float64{"ns/op": 5e11, "base-ns/op": 1e12, "ratio": 2, "ratio-lo": 2, "ratio-hi": 2, "p-holm": 2 * 2. / 64,
		"fail/op": 1. / 7}, pairMetrics(all[1]), 1e-6)
	assert.InDeltaMapValues(t, map[string]float64{"ns/op": 1e12, "base-ns/op": 1e12, "ratio": 1, "p-holm": 1, "fail/op": 0},
		pairMetrics(all[2]), 1e-6, "too few for an interval")
	assert.Equal(t, map[string]float64{"ns/op": 0, "fail/op": 1}, pairMetrics(all[3]))

	known := benchfmt.NewReader(strings.NewReader(strings.Join(append(bench.UnitLines(), bench.PairUnitLines()...), "\n")), "units")
	for known.Scan() {
	}
	for unit := range pairMetrics(all[1]) {
		if unit != "ns/op" && unit != "p-holm" {
			assert.NotNil(t, known.Units().Get(unit, "better"), "no unit line for %s", unit)
		}
	}
}
