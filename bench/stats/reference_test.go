package stats_test

import (
	"encoding/csv"
	"fmt"
	"math"
	"os"
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"poolbench/bench/stats"
)

// table reads a file with a header line.
func table(t *testing.T, path string) [][]string {
	t.Helper()
	file, err := os.Open(path)
	require.NoError(t, err)
	defer file.Close()
	rows, err := csv.NewReader(file).ReadAll()
	require.NoError(t, err)
	return rows[1:]
}

func number(t *testing.T, text string) float64 {
	t.Helper()
	value, err := strconv.ParseFloat(text, 64)
	require.NoError(t, err)
	return value
}

// reference returns what R computed; testdata/reference.R has the code and the version.
func reference(t *testing.T) map[string][]float64 {
	t.Helper()
	values := map[string][]float64{}
	for _, row := range table(t, "testdata/reference.csv") {
		values[row[0]] = append(values[row[0]], number(t, row[2]))
	}
	return values
}

// recorded returns a column of data measured by poolbench.
func recorded(t *testing.T, path string, column int) []float64 {
	t.Helper()
	var values []float64
	for _, row := range table(t, path) {
		values = append(values, number(t, row[column]))
	}
	return values
}

const rounds = "testdata/rounds.csv"

// near is equal up to rounding.
func near(t *testing.T, want []float64, got ...float64) {
	t.Helper()
	require.Len(t, got, len(want))
	for i := range want {
		assert.InEpsilon(t, want[i], got[i], 1e-12, "number %d", i+1)
	}
}

func TestSampleAsInR(t *testing.T) {
	r, threads := reference(t), recorded(t, rounds, 1)
	for _, n := range []int{6, 10, 30, 58} {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			s, err := stats.Summarize(threads[:n])
			require.NoError(t, err)
			near(t, r[fmt.Sprintf("center %d", n)], s.Median, s.Lo, s.Hi)
			near(t, r[fmt.Sprintf("spread %d", n)], s.Mean, s.StdDev)
			fairness, err := stats.Fairness(threads[:n])
			require.NoError(t, err)
			near(t, r[fmt.Sprintf("fairness %d", n)], fairness)
		})
	}
}

func TestOutliersAsInR(t *testing.T) {
	r, threads := reference(t), recorded(t, rounds, 1)
	check := func(name string, values []float64) {
		s, err := stats.Summarize(values)
		require.NoError(t, err)
		var places []float64
		for _, place := range s.Outliers {
			places = append(places, float64(place))
		}
		assert.Equal(t, r[name], places, name)
	}
	for _, n := range []int{5, 8, 11, 30, 60} {
		check(fmt.Sprintf("outliers %d", n), threads[:n])
	}
	check("outliers latencies", recorded(t, "testdata/latencies.csv", 1))
}

func TestQuantilesAsInR(t *testing.T) {
	want, latencies := reference(t)["quantiles latencies"], recorded(t, "testdata/latencies.csv", 1)
	ps := []float64{0.05, 0.5, 0.9, 0.95, 0.99}
	got, err := stats.Quantiles(latencies, ps...)
	require.NoError(t, err)
	assert.Equal(t, want, got)
}

func TestPairedAsInR(t *testing.T) {
	r, threads, processes := reference(t), recorded(t, rounds, 1), recorded(t, rounds, 2)
	for _, n := range []int{6, 10, 12, 30, 49, 60} {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			c, err := stats.Paired(threads[:n], processes[:n])
			require.NoError(t, err)
			near(t, r[fmt.Sprintf("paired %d", n)], c.Ratio, c.Lo, c.Hi, c.Level, c.P)
		})
	}
}

