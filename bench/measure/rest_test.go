package measure_test

import (
	"encoding/json"
	"io"
	"net"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"poolbench/bench"
	"poolbench/bench/measure"
	"poolbench/fixtures"
	"poolbench/protocol"
	"poolbench/server"
	"poolbench/server/servertest"
)

// After a failed round the storage is emptied only when the server has nothing under way.
func TestResetWaitsForServer(t *testing.T) {
	for _, pool := range server.Pools() {
		t.Run(string(pool), func(t *testing.T) {
			file := fixture(t, fixtures.KiB)
			addr, _ := start(t, server.Config{Pool: pool, Workers: 2}, file)
			file.Text++ // no download has this checksum
			c := config(t, bench.Download, addr, 1, file)
			c.Target.HasStats = true
			var ended atomic.Bool
			resets := 0
			c.Reset = func() error {
				resets++
				assert.True(t, ended.Load(), "an upload is under way")
				return nil
			}
			conn, err := net.Dial("tcp", addr)
			require.NoError(t, err)
			_, err = io.WriteString(conn, "UPLOAD a.bin 400\r\n\r\n")
			require.NoError(t, err)
			_, err = io.ReadFull(conn, make([]byte, len("OK Ready to receive\r\n\r\n")))
			require.NoError(t, err)
			run := measure.Start(t.Context(), c)
			run.Round(&moments{ended: func() {
				time.AfterFunc(100*time.Millisecond, func() {
					ended.Store(true)
					assert.NoError(t, conn.Close())
				})
			}})
			result := run.End()
			_, failed := result.Ops()
			assert.Equal(t, 1, failed)
			assert.Equal(t, 1, resets)
			assert.False(t, run.Wedged())
			assert.Empty(t, result.Notes)
		})
	}
}

// A server that cannot be asked whether it is idle keeps its files and is not visited
// again.
func TestServerMayBeBusy(t *testing.T) {
	file := fixture(t, fixtures.KiB)
	at := func(t *testing.T, answers int64, serve func(c *servertest.Caller)) measure.Target {
		var asked atomic.Int64
		return measure.Target{HasStats: true, Addr: servertest.Peer(t, func(c *servertest.Caller) {
			switch {
			case !c.Stats:
				serve(c)
			case asked.Add(1) <= answers:
				text, err := json.Marshal(protocol.Stats{Pool: "thread", Workers: 1})
				assert.NoError(t, err)
				c.Send(len(text), text)
			}
		})}
	}
	refuse := func(c *servertest.Caller) { c.Say("ERROR Busy\r\n\r\n") }
	accept := func(c *servertest.Caller) {
		c.Ready(file.TextSize())
		c.Say("OK Upload complete\r\n\r\n")
	}
	const left = "the server's storage was not emptied, because ops of a round may still be under way: "
	for _, row := range []struct {
		name   string
		target measure.Target
		resets int
		note   string
	}{
		{"tells nothing", measure.Target{Addr: at(t, 0, refuse).Addr}, 0, left + "the server has no STATS"},
		{"tells no more", at(t, 1, refuse), 0, left + "cut short: the server closed without an answer"},
		{"is at rest", at(t, 100, refuse), 2, ""},
		{"need not tell", measure.Target{Addr: at(t, 0, accept).Addr}, 2, ""},
	} {
		t.Run(row.name, func(t *testing.T) {
			c := config(t, bench.Upload, row.target.Addr, 1, file)
			c.Target = row.target
			resets := 0
			c.Reset = func() error { resets++; return nil }
			run := measure.Start(t.Context(), c)
			run.Round(nil)
			run.Round(nil)
			assert.Equal(t, row.resets, resets)
			assert.Equal(t, row.note != "", run.Wedged())
			result := run.End()
			assert.Len(t, result.Rounds, 2)
			if row.note == "" {
				assert.Empty(t, result.Notes)
			} else {
				assert.Equal(t, []string{row.note}, result.Notes)
			}
		})
	}
}
