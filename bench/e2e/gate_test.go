package e2e_test

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"poolbench/bench/compare"
	"poolbench/fixtures"
)

// A server that takes a tenth longer for each op is found, and one that is the same
// is not, ten times in a row.
func TestGateOfRuns(t *testing.T) {
	if testing.Short() {
		t.Skip("takes twelve runs")
	}
	file, err := fixtures.Ensure(t.Context(), cache, fixtures.Spec{Size: fixtures.KiB}, nil)
	require.NoError(t, err)
	text, err := os.ReadFile(file.Path)
	require.NoError(t, err)
	// Runs are minutes apart for a machine that has other tests to do: of 20 ms a
	// twentieth, which is what the gate allows, was within what those take.
	const service = 100 * time.Millisecond
	var delay atomic.Int64
	addr := listen(t, func(conn *net.TCPConn) {
		time.Sleep(service + time.Duration(delay.Load())) // is the service
		fmt.Fprintf(conn, "OK %d\r\n\r\n%s", len(text), text)
	})
	measured := func(name string) *compare.Input {
		dir := filepath.Join(t.TempDir(), name)
		got := remote(t, addr, "-op=download", "-clients=1,2", "-warmup=0", "-test.benchtime=6x", "-results="+dir)
		require.Zero(t, got.status, got.stdout)
		in, err := compare.Read(dir)
		require.NoError(t, err)
		return in
	}
	gate := func(base, next *compare.Input) compare.Verdict {
		verdict, err := compare.Gate(base, next, compare.GateOptions{MaxRegression: 0.05})
		require.NoError(t, err)
		return verdict
	}
	base := measured("base")
	for i := range 10 {
		same := gate(base, measured(fmt.Sprint("same-", i)))
		assert.Equal(t, compare.Passed, same.Status, "%s", same.Lines)
	}
	delay.Store(int64(service / 10))
	slower := gate(base, measured("slower"))
	assert.Equal(t, compare.Regressed, slower.Status, "%s", slower.Lines)
	assert.Equal(t, 3, slower.Regressions, "each cell, and all together: %s", slower.Lines)
}
