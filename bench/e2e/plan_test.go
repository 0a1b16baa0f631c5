package e2e_test

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// What the plan says of bytes and disk is what the run does, and it leaves nothing.
func TestPlan(t *testing.T) {
	for _, row := range []struct {
		name  string
		flags []string
		want  string
	}{
		// (1 to warm up + 3) rounds × 2 ops × (1 + 2) clients × 4/3 MiB
		{"rounds that are counted", []string{"-volume=1MiB", "-clients=1,2", "-test.benchtime=3x"},
			`^plan: 4 cells, about \d+\.\d s; 34 MB through the sockets; about \d+(\.\d)? MB of memory for the load side; ` +
				`disk: 1\.4 MB for fixtures in .*, 2\.1 MB at a time for the server's storage in .* \(from 2 short cells, in \d+\.\d s\)\n$`},
		{"all cells in turn", []string{"-volume=1MiB", "-rounds=6", "-op=download", "-warmup=0", "-sink=file"},
			`^plan: 1 cells, 6 measurements, about .*; 17 MB through the sockets; .*, 2\.8 MB at a time for downloads in .* \(from 1 short cells`},
		{"both client pools, nothing written", []string{"-client-pool=thread,process", "-storage=discard"},
			`^plan: 4 cells, about .* for fixtures in [^,]* \(from 4 short cells`},
		{"a target that is not there", []string{"-target=127.0.0.1:1"},
			`^plan: 2 cells; how long they take is not known: 2 × refused; disk: 1\.4 kB for fixtures`},
	} {
		t.Run(row.name, func(t *testing.T) {
			results := t.TempDir()
			flags := append(row.flags, "-plan", "-results="+results)
			status := 1 // what is not known is no plan
			if !strings.Contains(row.want, "refused") {
				flags, status = append(flags, "-workers=1", "-pool=thread"), 0
			}
			got := finish(t, command(t.Context(), flags...))
			assert.Equal(t, status, got.status)
			assert.Empty(t, got.stderr)
			assert.Regexp(t, row.want, got.stdout)
			entries, err := os.ReadDir(results)
			require.NoError(t, err)
			assert.Empty(t, entries)
		})
	}
	assert.Regexp(t, `\n# plan: 2 cells, about \d+\.\d s; `, run(t).stdout)
}
