package measure_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"poolbench/bench"
	"poolbench/bench/measure"
	"poolbench/fixtures"
	"poolbench/server"
	"poolbench/server/servertest"
)

// A server that is no longer what the row's name says fails the visit.
func TestServerChanges(t *testing.T) {
	s := servertest.Start(t, server.Config{Pool: server.Process, Workers: 2})
	c := config(t, bench.Upload, s.Addr().String(), 2, fixture(t, fixtures.KiB))
	c.Target.HasStats, c.Target.Pool, c.Target.Workers = true, string(server.Process), 2
	want := map[bench.Failure]int{{Reason: bench.ServerChanged, Detail: "it had the pool process and 2 workers, and has process and 3"}: 2}
	assert.Empty(t, measured(t, c, 1).Failures(), "as it was")

	visit := measure.Start(t.Context(), c)
	visit.Round(nil)
	require.NoError(t, s.Resize(3))
	result := visit.End()
	assert.Len(t, result.Rounds, 1)
	assert.Equal(t, want, result.Failures(), "changed in the visit")

	visit = measure.Start(t.Context(), c)
	assert.True(t, visit.Over())
	visit.Round(nil)
	result = visit.End()
	assert.Len(t, result.Rounds, 1)
	assert.Equal(t, want, result.Failures(), "changed before")

	c.Target.Pool = ""
	assert.Empty(t, measured(t, c, 1).Failures(), "nobody knows what it was")
}
