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
	t.Parallel()
	for _, row := range []struct {
		name  string
		flags []string
		want  []string
	}{
		{"passes", []string{"-passes=3"},
			[]string{"\r\x1b[Kpass 1 of 3, ", " s, 0 of 2 cells, op=download/", " s, 1 of 2 cells, op=download/", "\r\x1b[Kpass 2 of 3, ", "\r\x1b[Kpass 3 of 3, "}},
		{"a budget", []string{"-budget=6m", "-precision=99%"},
			[]string{"\r\x1b[Kpass 1, ", " of 6 min, 0 of 2 cells, op=download/", "\r\x1b[Kpass 2, "}},
		{"cells that the testing package asks for", []string{"-test.count=1", "-test.benchtime=1x"},
			[]string{"\r\x1b[K2 cells to measure, op=download/", "\r\x1b[K1 cell to measure, op=download/", "pool=process\r\x1b[K"}},
		{"verbose", []string{"-test.v"}, nil},
		{"verbose, rows whose names are there already", []string{"-test.v", "-test.benchtime=1x"}, nil},
	} {
		t.Run(row.name, func(t *testing.T) {
			terminal, screen := terminaltest.Open(t)
			cmd := command(t.Context(), append(row.flags, "-op=download", "-workers=1", "-pool=thread,process")...)
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
