package bench_test

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"poolbench/bench"
)

func TestEnvironment(t *testing.T) {
	env := bench.Environment("/proc", filepath.Join(t.TempDir(), "not", "made", "yet"))
	assert.Equal(t, "proc", env["storage-filesystem"])
	assert.NotEqual(t, "unknown", env["fixtures-filesystem"])
	assert.Regexp(t, `^Linux `, env["kernel"])
	assert.Regexp(t, `^\d+ \d+ \d+$`, env["tcp-rmem"])
	assert.Regexp(t, `^\d+\.\d GiB$`, env["memory"])
	for name, value := range env {
		assert.NotEmpty(t, value, name)
		assert.NotContains(t, value, "\n", name)
	}
	assert.Equal(t, env, bench.Environment("/proc", filepath.Join(t.TempDir(), "not", "made", "yet")), "nothing in it changes by itself")
	program, err := bench.Program()
	require.NoError(t, err)
	assert.Regexp(t, `^[0-9a-f]{64}$`, program)
}

func TestOutcome(t *testing.T) {
	good, bad := bench.Sample{}, bench.Sample{Failure: bench.Failure{Reason: bench.Refused}}
	for _, row := range []struct {
		name   string
		ops    []bench.Sample
		warmUp int
		want   bench.Outcome
	}{
		{"all", []bench.Sample{good, good}, 0, bench.OK},
		{"some", []bench.Sample{good, bad}, 0, bench.Partial},
		{"all but in the warm-up", []bench.Sample{good}, 1, bench.Partial},
		{"none", []bench.Sample{bad, bad}, 1, bench.Failed},
		{"no op", nil, 0, bench.Skipped},
	} {
		result := bench.Result{Rounds: []bench.Round{{Samples: row.ops}}, WarmUpFailed: row.warmUp}
		assert.Equal(t, row.want, result.Outcome(), row.name)
	}
}
