package compare_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"poolbench/bench/compare"
)

// One cell of six lines: 2/924 is less than 0.05, so a slowdown by half is found. The limit
// is a tenth.
func TestGate(t *testing.T) {
	const unit = "Unit fail/op better=lower\n"
	fails := func(n ...float64) string { return lines("T/a", "fail/op", n...) }
	for _, row := range []struct {
		name       string
		base, next string
		options    compare.GateOptions
		want       compare.Status
		says       []string
	}{
		{"the same", lines("T/a", "ns/op", six(1e6)...), lines("T/a", "ns/op", six(1e6)...), compare.GateOptions{}, compare.Passed,
			[]string{"gate: 1 cell × ns/op, BASE base, NEW next, limit 10 %", "passed: none of 1 compared is shown to be worse by more than 10 %; the farthest is T/a: ns/op 1.00 ms → 1.00 ms, +0.0 %"}},
		{"faster", lines("T/a", "ns/op", six(1e6)...), lines("T/a", "ns/op", six(5e5)...), compare.GateOptions{}, compare.Passed, []string{"-50.0 %"}},
		{"slower by half", lines("T/a", "ns/op", six(1e6)...), lines("T/a", "ns/op", six(15e5)...), compare.GateOptions{}, compare.Regressed,
			[]string{"regression: T/a: ns/op 1.00 ms → 1.50 ms, +50.0 % (95 % interval +44.2 … +56.1 %), p 0.002 after Holm, 6 and 6 values", "regressed: 1 of 1 compared"}},
		{"slower within the limit", lines("T/a", "ns/op", six(1e6)...), lines("T/a", "ns/op", six(108e4)...), compare.GateOptions{}, compare.Passed, []string{"within the limit: T/a: ns/op 1.00 ms → 1.08 ms"}},
		{"a rate", lines("T/a", "MB/s", six(1500)...), lines("T/a", "MB/s", six(1000)...), compare.GateOptions{Units: []string{"MB/s"}}, compare.Regressed,
			[]string{"regression: T/a: MB/s 1500 → 1000, -33.3 % (95 % interval -35.9 … -30.6 %), which is 50 % longer"}},
		{"a rate within the limit", lines("T/a", "MB/s", six(1080)...), lines("T/a", "MB/s", six(1000)...), compare.GateOptions{Units: []string{"MB/s"}}, compare.Passed, []string{"within the limit"}},
		{"another unit", lines("T/a", "ns/op", six(1e6)...) + lines("T/a", "MB/s", six(9)...), lines("T/a", "ns/op", six(2e6)...) + lines("T/a", "MB/s", six(9)...),
			compare.GateOptions{Units: []string{"MB/s"}}, compare.Passed, nil},
		{"pairs", lines("T/a", "ns/op", six(1e6)...), lines("T/a", "ns/op", six(15e5)...), compare.GateOptions{Paired: true}, compare.Regressed, []string{"p 0.031 after Holm"}},
		{"more failures", unit + lines("T/a", "ns/op", six(1e6)...) + fails(0, 1), unit + lines("T/a", "ns/op", six(1e6)...) + fails(1, 1), compare.GateOptions{}, compare.Regressed,
			[]string{"failures: T/a: 0.5 failed ops per round in BASE, 1.00 in NEW", "1 with more failed ops"}},
		{"fewer failures", unit + lines("T/a", "ns/op", six(1e6)...) + fails(0, 1), unit + lines("T/a", "ns/op", six(1e6)...) + fails(0, 0), compare.GateOptions{}, compare.Passed, nil},
		{"the first failures are no ratio", unit + fails(0, 0, 0, 0, 0, 0), unit + fails(1, 2, 3, 4, 5, 6), compare.GateOptions{Units: []string{"fail/op"}}, compare.Regressed,
			[]string{"regression: T/a: fail/op 0 → 3.50, p 0.002 after Holm"}},
		{"all failed", lines("T/a", "ns/op", 1, 2), unit + fails(1, 1), compare.GateOptions{}, compare.Regressed, []string{"gone: T/a: ns/op has 2 values in BASE, and none of the 2 lines of NEW has one"}},
		{"skipped", lines("T/a", "ns/op", 1, 2), "BenchmarkT/a-2 1 1 skipped/op\n", compare.GateOptions{}, compare.Regressed, []string{"gone: T/a: ns/op has 2 values in BASE, and NEW has skipped the cell"}},
		{"both failed", unit + fails(1) + lines("T/b", "ns/op", six(1)...), unit + fails(1) + lines("T/b", "ns/op", six(1)...), compare.GateOptions{}, compare.Passed, nil},
		{"only BASE failed", unit + fails(1) + lines("T/b", "ns/op", six(1)...), unit + lines("T/a", "ns/op", six(1)...) + lines("T/b", "ns/op", six(1)...), compare.GateOptions{}, compare.TooLittle,
			[]string{"too few: T/a: values of ns/op in 0 of 1 on the side of BASE, and in 6 of 6 on that of NEW", "1 of 2 could not have been significant"}},
		{"too few", lines("T/a", "ns/op", 1, 2, 3), lines("T/a", "ns/op", 7, 8, 9), compare.GateOptions{}, compare.TooLittle,
			[]string{"too few: T/a: ns/op: 3 and 3 lines", "not enough data: 1 of 1 could not have been significant at 0.05 after Holm, whatever the difference; 4 lines on either side suffice"}},
		// 2/2⁶ is less than 0.05, and 2/2⁵ is not.
		{"too few pairs", lines("T/a", "ns/op", 1, 2, 3, 4, 5), lines("T/a", "ns/op", 7, 8, 9, 10, 11), compare.GateOptions{Paired: true}, compare.TooLittle, []string{"6 lines on either side suffice"}},
		{"too few in one of two", lines("T/a", "ns/op", six(1)...) + lines("T/b", "ns/op", 1), lines("T/a", "ns/op", six(1)...) + lines("T/b", "ns/op", 1), compare.GateOptions{}, compare.TooLittle,
			[]string{"too few: T/b: ns/op: 1 and 1 lines", "1 of 3 could not"}},
		// What is shown stands, although nothing can be shown for the other cell.
		{"worse, and too few", lines("T/a", "ns/op", six(1)...) + lines("T/b", "ns/op", 1), lines("T/a", "ns/op", six(2)...) + lines("T/b", "ns/op", 1), compare.GateOptions{}, compare.Regressed, []string{"regression: T/a"}},
		{"nothing", unit + fails(1), unit + fails(1), compare.GateOptions{}, compare.TooLittle,
			[]string{"not enough data: there is nothing to compare: neither input has a value of ns/op; BASE has fail/op"}},
		{"nothing of one unit", lines("T/a", "ns/op", six(1)...), lines("T/a", "ns/op", six(1)...), compare.GateOptions{Units: []string{"ns/op", "MBs"}}, compare.TooLittle,
			[]string{"neither input has a value of MBs"}},
		{"other cells", lines("T/a", "ns/op", 1), lines("T/b", "ns/op", 1), compare.GateOptions{}, compare.Mismatch,
			[]string{"mismatch: only in BASE: T/a", "mismatch: only in NEW: T/b", "not compared: BASE and NEW are not of the same thing"}},
		{"another configuration", "verify: on\n" + lines("T/a", "ns/op", six(1)...), "sink: file\n" + lines("T/a", "ns/op", six(2)...), compare.GateOptions{}, compare.Mismatch,
			[]string{`mismatch: sink is nothing in BASE and "file" in NEW`, `mismatch: verify is "on" in BASE and nothing in NEW`}},
		{"another GOMAXPROCS", "BenchmarkT/a-2 1 1 ns/op\n", "BenchmarkT/a-4 1 1 ns/op\n", compare.GateOptions{}, compare.Mismatch, []string{`GOMAXPROCS of the names is "2" in BASE and "4" in NEW`}},
		{"another commit", "commit: a\n" + lines("T/a", "ns/op", six(1)...), "commit: b\n" + lines("T/a", "ns/op", six(1)...), compare.GateOptions{}, compare.Passed, nil},
		{"uneven pairs", lines("T/a", "ns/op", 1), lines("T/a", "ns/op", 1, 2), compare.GateOptions{Paired: true}, compare.Mismatch, []string{"mismatch: T/a has 1 lines in BASE and 2 in NEW"}},
	} {
		t.Run(row.name, func(t *testing.T) {
			row.options.MaxRegression = 0.1
			got, err := compare.Gate(input(t, "base", row.base), input(t, "next", row.next), row.options)
			require.NoError(t, err)
			text := strings.Join(got.Lines, "\n")
			assert.Equal(t, row.want, got.Status, text)
			for _, want := range row.says {
				assert.Contains(t, text, want)
			}
		})
	}
}

