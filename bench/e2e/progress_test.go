package e2e_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"poolbench/fixtures/progress/terminaltest"
)

// Who waits at a terminal sees how far the run is, and nobody else.
func TestProgress(t *testing.T) {
	for _, row := range []struct {
		name  string
		flags []string
		want  []string
	}{
		{"cells", []string{"-test.bench=Transfer", "-op=download"},
			[]string{"\r\x1b[K2 cells to measure, 0.0 kB moved, about 0.", "\r\x1b[K1 cells to measure, 2.7 kB moved, about 0.", "pool=process\r\x1b[K"}},
		{"pairs", []string{"-test.bench=Paired/op=upload", "-rounds=2"},
			[]string{"\r\x1b[K2 pairs of 2 rounds to measure, 0.0 kB moved, about ", "\r\x1b[K1 pairs of 2 rounds to measure, 11 kB moved, about "}},
		{"rows whose names are there already", []string{"-test.bench=Transfer", "-test.v"}, nil},
	} {
		t.Run(row.name, func(t *testing.T) {
			terminal, screen := terminaltest.Open(t)
			cmd := command(t.Context(), append(row.flags, "-workers=1", "-pool=thread,process")...)
			var stdout bytes.Buffer
			cmd.Stdout, cmd.Stderr = &stdout, terminal
			require.NoError(t, cmd.Run())
			require.NoError(t, terminal.Close())
			drawn := <-screen
			for _, want := range row.want {
				assert.Contains(t, drawn, want)
			}
			if row.want == nil {
				assert.Empty(t, drawn)
			} else {
				assert.True(t, strings.HasSuffix(drawn, "\r\x1b[K"), "it is gone at the end: %q", drawn)
			}
			assert.NotContains(t, stdout.String(), "\x1b")
			assert.NotContains(t, stdout.String(), "\r")
		})
	}
}
