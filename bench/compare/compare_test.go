package compare_test

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"poolbench/bench"
	"poolbench/bench/compare"
	"poolbench/bench/journal"
	"poolbench/bench/plan"
	"poolbench/fixtures"
)

var update = flag.Bool("update", false, "write the golden files")

// golden compares with a file, and writes the actual text beside it if they differ.
func golden(t *testing.T, path string, got []byte) {
	t.Helper()
	if *update {
		require.NoError(t, os.WriteFile(path, got, 0o644))
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err)
	if !assert.Equal(t, string(want), string(got)) {
		require.NoError(t, os.WriteFile(path+".got", got, 0o644))
	}
}

// lines returns benchmark lines, one per value.
func lines(cell, unit string, values ...float64) string {
	var text strings.Builder
	for _, v := range values {
		fmt.Fprintf(&text, "Benchmark%s-2 3 %v %s\n", cell, v, unit)
	}
	return text.String()
}

// six values around one: any six others that are all above them have p = 2/924.
func six(around float64) []float64 {
	return []float64{0.97 * around, 0.98 * around, 0.99 * around, 1.01 * around, 1.02 * around, 1.03 * around}
}

func input(t *testing.T, name string, parts ...string) *compare.Input {
	t.Helper()
	in, err := compare.ReadText(strings.NewReader(strings.Join(parts, "")), name)
	require.NoError(t, err)
	return in
}

const head = "commit: %s\nkernel: Linux 6.1\nwarmup: %d\nUnit fail/op better=lower\n"

// both returns two runs with every kind of row: worse and better, for a time and for a
// rate, no difference, too few, equal, zeros, a unit of unknown direction, a cell that lost
// its values, and cells on one side only.
func both(t *testing.T) (base, next *compare.Input) {
	base = input(t, "before.txt", fmt.Sprintf(head, "aaaa", 1),
		lines("T/clients=1", "ns/op", six(2e6)...), lines("T/clients=5", "ns/op", six(3e9)...), lines("T/clients=50", "ns/op", six(40)...),
		lines("T/clients=1", "MB/s", six(2000)...), lines("T/few", "MB/s", 1, 2), lines("T/same", "MB/s", six(7)...),
		lines("T/clients=1", "fail/op", 0, 0, 0, 0, 0, 0), lines("T/clients=5", "fail/op", 0, 0, 0, 0, 0, 0),
		lines("T/clients=1", "colour", six(0.5)...), lines("T/clients=1", "server-peak-B", six(12e6)...),
		lines("T/lost", "ns/op", 1, 2), lines("T/old", "ns/op", 1))
	next = input(t, "after.txt", fmt.Sprintf(head, "bbbb", 2),
		lines("T/clients=1", "ns/op", six(3e6)...), lines("T/clients=5", "ns/op", six(2e9)...), lines("T/clients=50", "ns/op", six(40)...),
		lines("T/clients=1", "MB/s", six(1500)...), lines("T/few", "MB/s", 3, 4), lines("T/same", "MB/s", six(7)...),
		lines("T/clients=1", "fail/op", 0, 0, 0, 0, 0, 0), lines("T/clients=5", "fail/op", 1, 2, 3, 4, 5, 6),
		lines("T/clients=1", "colour", six(0.75)...), lines("T/clients=1", "server-peak-B", six(11e6)...),
		"BenchmarkT/lost-2 3 1 skipped/op\n", lines("T/new|young", "ns/op", 1))
	return base, next
}