func TestGateOfFolders(t *testing.T) {
	read := func(path string) *compare.Input {
		in, err := compare.Read(path)
		require.NoError(t, err)
		return in
	}
	makespans := func(around time.Duration) (all []time.Duration) {
		for _, v := range six(float64(around)) {
			all = append(all, time.Duration(v))
		}
		return all
	}
	base := read(folder(t, 5, makespans(time.Second)...))
	of := func(name, value string) *compare.Input {
		in := read(folder(t, 5, makespans(time.Second)...))
		in.Config["target "+name] = value
		return in
	}
	for _, row := range []struct {
		name string
		next *compare.Input
		want compare.Status
	}{
		{"itself", base, compare.Passed},
		{"twice as slow", read(folder(t, 5, makespans(2*time.Second)...)), compare.Regressed},
		{"a failed op", read(folder(t, 5, append(makespans(time.Second), -1)...)), compare.Regressed},
		{"two rounds", read(folder(t, 5, makespans(time.Second)[:2]...)), compare.TooLittle},
		{"other clients", read(folder(t, 1, makespans(time.Second)...)), compare.Mismatch},
		{"a target of another version", of("version", "2"), compare.Passed},
		{"a target with other workers", of("workers", "6"), compare.Mismatch},
		{"a text", input(t, "next", lines("T/a", "ns/op", 1)), compare.Mismatch},
	} {
		t.Run(row.name, func(t *testing.T) {
			got, err := compare.Gate(base, row.next, compare.GateOptions{MaxRegression: 0.1})
			require.NoError(t, err)
			assert.Equal(t, row.want, got.Status, "%s", strings.Join(got.Lines, "\n"))
		})
	}
}

