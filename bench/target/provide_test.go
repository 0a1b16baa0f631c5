package target_test

import (
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"poolbench/bench"
	"poolbench/bench/target"
	"poolbench/fixtures"
	"poolbench/server"
	"poolbench/server/servertest"
)

// A missing fixture is uploaded once, and an existing file stays.
func TestProvide(t *testing.T) {
	file := fixture(t, 300*fixtures.KiB+1)
	text, err := os.ReadFile(file.Path)
	require.NoError(t, err)
	for name, start := range map[string]func(dir string) string{
		"a server of this wire": func(dir string) string {
			return servertest.Start(t, server.Config{Storage: dir}).Addr().String()
		},
		"an older server": func(dir string) string { return servertest.StartOld(t, dir) },
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			addr, path := start(dir), filepath.Join(dir, file.Name())
			provide := func(r *target.Remote) []string {
				_, notes, failed := serve(t, r, bench.Download, file)
				assert.Zero(t, failed)
				return notes
			}
			r := find(t, addr, "", 0)
			assert.Equal(t, []string{"the target did not have file_307201b.txt: 409604 bytes were uploaded"}, provide(r))
			got, err := os.ReadFile(path)
			require.NoError(t, err)
			assert.Equal(t, text, got)
			assert.Empty(t, provide(r), "it is there")

			require.NoError(t, os.WriteFile(path, []byte("mine"), 0o644))
			assert.Empty(t, provide(r), "once in a run")
			assert.Empty(t, provide(find(t, addr, "", 0)), "not ours")
			got, err = os.ReadFile(path)
			require.NoError(t, err)
			assert.Equal(t, "mine", string(got))
		})
	}
}

func TestProvideFails(t *testing.T) {
	file := fixture(t, 3*fixtures.KiB)
	size := file.TextSize()
	gone := file
	gone.Path = filepath.Join(t.TempDir(), "gone")
	const lacks = "ERROR File not found\r\n\r\n"
	for _, row := range []struct {
		name   string
		file   fixtures.File
		serve  func(c *servertest.Caller, n int64) // n-th connection; the first asks for the size
		want   string
		visits int64
	}{
		{"may not write", file, func(c *servertest.Caller, n int64) { c.Say([]string{lacks, "ERROR Server file error\r\n\r\n"}[n]) },
			`server said no: "Server file error", while file_3kb.txt was uploaded`, 2},
		{"closes", file, func(c *servertest.Caller, n int64) { c.Say([]string{lacks, ""}[n]) },
			"cut short: the server closed without an answer, while file_3kb.txt was uploaded", 2},
		{"keeps nothing", file, func(c *servertest.Caller, n int64) {
			if n == 1 {
				c.Ready(fixtures.Spec{Size: fixtures.Size(size)}.TextSize())
				c.Say("OK Upload complete\r\n\r\n")
			} else {
				c.Say(lacks)
			}
		}, `server said no: "File not found", after file_3kb.txt was uploaded`, 3},
		{"keeps something else", file, func(c *servertest.Caller, n int64) {
			switch n {
			case 0:
				c.Say(lacks)
			case 1:
				c.Ready(fixtures.Spec{Size: fixtures.Size(size)}.TextSize())
				c.Say("OK Upload complete\r\n\r\n")
			default:
				c.SendText("hello")
			}
		}, "size mismatch: the server has 5 bytes under file_3kb.txt after 4096 were uploaded", 3},
		{"has no file to put", gone, func(c *servertest.Caller, n int64) { c.Say(lacks) },
			"client error: open: no such file or directory", 1},
		{"can't be asked", file, func(c *servertest.Caller, n int64) { c.Say("220 mail\r\n\r\n") }, "", 1},
	} {
		t.Run(row.name, func(t *testing.T) {
			var connections atomic.Int64
			addr := servertest.Peer(t, func(c *servertest.Caller) {
				if c.Stats { // Find
					c.Say("ERROR Unknown command\r\n\r\n")
					return
				}
				row.serve(c, connections.Add(1)-1)
			})
			r := find(t, addr, "", 0)
			_, notes, failed := serve(t, r, bench.Download, row.file)
			assert.Empty(t, notes)
			assert.Equal(t, row.want, failed.String())
			assert.Equal(t, row.visits, connections.Load())
			if row.want != "" {
				_, _, again := serve(t, r, bench.Download, row.file)
				assert.Equal(t, failed, again)
				assert.Equal(t, row.visits, connections.Load(), "it is tried once")
			}
		})
	}
}

// A target that goes away before it has the fixture gets it later.
func TestProvideAfterAbsence(t *testing.T) {
	file := fixture(t, 3*fixtures.KiB)
	place := servertest.NewPlace(t)
	var has atomic.Bool
	serveFile := func(c *servertest.Caller) {
		switch {
		case c.Stats:
			c.Say("ERROR Unknown command\r\n\r\n")
		case c.Words[0] == "UPLOAD":
			has.Store(true)
			c.Ready(fixtures.Spec{Size: fixtures.Size(file.TextSize())}.TextSize())
			c.Say("OK Upload complete\r\n\r\n")
		case has.Load():
			c.Send(int(file.TextSize()), make([]byte, file.TextSize()))
		default:
			place.Go()
			c.Say("ERROR File not found\r\n\r\n")
		}
	}
	place.Come(t, serveFile)
	r := find(t, place.Addr, "", 0)
	_, _, failed := serve(t, r, bench.Download, file)
	assert.Equal(t, "refused: while file_3kb.txt was uploaded", failed.String())
	place.Come(t, func(c *servertest.Caller) { // it stays this time
		if c.Words[0] == "GET" && !has.Load() {
			c.Say("ERROR File not found\r\n\r\n")
			return
		}
		serveFile(c)
	})
	_, notes, failed := serve(t, r, bench.Download, file)
	assert.Zero(t, failed)
	assert.Equal(t, []string{"the target did not have file_3kb.txt: 4096 bytes were uploaded"}, notes)
}