func TestFormats(t *testing.T) {
	base, next := both(t)
	table, err := compare.Compare(base, next, compare.Options{})
	require.NoError(t, err)
	for _, format := range compare.Formats() {
		t.Run(format.Name, func(t *testing.T) {
			var got bytes.Buffer
			require.NoError(t, format.Write(&got, table))
			golden(t, "testdata/"+format.Name+".golden", got.Bytes())
			assert.ErrorIs(t, format.Write(broken{}, table), os.ErrClosed)
		})
	}
	t.Run("paired", func(t *testing.T) {
		table, err := compare.Compare(base, input(t, "a.txt", lines("T/clients=1", "ns/op", six(3e6)...)),
			compare.Options{Units: []string{"ns/op"}})
		require.NoError(t, err)
		unpaired := table.Rows[0]
		pair := func(around float64) *compare.Input { return input(t, "a.txt", lines("T", "ns/op", six(around)...)) }
		table, err = compare.Compare(pair(2e6), pair(3e6), compare.Options{Paired: true})
		require.NoError(t, err)
		require.Len(t, table.Rows, 1)
		assert.Equal(t, compare.Worse, table.Rows[0].Word)
		assert.InEpsilon(t, 2./64, table.Rows[0].P, 1e-12)
		assert.InEpsilon(t, 2./924, unpaired.P, 1e-12)
		var got bytes.Buffer
		require.NoError(t, compare.Text(&got, table))
		golden(t, "testdata/paired.golden", got.Bytes())
	})
}

type broken struct{}

func (broken) Write([]byte) (int, error) { return 0, os.ErrClosed }

func TestWords(t *testing.T) {
	base, next := both(t)
	table, err := compare.Compare(base, next, compare.Options{})
	require.NoError(t, err)
	got := map[string]compare.Word{}
	for _, r := range table.Rows {
		got[r.Cell+" "+r.Unit] = r.Word
	}
	assert.Equal(t, map[string]compare.Word{
		"T/clients=1 ns/op": compare.Worse, "T/clients=5 ns/op": compare.Better, "T/clients=50 ns/op": compare.Unshown,
		"T/clients=1 MB/s": compare.Worse, "T/few MB/s": compare.TooFew, "T/same MB/s": compare.Unshown,
		"T/clients=1 fail/op": compare.Equal, "T/clients=5 fail/op": compare.Worse,
		"T/clients=1 colour": compare.Higher, "T/clients=1 server-peak-B": compare.Lower,
	}, got)
	assert.Equal(t, 9, table.Tested, "what is equal everywhere is no test")
	assert.Equal(t, []string{"T/old"}, table.OnlyBase)
	assert.Equal(t, []string{"T/new|young"}, table.OnlyNew)
	assert.Equal(t, []compare.Difference{{Name: "warmup", Base: "1", New: "2"}}, table.Differences, "and not the commit")
	assert.Equal(t, []compare.Absent{{Cell: "T/lost", Unit: "ns/op", Base: 2, BaseN: 2}}, table.Absent)
}

// folder stores a run of two planned cells. One has a round for each makespan, with a
// failed op if that is negative; the other was not measured.
func folder(t *testing.T, clients int, makespans ...time.Duration) string {
	t.Helper()
	cell := bench.Cell{Op: bench.Upload, Volume: fixtures.MiB, Clients: clients, Workers: 5, Pool: "thread"}
	other := cell
	other.Workers = 50
	result := bench.Result{Cell: cell, LoadPeak: 7}
	for _, makespan := range makespans {
		round := bench.Round{Makespan: makespan.Abs(), LoadCPU: 5}
		for i := range clients {
			round.Samples = append(round.Samples, bench.Sample{Client: i, Sent: 1, FirstByte: 2, Done: makespan.Abs(), Wire: 1e6})
		}
		if makespan < 0 {
			round.Samples[0].Failure.Reason = bench.Reset
		}
		result.Rounds = append(result.Rounds, round)
	}
	dir := t.TempDir()
	plan := journal.Plan{Base: "thread", Count: 1, Flags: map[string]string{"verify": "on", "passes": "1"}}.Of([]bench.Cell{cell, other})
	j, err := journal.Open(dir, journal.Head{Plan: plan, Environment: map[string]string{"kernel": "Linux 6.1"}, Target: map[string]string{"version": "1", "workers": "5"}, Commit: dir}, false)
	require.NoError(t, err)
	require.NoError(t, j.Add(result))
	require.NoError(t, j.Close("interrupted"))
	return dir
}