func TestGateErrors(t *testing.T) {
	in := input(t, "a", lines("T/a", "colour", 1))
	_, err := compare.Gate(in, in, compare.GateOptions{Units: []string{"colour"}})
	assert.EqualError(t, err, `compare: neither input says which way colour is better: add a line "Unit colour better=lower" to NEW, or better=higher`)
}

// simulated is a run of log-normal values with a spread, in which the last cell is slower
// by a factor.
func simulated(t *testing.T, random *rand.Rand, cells, n int, spread, factor float64) *compare.Input {
	var text strings.Builder
	for cell := range cells {
		values := make([]float64, n)
		for i := range values {
			values[i] = 1e7 * float64(cell+1) * math.Exp(spread*random.NormFloat64())
			if cell == cells-1 {
				values[i] *= factor
			}
		}
		text.WriteString(lines(fmt.Sprintf("T/cell=%d", cell), "ns/op", values...))
	}
	return input(t, "simulated", text.String())
}

// Of 200 gates on runs that do not differ, at most one in twenty fires, even with a limit of
// next to nothing: Holm keeps the level over all cells, and half of the significant
// differences are gains.
func TestGateFalseAlarms(t *testing.T) {
	for _, row := range []struct {
		name    string
		options compare.GateOptions
	}{
		{"unpaired", compare.GateOptions{MaxRegression: 1e-6}},
		{"paired", compare.GateOptions{MaxRegression: 1e-6, Paired: true}},
	} {
		t.Run(row.name, func(t *testing.T) {
			random := rand.New(rand.NewPCG(7, 1))
			fired := 0
			for range 200 {
				got, err := compare.Gate(simulated(t, random, 6, 12, 0.1, 1), simulated(t, random, 6, 12, 0.1, 1), row.options)
				require.NoError(t, err)
				require.Contains(t, []compare.Status{compare.Passed, compare.Regressed}, got.Status)
				if got.Status == compare.Regressed {
					fired++
				}
			}
			t.Logf("%d of 200 fired", fired)
			assert.LessOrEqual(t, fired, 10)
		})
	}
}

