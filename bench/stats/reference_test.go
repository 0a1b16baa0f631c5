package stats_test

import (
	"encoding/csv"
	"fmt"
	"os"
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"poolbench/bench/stats"
)

// table reads a file with a line of heads.
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

// reference is what R computed: testdata/reference.R says how and with which version.
func reference(t *testing.T) map[string][]float64 {
	t.Helper()
	values := map[string][]float64{}
	for _, row := range table(t, "testdata/reference.csv") {
		values[row[0]] = append(values[row[0]], number(t, row[2]))
	}
	return values
}

// recorded returns a column of data that poolbench has measured.
func recorded(t *testing.T, path string, column int) []float64 {
	t.Helper()
	var values []float64
	for _, row := range table(t, path) {
		values = append(values, number(t, row[column]))
	}
	return values
}

const rounds = "testdata/rounds.csv"

// near is equal but for rounding.
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
	for i, p := range ps {
		one, err := stats.Quantile(latencies, p)
		require.NoError(t, err, "%d are enough", len(latencies))
		assert.Equal(t, want[i], one)
	}
}
