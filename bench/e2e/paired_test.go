package e2e_test

import (
	"bytes"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"poolbench/server"
	"poolbench/server/servertest"
)

// paired runs the benchmark of pairs, one of which is of threads and themselves.
func paired(t *testing.T, flags ...string) outcome {
	t.Helper()
	return run(t, append([]string{"-test.bench=Paired", "-pool=thread,process", "-rounds=6"}, flags...)...)
}

// A row for each pair, and the base against itself first. What the testing package
// calls for does not change what a row says.
func TestRowsOfPairs(t *testing.T) {
	for _, benchtime := range []string{"1x", "3x", "1ns", "1s"} {
		t.Run(benchtime, func(t *testing.T) {
			began := time.Now()
			got := paired(t, "-test.benchtime="+benchtime, "-op=upload", "-pool=process,thread,goroutine")
			assert.Zero(t, got.status, got.stderr)
			assert.Less(t, time.Since(began), 20*time.Second)
			rows := got.rows(t)
			require.Len(t, rows, 3)
			for i, pool := range []string{"thread", "process", "goroutine"} {
				name := "op=upload/volume=1KiB/clients=2/workers=1/pool=" + pool
				assert.Equal(t, "Paired/"+name, nameOf(rows[i]))
				assert.Equal(t, 6, rows[i].Iters)
				assert.Equal(t, "thread", rows[i].GetConfig("paired-base"))
				want := []string{"ns/op", "base-ns/op", "ratio", "ratio-lo", "ratio-hi", "fail/op"}
				if pool != "thread" {
					want = append(want, "p-holm")
				}
				assert.ElementsMatch(t, want, units(rows[i]))
				assert.Zero(t, value(rows[i], "fail/op"))
				assert.LessOrEqual(t, value(rows[i], "ratio-lo"), value(rows[i], "ratio"))
				assert.LessOrEqual(t, value(rows[i], "ratio"), value(rows[i], "ratio-hi"))
				assert.Regexp(t, `\n# paired \d of 3: `+name+` against thread: 6 rounds, ratio [\d.]+ \([\d.]+ … [\d.]+\)\n`, got.stdout)
			}
			assert.Regexp(t, `\n# +upload +1KiB +2 +1 +thread +6 .* +noise floor\n`, got.stdout)
			assert.NotContains(t, got.stdout, "MB/s  ", "there are no cells, and no table of them")
			assert.Contains(t, got.stdout, "\n# 3 pairs, 72 ops, 0 failed\n")
		})
	}
}

// The pattern means both benchmarks, or pairs of which the base is measured too.
func TestPairsThatAreSelected(t *testing.T) {
	results := t.TempDir()
	got := paired(t, "-results="+results, "-clients=2,20", "-test.bench=Paired/op=upload/.*/clients=2/.*/pool=process")
	assert.Zero(t, got.status, got.stderr)
	rows := got.rows(t)
	require.Len(t, rows, 1)
	assert.Equal(t, "Paired/op=upload/volume=1KiB/clients=2/workers=1/pool=process", nameOf(rows[0]))
	run := samples(t, results)
	require.Len(t, run.Pairs, 2, "what it is held to is kept")
	assert.True(t, run.Pairs[0].Same())
	assert.Empty(t, run.Results)

	both := paired(t, "-test.bench=.", "-op=download", "-results="+results, "-rounds=1")
	assert.Zero(t, both.status, both.stderr)
	assert.Len(t, both.rows(t), 2+2)
	assert.Equal(t, 1, strings.Count(both.stdout, "commit: "), "one head")
	assert.Regexp(t, `\n# 2 cells, 2 pairs, \d+ ops, 0 failed\n`, both.stdout)
	assert.Contains(t, both.stdout, "too few rounds")
	run = samples(t, results)
	assert.Len(t, run.Pairs, 2)
	assert.Len(t, run.Results, 2)
}

func TestPairsThatCannotBe(t *testing.T) {
	got := finish(t, command(t.Context(), "-test.bench=Paired", "-test.count=2"))
	assert.Equal(t, 2, got.status)
	assert.Empty(t, got.stdout)
	assert.Equal(t, "poolbench: -count=2: BenchmarkPaired is measured once: use -rounds for more pairs of rounds, or -bench BenchmarkTransfer to leave it out\n", got.stderr)

	target := servertest.Start(t, server.Config{Storage: t.TempDir(), Pool: server.Thread, Workers: 1}).Addr().String()
	got = remote(t, target, "-test.bench=Paired")
	assert.Equal(t, 2, got.status)
	assert.Empty(t, got.stdout)
	assert.Equal(t, "poolbench: -bench selects BenchmarkPaired alone, which compares two servers of our own, and -target is one server: select BenchmarkTransfer\n", got.stderr)

	got = remote(t, target, "-test.bench=.")
	assert.Zero(t, got.status, got.stderr)
	assert.Len(t, got.rows(t), 2)
	assert.Contains(t, got.stdout, "\n# BenchmarkPaired is not run: it compares two servers of our own, and -target is one server\n")
	assert.NotContains(t, got.stdout, "paired-base")
}

