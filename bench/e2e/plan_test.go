package e2e_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The plan is a line from a short transfer of each op, says of bytes and disk what the
// run does, and leaves nothing.
func TestPlan(t *testing.T) {
	t.Parallel()
	own := []string{"-workers=1", "-pool=thread"}
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