// Rounded to a millisecond 3 of 12 rounds take equally long for both pools, and rounded to
// a tenth 2 of 60. Some ratios of the others tie.
func TestPairedTiesAsInR(t *testing.T) {
	r, threads, processes := reference(t), recorded(t, rounds, 1), recorded(t, rounds, 2)
	for i, row := range []struct {
		rounds int
		step   float64
	}{{12, 1e6}, {60, 1e5}} {
		x, y := make([]float64, row.rounds), make([]float64, row.rounds)
		zeros := 0
		sizes := map[float64]bool{}
		for i := range x {
			x[i], y[i] = math.Round(threads[i]/row.step), math.Round(processes[i]/row.step)
			if x[i] == y[i] {
				zeros++
				continue
			}
			sizes[max(x[i], y[i])/min(x[i], y[i])] = true
		}
		assert.EqualValues(t, r["tied zeros"][i], zeros)
		assert.EqualValues(t, r["tied values"][i], len(sizes))
		c, err := stats.Paired(x, y)
		require.NoError(t, err)
		near(t, r[fmt.Sprintf("tied %d", row.rounds)], c.Ratio, c.P)
	}
}

// Hollander & Wolfe, Nonparametric Statistical Methods, table 3.1: a depression factor of
// nine patients at the first and the second visit after the beginning of a therapy. Their
// differences are the log ratios here.
func TestPairedAsPublished(t *testing.T) {
	first := []float64{1.83, 0.50, 1.62, 2.48, 1.68, 1.88, 1.55, 3.06, 1.30}
	second := []float64{0.878, 0.647, 0.598, 2.05, 1.06, 1.29, 1.06, 3.14, 1.29}
	for i := range first {
		first[i], second[i] = math.Exp(first[i]), math.Exp(second[i])
	}
	c, err := stats.Paired(first, second)
	require.NoError(t, err)
	assert.InDelta(t, 0.46, math.Log(c.Ratio), 1e-9)
	assert.InDelta(t, 0.010, math.Log(c.Lo), 1e-9)
	assert.InDelta(t, 0.786, math.Log(c.Hi), 1e-9)
	near(t, reference(t)["paired depression"], c.Ratio, c.Lo, c.Hi, c.Level, c.P)
}

func TestLevelsAsInR(t *testing.T) {
	r := reference(t)
	for n := 6; n < 50; n++ {
		c, err := stats.Paired(upTo(n), upTo(n))
		require.NoError(t, err)
		near(t, r[fmt.Sprintf("level %d", n)], c.Level)
	}
}

func TestHolmAsInR(t *testing.T) {
	r := reference(t)
	near(t, r["holm adjusted"], adjusted(r["holm raw"])...)
}

func TestUnpairedAsInR(t *testing.T) {
	r, threads, processes := reference(t), recorded(t, rounds, 1), recorded(t, rounds, 2)
	for _, size := range [][2]int{{4, 4}, {3, 5}, {6, 6}, {10, 12}, {12, 12}, {7, 30}, {49, 49}, {60, 60}} {
		c, err := stats.Unpaired(threads[:size[0]], processes[:size[1]])
		require.NoError(t, err)
		near(t, r[fmt.Sprintf("unpaired %d %d", size[0], size[1])], c.Ratio, c.Lo, c.Hi, c.Level, c.P)
	}
}

// The makespans in coarse steps, so that many tie.
func TestUnpairedTiesAsInR(t *testing.T) {
	r, threads, processes := reference(t), recorded(t, rounds, 1), recorded(t, rounds, 2)
	for _, row := range []struct {
		n, m int
		step float64
	}{{5, 7, 1e6}, {30, 25, 1e6}, {60, 60, 1e5}} {
		x, y := make([]float64, row.n), make([]float64, row.m)
		values := map[float64]bool{}
		for i := range x {
			x[i] = math.Round(threads[i] / row.step)
			values[x[i]] = true
		}
		for i := range y {
			y[i] = math.Round(processes[i] / row.step)
			values[y[i]] = true
		}
		c, err := stats.Unpaired(x, y)
		require.NoError(t, err)
		near(t, r[fmt.Sprintf("unpaired tied %d %d", row.n, row.m)], c.Ratio, c.P, float64(row.n+row.m-len(values)))
	}
}
