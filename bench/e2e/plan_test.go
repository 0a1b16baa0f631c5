package e2e_test

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"poolbench/server"
	"poolbench/server/servertest"
)

// The plan is a line from a short transfer of each op, says of bytes and disk what the
// run does, and leaves nothing.
func TestPlan(t *testing.T) {
	t.Parallel()
	own := []string{"-workers=1", "-pool=thread"}
	known := "-target=" + servertest.Start(t, server.Config{}).Addr().String()
	old := "-target=" + servertest.StartOld(t, t.TempDir())
	refuses := "-target=" + listen(t, func(conn *net.TCPConn) { fmt.Fprint(conn, "ERROR Server file error\r\n\r\n") })
	for _, row := range []struct {
		name   string
		flags  []string
		status int
		want   string
	}{
		// 3 passes × 2 ops × (1 + 2) clients × 4/3 MiB
		{"passes", append(own, "-volume=1MiB", "-clients=1,2", "-passes=3"), 0,
			`^plan: 4 cells at 4 points; the first pass takes about .* s, and about 3 passes take .* s; 25 MB through the sockets; ` +
				`disk: 1\.4 MB for fixtures in .*, 2\.1 MB at a time for the servers' storage in .*\n$`},
		{"a budget", append(own, "-pool=thread,process", "-budget=1m", "-storage=discard"), 0,
			`^plan: 4 cells at 2 points; the first pass takes about .*, and about \d+ passes take 60 s; .* for fixtures in [^,]*\n$`},
		{"cells that the testing package asks for", append(own, "-volume=1MiB", "-test.count=6", "-op=download", "-warmup=0", "-sink=file"), 0,
			`^plan: 1 cell at 1 point; .* 17 MB through the sockets; .*, 2\.8 MB at a time for downloads in .*\n$`},
		{"a target", []string{known, "-volume=1MiB"}, 0,
			`^plan: 2 cells at 2 points; .*; on the target remain 2\.1 MB of uploads, 1\.4 MB of files for downloads, which it lacks, at most .*B of this plan, as poolbench_plan_\*\n$`},
		{"an older target", []string{old, "-op=upload", "-volume=100MiB"}, 0,
			`^plan: 1 cell at 1 point; the first pass takes about .*; on the target remain 210 MB of uploads, at most .*B of this plan, as poolbench_plan_\*\n$`},
		{"a target that refuses", []string{refuses, "-op=upload"}, 1,
			`^plan: 1 cell; their time is unknown: server said no: "Server file error"\n$`},
	} {
		t.Run(row.name, func(t *testing.T) {
			results := filepath.Join(t.TempDir(), "results")
			got := finish(t, command(t.Context(), append(row.flags, "-plan", "-results="+results)...))
			assert.Equal(t, row.status, got.status)
			assert.Empty(t, got.stderr)
			assert.Regexp(t, row.want, got.stdout)
			_, err := os.Stat(results)
			require.ErrorIs(t, err, os.ErrNotExist)
		})
	}
}