// Every round is a value with the metrics of a round. A round with a failed op has failures
// only, and a quantile needs enough clients.
func TestReadFolder(t *testing.T) {
	const ms = time.Millisecond
	for _, row := range []struct {
		clients int
		values  map[string]int // by unit
	}{
		{1, map[string]int{"ns/op": 2, "MB/s": 2, "max-ns": 2, "client-MB/s": 2, "fairness": 2, "fail/op": 3, "load-cpu-ns/op": 2}},
		{5, map[string]int{"ns/op": 2, "MB/s": 2, "max-ns": 2, "client-MB/s": 2, "fairness": 2, "fail/op": 3, "load-cpu-ns/op": 2, "p50-ns": 2, "wait-p50-ns": 2}},
		{29, map[string]int{"ns/op": 2, "MB/s": 2, "max-ns": 2, "client-MB/s": 2, "fairness": 2, "fail/op": 3, "load-cpu-ns/op": 2, "p50-ns": 2, "wait-p50-ns": 2, "p90-ns": 2}},
	} {
		t.Run(fmt.Sprint(row.clients), func(t *testing.T) {
			in, err := compare.Read(folder(t, row.clients, 10*ms, -20*ms, 30*ms))
			require.NoError(t, err)
			assert.Equal(t, compare.Rounds, in.Kind)
			assert.Equal(t, map[string]string{"kernel": "Linux 6.1", "target version": "1", "target workers": "5", "-verify": "on", "pace": "one cell after the other", "broken off": "interrupted"}, in.Config)
			table, err := compare.Compare(in, in, compare.Options{})
			require.NoError(t, err)
			values := map[string]int{}
			for _, r := range table.Rows {
				values[r.Unit] = r.Base.N
				if r.Unit == "ns/op" {
					assert.Equal(t, 20e6, r.Base.Median)
				}
				if r.Unit == "fairness" {
					assert.Equal(t, 1, r.Better)
				}
			}
			assert.Equal(t, row.values, values)
		})
	}
}

// The documentation lists the flags that may differ: all those of a run's pace except
// -control, which adds cells.
func TestFlagsThatMayDiffer(t *testing.T) {
	text, err := os.ReadFile("../../docs/comparing.md")
	require.NoError(t, err)
	list := regexp.MustCompile(`\(commit, program, (.*) may differ\)`).FindSubmatch(text)
	require.NotNil(t, list)
	flags := []string{"control"}
	for _, flag := range regexp.MustCompile("`-(.+?)`").FindAllStringSubmatch(string(list[1]), -1) {
		flags = append(flags, flag[1])
	}
	assert.ElementsMatch(t, plan.Flags(plan.Paced), flags)
}

// A failed round on one side removes its partner, and the following pairs stay together.
func TestPairsStayTogether(t *testing.T) {
	const ms = time.Millisecond
	base, err := compare.Read(folder(t, 1, 10*ms, -20*ms, 30*ms, 40*ms))
	require.NoError(t, err)
	next, err := compare.Read(folder(t, 1, 20*ms, 40*ms, -60*ms, 80*ms))
	require.NoError(t, err)
	table, err := compare.Compare(base, next, compare.Options{Units: []string{"ns/op"}, Paired: true})
	require.NoError(t, err)
	require.Len(t, table.Rows, 1)
	assert.Equal(t, 2, table.Rows[0].Change.N)
	assert.InEpsilon(t, 2, table.Rows[0].Change.Ratio, 1e-12)

	next, err = compare.Read(folder(t, 1, -20*ms, 40*ms, -60*ms, -80*ms))
	require.NoError(t, err)
	table, err = compare.Compare(base, next, compare.Options{Units: []string{"ns/op"}, Paired: true})
	require.NoError(t, err)
	assert.Empty(t, table.Rows)
	assert.Len(t, table.Absent, 1)
}

