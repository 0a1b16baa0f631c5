package report_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"poolbench/bench"
	"poolbench/bench/report"
)

// A new axis is one entry in the table. No writer has a list of axes of its own.
func TestNewAxis(t *testing.T) {
	planned := []bench.Cell{{Op: bench.Upload, Volume: 1 << 20, Clients: 5, Workers: 1, Pool: "thread"}}
	a := run(planned, []bench.Result{{Cell: planned[0], Rounds: rounds(5, time.Second)}}, "")
	a.Axes = append(a.Axes, bench.Axis{
		Key: "rate", Head: "rate/s", Field: "rate_per_s",
		Value: func(c bench.Cell) string { return fmt.Sprint(700 + c.Clients) },
		Plain: func(c bench.Cell) string { return fmt.Sprint(7000 + c.Clients) },
	})
	for _, row := range []struct{ format, head, value string }{
		{"text", " pool  rate/s  rounds ", " 705 "},
		{"markdown", "| pool | rate/s | rounds |", "| thread | 705 |"},
		{"csv", ",pool,rate_per_s,outcome,", ",thread,7005,ok,"},
	} {
		t.Run(row.format, func(t *testing.T) {
			var text bytes.Buffer
			for _, format := range report.Formats() {
				if format.Name == row.format {
					require.NoError(t, format.Write(&text, a))
				}
			}
			lines := strings.SplitN(text.String(), "\n", 4)
			assert.Contains(t, strings.ReplaceAll(lines[0], "    pool", " pool"), row.head)
			assert.Contains(t, strings.Join(lines[1:3], "\n"), row.value)
		})
	}
}