// If one cell of twelve is slower by a tenth and a twentieth is allowed, twelve rounds with
// a spread of 3 % show that cell and no other.
func TestGateFindsTenth(t *testing.T) {
	random := rand.New(rand.NewPCG(8, 1))
	for range 50 {
		got, err := compare.Gate(simulated(t, random, 12, 12, 0.03, 1), simulated(t, random, 12, 12, 0.03, 1.1), compare.GateOptions{MaxRegression: 0.05})
		require.NoError(t, err)
		require.Equal(t, compare.Regressed, got.Status, "%s", strings.Join(got.Lines, "\n"))
		assert.Equal(t, 1, got.Regressions)
		assert.True(t, slices.ContainsFunc(got.Lines, func(line string) bool { return strings.HasPrefix(line, "regression: T/cell=11: ") }))
	}
}

// If all of sixteen cells are slower by a tenth, their mean shows it although the spread of
// each hides it. Cells without a counterpart have no influence.
func TestGateFindsTenthInAllCells(t *testing.T) {
	random := rand.New(rand.NewPCG(9, 1))
	for _, paired := range []bool{false, true} {
		for range 20 {
			sides := map[float64]string{}
			for _, factor := range []float64{1, 1.1} {
				for cell := range 16 {
					values := make([]float64, 12)
					for i := range values {
						values[i] = 1e7 * factor * math.Exp(0.12*random.NormFloat64())
					}
					sides[factor] += lines(fmt.Sprintf("T/cell=%d", cell), "ns/op", values...)
				}
			}
			got, err := compare.Gate(input(t, "base", sides[1]), input(t, "next", sides[1.1]), compare.GateOptions{MaxRegression: 0.02, Paired: paired})
			require.NoError(t, err)
			assert.Equal(t, compare.Regressed, got.Status)
			assert.Contains(t, strings.Join(got.Lines, "\n"), "\nregression: all cells: ns/op ")
		}
	}
	table, err := compare.Compare(input(t, "base", lines("T/a", "ns/op", 1, 2)+lines("T/b", "ns/op", 4, 8)+lines("T/old", "ns/op", 9, 9)),
		input(t, "next", lines("T/a", "ns/op", 2, 3)+lines("T/b", "ns/op", 8, 0)), compare.Options{})
	require.NoError(t, err)
	all := table.Rows[len(table.Rows)-1]
	assert.Equal(t, "all cells", all.Cell)
	assert.InDelta(t, 3, all.Base.Median, 1e-9, "of 2 and 4")
	assert.Equal(t, 1, all.New.N, "a zero has no geometric mean")
	assert.InDelta(t, 4, all.New.Median, 1e-9)
}

func TestSelftest(t *testing.T) {
	recorded, err := compare.Recorded()
	require.NoError(t, err)
	for _, row := range []struct {
		name    string
		in      *compare.Input
		options compare.GateOptions
		ok      bool
		says    string
	}{
		{"recorded", recorded, compare.GateOptions{MaxRegression: 0.1}, true, "slowed by the factor 1.2: status 3, 9 of 9 worse"},
		{"a rate", recorded, compare.GateOptions{MaxRegression: 0.6, Units: []string{"MB/s"}}, true, "slowed by the factor 2.2: status 3, 9 of 9 worse"},
		{"pairs", recorded, compare.GateOptions{MaxRegression: 0.1, Paired: true}, true, "9 of 9 worse"},
		{"too fine for the spread", recorded, compare.GateOptions{MaxRegression: 0.001}, false, "selftest: failed: the recorded run with itself slowed by the factor 1.002: status 0, and it should be 3:"},
		{"too few", input(t, "a", lines("T/a", "ns/op", 1, 2)), compare.GateOptions{MaxRegression: 0.1}, false, "selftest: failed: a with itself: status 4, and it should be 0:"},
	} {
		t.Run(row.name, func(t *testing.T) {
			got, ok, err := compare.Selftest(row.in, row.options)
			require.NoError(t, err)
			assert.Equal(t, row.ok, ok)
			assert.Contains(t, strings.Join(got, "\n"), row.says)
		})
	}
	_, _, err = compare.Selftest(input(t, "a", lines("T/a", "colour", 1)), compare.GateOptions{Units: []string{"colour"}})
	assert.ErrorContains(t, err, "neither input says which way colour is better")
}