func TestCompareErrors(t *testing.T) {
	rounds, err := compare.Read(folder(t, 1, 1))
	require.NoError(t, err)
	two, three := input(t, "two", lines("T/a", "ns/op", 1, 2)), input(t, "three", lines("T/a", "ns/op", 1, 2, 3))
	for _, row := range []struct {
		name       string
		base, next *compare.Input
		options    compare.Options
		want       string
	}{
		{"kinds", rounds, two, compare.Options{}, "has rounds and two has lines, and a line is a mean over rounds: compare two folders of results, or two texts"},
		{"uneven pairs", two, three, compare.Options{Paired: true}, "compare: T/a has 2 lines in BASE and 3 in NEW: pairs need equal numbers on both sides"},
		{"no such unit", two, three, compare.Options{Units: []string{"p50-ns"}}, `compare: the unit "p50-ns" is not in both inputs, which have ns/op`},
		{"no ratio", input(t, "a", lines("T/a", "ns/op", 1e300)), input(t, "b", lines("T/a", "ns/op", 1e-300)), compare.Options{}, "compare: ns/op of T/a: stats: x is from 1e-300"},
	} {
		t.Run(row.name, func(t *testing.T) {
			_, err := compare.Compare(row.base, row.next, row.options)
			assert.ErrorContains(t, err, row.want)
		})
	}
}

func TestReadErrors(t *testing.T) {
	for _, row := range []struct{ name, text, want string }{
		{"nothing", "", "compare: x: it has no benchmark lines: name a results folder, or the output of go test -bench"},
		{"something else", "{\"kind\":\"run\"}\n", "it has no benchmark lines"},
		{"no number", "BenchmarkT 1 fast ns/op\n", "compare: x:1: parsing measurement: invalid syntax"},
		{"cut off", "kernel: a\nBenchmarkT 1\n", "compare: x:2: missing measurements"},
		{"not a number", "BenchmarkT 1 NaN ns/op\n", "compare: x:1: NaN ns/op is not a value: it must be a finite number"},
		{"twice", "BenchmarkT 1 1 ns/op 2 ns/op\n", "compare: x:1: there are two values of ns/op"},
		{"several GOMAXPROCS", "BenchmarkT/a 1 1 ns/op\nBenchmarkT/a-2 1 1 ns/op\n", "compare: x:2: T/a was measured with GOMAXPROCS 1, and here with 2: they cannot be mixed"},
	} {
		t.Run(row.name, func(t *testing.T) {
			_, err := compare.ReadText(strings.NewReader(row.text), "x")
			assert.ErrorContains(t, err, row.want)
		})
	}
	_, err := compare.Read(filepath.Join(t.TempDir(), "none"))
	assert.ErrorContains(t, err, "no such file or directory")
	_, err = compare.Read(t.TempDir())
	assert.ErrorContains(t, err, "no such file or directory")
	_, err = compare.ReadText(broken{}, "x")
	assert.ErrorIs(t, err, os.ErrClosed)
}

func (broken) Read([]byte) (int, error) { return 0, os.ErrClosed }

// Any text can be read or is an error. If it can be read, it can be compared with itself
// and gated, and is never worse than itself.
func FuzzRead(f *testing.F) {
	f.Add(fmt.Sprintf(head, "a", 1) + lines("T/clients=1", "ns/op", six(2e6)...) + lines("T/clients=1", "fail/op", 0, 1))
	f.Add("BenchmarkT/a-2 3 1 skipped/op\nBenchmarkT 1 -1 x 1e308 ns/op\nUnit x better=higher\nBenchmarkT-1-2 1 0 MB/s")
	f.Fuzz(func(t *testing.T, text string) {
		in, err := compare.ReadText(strings.NewReader(text), "x")
		if err != nil {
			return
		}
		for _, paired := range []bool{false, true} {
			table, err := compare.Compare(in, in, compare.Options{Paired: paired})
			if err == nil {
				for _, format := range compare.Formats() {
					require.NoError(t, format.Write(&bytes.Buffer{}, table))
				}
				for _, r := range table.Rows {
					assert.Contains(t, []compare.Word{compare.Unshown, compare.TooFew, compare.Equal}, r.Word)
				}
			}
			verdict, err := compare.Gate(in, in, compare.GateOptions{MaxRegression: 0.1, Paired: paired})
			if err == nil {
				assert.Contains(t, []compare.Status{compare.Passed, compare.TooLittle}, verdict.Status)
			}
		}
	})
}