// A run of pairs that was broken off and the one that resumes it are one run, with
// a row for each pair, at its end.
func TestResumePairs(t *testing.T) {
	for _, signal := range []unix.Signal{unix.SIGKILL, unix.SIGINT} {
		t.Run(unix.SignalName(signal), func(t *testing.T) {
			results := filepath.Join(t.TempDir(), "results")
			flags := []string{"-test.bench=Paired", "-rounds=6", "-results=" + results, "-volume=1KiB,2KiB", "-workers=1"}
			first := breakOff(t, command(t.Context(), flags...), "# paired ", 3, signal)
			assert.Empty(t, first.rows(t), "p-holm is of all pairs")
			if signal == unix.SIGINT {
				assert.Equal(t, 1, first.status)
				assert.Regexp(t, `\n# skipped: op=download/.*/pool=process against thread: interrupt signal received\n`, first.stdout)
				assert.Regexp(t, `\n# 8 pairs, \d+ ops, 0 failed, [1-5] pairs skipped\n`, first.stdout)
				assert.Contains(t, first.stdout, "\n# BenchmarkPaired has no rows: each depends on all, and some were not measured\n")
			}
			kept := len(samples(t, results).Pairs)
			assert.GreaterOrEqual(t, kept, 3)

			second := finish(t, command(t.Context(), append(flags, "-resume")...))
			assert.Zero(t, second.status, second.stderr)
			assert.Equal(t, 8-kept, strings.Count(second.stdout, "\n# paired "))
			assert.Len(t, second.rows(t), 8, "those of both")
			run := samples(t, results)
			assert.Len(t, run.Pairs, 8)
			for _, c := range run.Compare() {
				assert.Equal(t, 6, c.N, "%v", c.Cell)
			}

			third := finish(t, command(t.Context(), append(flags, "-resume")...))
			assert.Zero(t, third.status, third.stderr)
			assert.Empty(t, third.rows(t), "there is nothing left to measure")
			assert.Contains(t, third.stdout, "\n# 8 pairs, ")
		})
	}
}

// Pairs for which there was no time are in the table, and in the exit status.
func TestDeadlineOfPairs(t *testing.T) {
	got := paired(t, "-op=upload", "-deadline=1ns")
	assert.Equal(t, 1, got.status)
	assert.Empty(t, got.rows(t))
	assert.Contains(t, got.stdout, "\n# skipped: op=upload/volume=1KiB/clients=2/workers=1/pool=process against thread: the deadline of 1ns had passed\n")
	assert.Contains(t, got.stdout, "\n# 2 pairs, 0 ops, 0 failed, 2 pairs skipped\n")
}

// Rounds with a failure are in no ratio, and a pair that has no others in no
// verdict.
func TestPairsThatFail(t *testing.T) {
	flags := []string{"-op=upload", "-op-timeout=1ns"}
	got := paired(t, flags...)
	assert.Equal(t, 1, got.status)
	rows := got.rows(t)
	require.Len(t, rows, 2)
	for _, row := range rows {
		assert.Equal(t, []string{"fail/op"}, units(row))
		assert.EqualValues(t, 4, value(row, "fail/op"), "two clients of either side")
		assert.Equal(t, 3, row.Iters, "it is given up")
	}
	assert.Regexp(t, `\n# failed: op=upload/.*/pool=process against thread: the pool, process: 6 × timeout`, got.stdout)
	assert.Regexp(t, `\n# +upload +1KiB +2 +1 +process +3 .* failed\n`, got.stdout)
	assert.Zero(t, paired(t, append(flags, "-allow-failures")...).status)
}

// The server of one side dies, and the pair says whose it was.
func TestServerOfOneSideIsKilled(t *testing.T) {
	cmd := command(t.Context(), "-test.bench=Paired", "-pool=thread", "-workers=1", "-op=upload", "-rounds=1000000")
	var stdout bytes.Buffer
	cmd.Stdout = &stdout
	require.NoError(t, cmd.Start())
	var servers []int
	for began := time.Now(); len(servers) < 2 && time.Since(began) < 20*time.Second; {
		servers = find(t, binary, "POOLBENCH_SERVER=")
	}
	if !assert.Len(t, servers, 2, "both are alive at once") {
		_ = cmd.Process.Kill()
	} else {
		require.NoError(t, unix.Kill(servers[1], unix.SIGKILL))
	}
	_ = cmd.Wait()
	got := outcome{stdout: stdout.String(), status: cmd.ProcessState.ExitCode()}
	assert.Equal(t, 1, got.status)
	require.Len(t, got.rows(t), 1)
	assert.Regexp(t, `\n# failed: op=upload/.*/pool=thread against thread: the (base|pool), thread: \d+ × `, got.stdout)
	named := regexp.MustCompile(`(?m)^# failed: .*: (the (?:base|pool), thread): `).FindAllStringSubmatch(got.stdout, -1)
	for _, side := range named {
		assert.Equal(t, named[0][1], side[1], "the other is well")
	}
	assert.Contains(t, got.stdout, "# exit status 1 because ops failed")
}
