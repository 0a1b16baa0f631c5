package session

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"poolbench/bench"
	"poolbench/fixtures"
)

// 50 × 100 MiB are 7 GB as Base64.
func TestSlow(t *testing.T) {
	small := bench.Cell{Op: bench.Download, Volume: 10 * fixtures.MiB, Clients: 5}
	large := bench.Cell{Op: bench.Upload, Volume: 100 * fixtures.MiB, Clients: 50}
	for _, row := range []struct {
		name     string
		up, down float64
		late     float64
		says     string
	}{
		{"a fast link", 100e6, 100e6, 0, ""},
		{"100 Mbit/s", 11e6, 11e6, 1, "in 1 of 2 cells ops cannot end within -op-timeout=5m0s: at 11 MB/s, which a short trial moved, a round of op=upload/volume=100MiB/clients=50/workers=unknown/pool= takes 10 min 36 s: allow more time, or plan smaller cells"},
		{"slow in one direction", 100e6, 0.1e6, 1, "at 100 kB/s, which a short trial moved, a round of op=download/"},
		{"slow in both", 1e6, 0.1e6, 2, "in 2 of 2 cells ops cannot end within -op-timeout=5m0s: at 1.0 MB/s"},
		{"a rate that is unknown", 0, 100e6, 0, ""},
	} {
		t.Run(row.name, func(t *testing.T) {
			warnings := slow([]bench.Cell{small, large}, map[bench.Op]float64{bench.Upload: row.up, bench.Download: row.down}, 5*time.Minute)
			if row.late == 0 {
				assert.Empty(t, warnings)
				return
			}
			require.Len(t, warnings, 1)
			assert.Equal(t, bench.SlowLink, warnings[0].Kind)
			assert.Equal(t, row.late, warnings[0].Value)
			assert.Contains(t, warnings[0].Text, row.says)
		})
	}
}
