package e2e_test

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/perf/benchfmt"
)

// units are those of a row.
func units(row *benchfmt.Result) []string {
	var units []string
	for _, v := range row.Values {
		if v.OrigUnit != "" {
			v.Unit = v.OrigUnit
		}
		units = append(units, v.Unit)
	}
	return units
}

// holdUnits holds that a row of our own server has all numbers there are.
func holdUnits(t *testing.T, row *benchfmt.Result) {
	t.Helper()
	assert.Zero(t, value(row, "fail/op"), string(row.Name))
	for _, unit := range []string{"ns/op", "MB/s", "p50-ns", "p90-ns", "p99-ns", "max-ns", "wait-p50-ns", "client-MB/s", "fairness",
		"server-cpu-ns/op", "server-peak-B", "load-cpu-ns/op", "load-peak-B"} {
		assert.Positive(t, value(row, unit), "%s of %s", unit, row.Name)
	}
	assert.Equal(t, strings.Contains(string(row.Name), "op=upload"), value(row, "storage-ns/op") > 0)
}

// The testing package paces a run that has one of its flags: one cell after the other.
func TestPacedByTheTestingPackage(t *testing.T) {
	t.Parallel()
	results := t.TempDir()
	got := runMatrix(t, "-test.count=2", "-test.benchtime=2x", "-results="+results)
	assert.Zero(t, got.status, got.stderr)
	assert.Empty(t, got.stderr)
	rows := got.rows(t)
	require.Len(t, rows, 16*2)
	run := samples(t, results)
	assert.Empty(t, run.Why)
	for i, cell := range run.Head.Plan.Cells {
		for _, row := range rows[2*i : 2*i+2] {
			assert.Equal(t, "Transfer/"+cell.String(), nameOf(row), "in the order of the plan")
			assert.Equal(t, 2, row.Iters)
			holdUnits(t, row)
		}
	}
	holdRows(t, results, run)
	assert.Contains(t, got.stdout, "\n# plan: 16 cells, one after the other, each visited 2 times\n")
	assert.Contains(t, got.stdout, "\n# verdict: Pools are not compared: ")
	assert.Contains(t, got.stdout, "\n# 16 cells, 96 ops, 0 failed\n")
	assert.NotContains(t, got.stdout, "finding", "there are no effects")
	assert.NotContains(t, got.stdout, "# pass ")
}

func TestBenchtimeIsATime(t *testing.T) {
	t.Parallel()
	got := run(t, "-test.benchtime=100ms", "-op=download", "-warmup=0")
	rows := got.rows(t)
	require.Len(t, rows, 1)
	assert.Greater(t, rows[0].Iters, 1)
}

func TestRowsOfClientProcesses(t *testing.T) {
	t.Parallel()
	got := run(t, "-client-pool=process", "-clients=3", "-volume=1MiB", "-passes=2")
	assert.Zero(t, got.status, got.stderr)
	assert.Empty(t, got.stderr)
	rows := got.rows(t)
	require.Len(t, rows, 2*2)
	for _, row := range rows {
		assert.Regexp(t, "^Transfer/op=(up|down)load/volume=1MiB/clients=3/workers=1/pool=thread$", nameOf(row))
		holdUnits(t, row)
		assert.Equal(t, "process", row.GetConfig("client-pool"))
		assert.Equal(t, "1", row.GetConfig("client-gomaxprocs"))
	}
	assert.NotContains(t, got.stdout, "client pool")

	both := run(t, "-client-pool=thread,process", "-test.bench=Transfer/op=upload/.*/.*/.*/client-pool=(thread|process)/pool=thread")
	assert.Zero(t, both.status, both.stderr)
	peaks := map[string]float64{}
	for _, row := range both.rows(t) {
		peaks[nameOf(row)] = value(row, "load-peak-B")
		assert.Equal(t, "thread,process", row.GetConfig("client-pool"))
	}
	const name = "Transfer/op=upload/volume=1KiB/clients=2/workers=1/client-pool="
	require.Len(t, peaks, 2)
	for _, pool := range []string{"thread", "process"} {
		assert.Contains(t, peaks, name+pool+"/pool=thread")
		assert.Regexp(t, `\n# +upload +1KiB +2 +1 +`+pool+` +thread +1 `, both.stdout)
	}
	assert.Greater(t, peaks[name+"process/pool=thread"], peaks[name+"thread/pool=thread"], "processes take more than goroutines")
}

// The elements of a pattern mean the whole value: clients=1 is not clients=10. What the
// patterns leave out is not planned.
func TestPatterns(t *testing.T) {
	t.Parallel()
	got := run(t, "-test.bench=Transfer/op=.*/volume=1KiB/clients=1/workers=1/pool=(thread|goroutine)$", "-test.skip=BenchmarkTransfer/op=upload",
		"-pool=thread,goroutine", "-clients=1,10", "-workers=1,10")
	assert.Zero(t, got.status)
	assert.ElementsMatch(t, []string{
		"Transfer/op=download/volume=1KiB/clients=1/workers=1/pool=thread", "Transfer/op=download/volume=1KiB/clients=1/workers=1/pool=goroutine",
	}, names(got.rows(t)))
	assert.Contains(t, got.stdout, "\n# 2 cells, 2 ops, 0 failed\n")

	for flag, want := range map[string]string{
		"-test.bench=Nothing": "-bench matches no cell", "-test.bench=Transfer/clients=3": "-bench matches no cell",
		"-test.skip=.*/.*": "-bench and -skip leave no cell",
	} {
		got := run(t, flag)
		assert.Equal(t, 2, got.status)
		assert.Contains(t, got.stderr, "poolbench: "+want+"\n")
		assert.Empty(t, got.stdout)
	}
	assert.Zero(t, run(t, "-test.list=.").status, "a list is no run")
}

// The testing package's own flags do not spoil the output.
func TestFlagsOfTheTestingPackage(t *testing.T) {
	t.Parallel()
	for _, flags := range [][]string{{"-test.v"}, {"-test.benchmem"}, {"-test.cpu=1"}, {"-test.run=."}, {"-test.v", "-test.benchtime=1x"}} {
		t.Run(strings.Join(flags, " "), func(t *testing.T) {
			got := run(t, flags...)
			assert.Zero(t, got.status)
			rows := got.rows(t)
			require.Len(t, rows, 2)
			if flags[0] == "-test.cpu=1" {
				assert.Equal(t, nameOf(rows[0]), string(rows[0].Name), "one processor has no number")
				assert.Contains(t, got.stdout, "load-gomaxprocs: 1\n")
			}
		})
	}
}

func TestOtherWays(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		flag   string
		config string
	}{
		{"-verify=off", "verify: off"},
		{"-sink=file", "sink: file"},
		{"-storage=discard", "storage: discard"},
		{"-storage=" + os.TempDir(), "storage: "},
		{"-warmup=0", "warmup: 0"},
	} {
		t.Run(row.flag, func(t *testing.T) {
			got := run(t, row.flag)
			assert.Zero(t, got.status)
			assert.Contains(t, got.stdout, row.config)
			assert.Contains(t, got.stdout, "\n# 2 cells, 4 ops, 0 failed\n")
			assert.Len(t, got.rows(t), 2)
		})
	}
}
