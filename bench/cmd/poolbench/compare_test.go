package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// printed writes a file of six benchmark lines around a time in ms.
func printed(t *testing.T, ms float64, more ...string) string {
	t.Helper()
	text := strings.Join(more, "")
	for _, share := range []float64{0.97, 0.98, 0.99, 1.01, 1.02, 1.03} {
		text += fmt.Sprintf("BenchmarkT/clients=5-2 3 %v ns/op %v MB/s\n", 1e6*ms*share, 1000/ms/share)
	}
	path := filepath.Join(t.TempDir(), "bench.txt")
	require.NoError(t, os.WriteFile(path, []byte(text), 0o644))
	return path
}

func TestCompare(t *testing.T) {
	base, slow, dir := printed(t, 1), printed(t, 1.5), kept(t)
	for _, row := range []struct {
		args []string
		want []string
	}{
		{[]string{base, slow}, []string{"BASE is " + base, "\nns/op, less is better\n", "+50.0 %  +44.2 … +56.1 %", "\nMB/s, more is better\n", "-33.3 %"}},
		{[]string{base, slow, "--format=markdown", "--unit", "ns/op"}, []string{"| T/clients=5 | 1.00 ms | 6 | 1.50 ms | 6 | +50.0 % |"}},
		{[]string{base, slow, "--paired"}, []string{"compared in pairs"}},
		{[]string{dir, dir}, []string{"visits of 2 cells", "equal"}},
	} {
		t.Run(strings.Join(row.args[2:], " "), func(t *testing.T) {
			status, stdout, stderr := call(t.Context(), append([]string{"compare"}, row.args...)...)
			assert.Zero(t, status, stderr)
			assert.Empty(t, stderr)
			for _, want := range row.want {
				assert.Contains(t, stdout, want)
			}
		})
	}
}

// Every exit status of gate, with the line that tells why.
func TestGate(t *testing.T) {
	base := printed(t, 1)
	few := filepath.Join(t.TempDir(), "few.txt")
	require.NoError(t, os.WriteFile(few, []byte("BenchmarkT/clients=5-2 3 1000 ns/op\n"), 0o644))
	for _, row := range []struct {
		name   string
		args   []string
		status int
		want   string // the last line of standard output begins with it
	}{
		{"passed", []string{base, base}, 0, "passed: none of 1 compared"},
		{"slower", []string{base, printed(t, 1.5)}, 3, "regressed: 1 of 1 compared worse by more than 10 %"},
		{"slower, and allowed", []string{base, printed(t, 1.5), "--max-regression", "60%"}, 0, "passed: none of 1 compared is shown to be worse by more than 60 %"},
		{"slower than a share", []string{base, printed(t, 1.5), "--max-regression=0.4"}, 3, "regressed: 1 of 1 compared worse by more than 40 %"},
		{"pairs", []string{base, printed(t, 1.5), "--paired"}, 3, "regressed: 1 of 1"},
		{"two units", []string{base, base, "--unit=ns/op,MB/s"}, 0, "passed: none of 2 compared"},
		{"too few", []string{few, few}, 4, "not enough data: 1 of 1 could not have been significant"},
		{"another configuration", []string{base, printed(t, 1.5, "verify: off\n")}, 5, "not compared: "},
		{"a folder and a text", []string{kept(t), base}, 5, "not compared: "},
		{"self-test", []string{"--selftest"}, 0, "selftest: ok: the recorded run with itself slowed by the factor 1.2: status 3, 9 of 9 worse"},
		{"self-test of a file", []string{"--selftest", base}, 0, "selftest: ok: " + base},
	} {
		t.Run(row.name, func(t *testing.T) {
			status, stdout, stderr := call(t.Context(), append([]string{"gate"}, row.args...)...)
			assert.Equal(t, row.status, status, stdout)
			assert.Empty(t, stderr)
			said := strings.Split(strings.TrimSpace(stdout), "\n")
			assert.True(t, strings.HasPrefix(said[len(said)-1], row.want), stdout)
		})
	}
	status, stdout, stderr := call(t.Context(), "gate", "--selftest", few)
	assert.Equal(t, 1, status)
	assert.Contains(t, stdout, "selftest: failed: "+few+" with itself: status 4, and it should be 0:\n")
	assert.Equal(t, "poolbench: the self-test failed: the gate does not work with these values\n", stderr)
}

func TestCompareErrors(t *testing.T) {
	base, none := printed(t, 1), filepath.Join(t.TempDir(), "none")
	for _, row := range []struct {
		args   []string
		status int
		want   string
	}{
		{[]string{"compare", base}, 2, "compare wants BASE and NEW, two arguments, and got 1: see poolbench compare --help"},
		{[]string{"gate", base}, 2, "gate wants BASE and NEW, two arguments, and got 1: see poolbench gate --help"},
		{[]string{"gate", "--selftest", base, base}, 2, "gate --selftest wants BASE alone, or nothing, and got 2"},
		{[]string{"compare", base, base, "--format=pdf"}, 2, `--format="pdf" is unknown; known are text, markdown`},
		{[]string{"compare", base, base, "--unit="}, 2, "--unit has an empty unit: write units like ns/op,MB/s"},
		{[]string{"gate", base, base, "--unit=ns/op,ns/op"}, 2, "--unit has ns/op twice"},
		{[]string{"gate", base, base, "--max-regression=10"}, 2, `invalid argument "10" for "--max-regression" flag: write a share above 0 like 10% or 0.1`},
		{[]string{"gate", base, base, "--max-regression=-5%"}, 2, "write a share above 0 like 10% or 0.1"},
		{[]string{"gate", base, base, "--max-regression=NaN%"}, 2, "write a share above 0 like 10% or 0.1"},
		{[]string{"gate", base, base, "--max-regression=some"}, 2, "write a share above 0 like 10% or 0.1"},
		{[]string{"compare", base, base, "--unit=p50-ns"}, 1, `the unit "p50-ns" is not in both inputs, which have ns/op, MB/s`},
		{[]string{"compare", kept(t), base}, 1, "a line is a mean over rounds: compare two folders of results, or two texts"},
		{[]string{"compare", base, none}, 1, "no such file or directory"},
		{[]string{"gate", none, base}, 1, "no such file or directory"},
		{[]string{"gate", "--selftest", none}, 1, "no such file or directory"},
		{[]string{"gate", base, printed(t, 1, "BenchmarkT 1 x\n")}, 1, "bench.txt:1: parsing measurement: invalid syntax"},
	} {
		t.Run(strings.Join(row.args, " "), func(t *testing.T) {
			status, stdout, stderr := call(t.Context(), row.args...)
			assert.Equal(t, row.status, status)
			assert.Empty(t, stdout)
			assert.Contains(t, stderr, row.want)
			assert.Equal(t, 1, strings.Count(stderr, "\n"), "one line: %s", stderr)
		})
	}
}

func TestCompareCompletes(t *testing.T) {
	for _, row := range []struct {
		args []string
		want string
	}{
		{[]string{"compare", "--format", ""}, "text\nmarkdown\n:4\n"},
		{[]string{"compare", "a", ""}, ":0\n"},
		{[]string{"gate", "a", "b", ""}, ":4\n"},
		{[]string{"gate", "--max-regression", ""}, ":4\n"},
	} {
		status, stdout, _ := call(t.Context(), append([]string{"__complete"}, row.args...)...)
		assert.Zero(t, status)
		assert.True(t, strings.HasPrefix(stdout, row.want), stdout)
	}
}
