package bench_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"poolbench/bench"
	"poolbench/fixtures"
	"poolbench/server"
	"poolbench/server/servertest"
)

func TestFind(t *testing.T) {
	s := servertest.Start(t, server.Config{Pool: server.Goroutine, Workers: 7})
	known := bench.Find(t.Context(), s.Addr().String(), "thread", 3)
	assert.Equal(t, "goroutine", known.Pool, "the server knows better than the flag")
	assert.Equal(t, 7, known.Workers)
	assert.True(t, known.Tells)
	assert.Positive(t, known.Side().GOMAXPROCS)

	old := servertest.Peer(t, func(c *servertest.Caller) { c.Say("ERROR Unknown command\r\n\r\n") })
	for _, row := range []struct {
		name, addr, pool string
		workers          int
		wantPool, note   string
	}{
		{"an older server", old, "", 0, "remote", "has no STATS"},
		{"an older server with labels", old, "thread", 5, "thread", "has no STATS"},
		{"nobody", servertest.Nobody(t), "", 0, "remote", "refused the connection: nothing listens there; pool and workers are what the flags say"},
		{"something else", servertest.Peer(t, func(c *servertest.Caller) { c.Say("220 mail\r\n\r\n") }), "", 0, "remote", `speaks another protocol: answered "220 mail"`},
		{"something with control characters", servertest.Peer(t, func(c *servertest.Caller) { c.Say("\x15\x03\x01\x00") }), "", 0, "remote", `answered "\x15\x03\x01\x00"`},
		{"a pool that is no word", servertest.Peer(t, func(c *servertest.Caller) { c.SendText(`{"pool":"a b\n/c","workers":3}`) }), "thread", 2, "thread", `with pool "a b\n/c" and 3 workers`},
		{"a pool that ends like a number of processors", servertest.Peer(t, func(c *servertest.Caller) { c.SendText(`{"pool":"a-2","workers":3}`) }), "", 0, "remote", `with pool "a-2"`},
		{"no workers", servertest.Peer(t, func(c *servertest.Caller) { c.SendText(`{"pool":"thread","workers":-3}`) }), "", 0, "remote", "and -3 workers"},
		{"an empty object", servertest.Peer(t, func(c *servertest.Caller) { c.SendText(`{}`) }), "", 0, "remote", `with pool "" and 0 workers`},
		{"no JSON", servertest.Peer(t, func(c *servertest.Caller) { c.Send(2, []byte("{!")) }), "", 0, "remote", "no figures: invalid character"},
		{"cut short", servertest.Peer(t, func(c *servertest.Caller) { c.Send(20, []byte("{")) }), "", 0, "remote", "cut short: the server closed in the middle of the payload"},
		{"far too much", servertest.Peer(t, func(c *servertest.Caller) { c.Send(1<<40, nil) }), "", 0, "remote", "1099511627776 bytes are too many"},
	} {
		t.Run(row.name, func(t *testing.T) {
			r := bench.Find(t.Context(), row.addr, row.pool, row.workers)
			assert.Equal(t, row.wantPool, r.Pool)
			assert.Equal(t, row.workers, r.Workers)
			assert.False(t, r.Tells)
			assert.Contains(t, r.Note, row.note)
			assert.NotContains(t, r.Note, "\n")
		})
	}
}

func TestFindAServerThatIsBusy(t *testing.T) {
	ctx, cancel := context.WithTimeoutCause(t.Context(), 50*time.Millisecond, errors.New("nothing for an age"))
	defer cancel()
	r := bench.Find(ctx, servertest.Peer(t, (*servertest.Caller).Wait), "", 0)
	assert.Contains(t, r.Note, "no answer: nothing for an age; all its workers may be busy; pool and workers are what the flags say")
}

// A fixture that a target lacks is put there once, and what is there is let be.
func TestSupply(t *testing.T) {
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
			supply := func(r *bench.Remote) string {
				note, failed := r.Supply(t.Context(), file, 10*time.Second)
				assert.Zero(t, failed)
				return note
			}
			r := bench.Find(t.Context(), addr, "", 0)
			assert.Equal(t, "the target did not have file_307201b.txt: 409604 bytes were put there", supply(r))
			got, err := os.ReadFile(path)
			require.NoError(t, err)
			assert.Equal(t, crc32c(text), crc32c(got))
			assert.Empty(t, supply(r), "it is there")
			_, failed := measure(t, config(t, bench.Download, addr, 2, file), 2).Ops()
			assert.Zero(t, failed)

			require.NoError(t, os.WriteFile(path, []byte("mine"), 0o644))
			assert.Empty(t, supply(r), "once in a run")
			assert.Empty(t, supply(bench.Find(t.Context(), addr, "", 0)), "not ours")
			got, err = os.ReadFile(path)
			require.NoError(t, err)
			assert.Equal(t, "mine", string(got))
			assertFails(t, config(t, bench.Download, addr, 1, file), bench.SizeMismatch, "the server has 4 bytes under file_307201b.txt, the fixture 409604")
		})
	}
}

func TestSupplyThatFails(t *testing.T) {
	file := fixture(t, 3*fixtures.KiB)
	size := file.TextSize()
	gone := file
	gone.Path = filepath.Join(t.TempDir(), "gone")
	const lacks = "ERROR File not found\r\n\r\n"
	for _, row := range []struct {
		name   string
		file   fixtures.File
		serve  func(c *servertest.Caller, n int64) // the nth connection, the first being the question for the size
		want   string
		visits int64
	}{
		{"may not write", file, func(c *servertest.Caller, n int64) { c.Say([]string{lacks, "ERROR Server file error\r\n\r\n"}[n]) },
			`server said no: "Server file error", when file_3kb.txt was put there`, 2},
		{"closes", file, func(c *servertest.Caller, n int64) { c.Say([]string{lacks, ""}[n]) },
			"cut short: the server closed without an answer, when file_3kb.txt was put there", 2},
		{"keeps nothing", file, func(c *servertest.Caller, n int64) {
			if n == 1 {
				c.Ready(fixtures.Spec{Size: fixtures.Size(size)}.TextSize())
				c.Say("OK Upload complete\r\n\r\n")
			} else {
				c.Say(lacks)
			}
		}, `server said no: "File not found", after file_3kb.txt was put there`, 3},
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
		}, "size mismatch: the server has 5 bytes under file_3kb.txt after 4096 were put there", 3},
		{"has no file to put", gone, func(c *servertest.Caller, n int64) { c.Say(lacks) },
			"client error: open: no such file or directory", 1},
		{"can't be asked", file, func(c *servertest.Caller, n int64) { c.Say("220 mail\r\n\r\n") }, "", 1},
	} {
		t.Run(row.name, func(t *testing.T) {
			var connections atomic.Int64
			addr := servertest.Peer(t, func(c *servertest.Caller) {
				// The first is Find's.
				if n := connections.Add(1) - 2; n >= 0 {
					row.serve(c, n)
				}
			})
			r := bench.Find(t.Context(), addr, "", 0)
			note, failed := r.Supply(t.Context(), row.file, 10*time.Second)
			assert.Empty(t, note)
			assert.Equal(t, row.want, failed.String())
			assert.Equal(t, row.visits, connections.Load()-1)
			if row.want != "" {
				_, again := r.Supply(t.Context(), row.file, 10*time.Second)
				assert.Equal(t, failed, again)
				assert.Equal(t, row.visits, connections.Load()-1, "it is tried once")
			}
		})
	}
}

// After a cell in which nobody could connect, the target is tried before the
// next.
func TestKnock(t *testing.T) {
	file := fixture(t, fixtures.KiB)
	r := bench.Find(t.Context(), servertest.Nobody(t), "", 0)
	assert.Zero(t, r.Knock(t.Context(), 10*time.Second), "nothing is known against it")
	r.Heed(measure(t, config(t, bench.Upload, r.Addr, 2, file), 1))
	assert.Equal(t, "refused: the cell was not begun", r.Knock(t.Context(), 10*time.Second).String())
	r.Addr = "127.0.0.1:99999"
	assert.Equal(t, "unreachable: dial: address 99999: invalid port, the cell was not begun", r.Knock(t.Context(), 10*time.Second).String())
	r.Addr = servertest.Peer(t, func(*servertest.Caller) {})
	assert.Zero(t, r.Knock(t.Context(), 10*time.Second), "it is back")
	r.Heed(measure(t, config(t, bench.Upload, r.Addr, 2, file), 1))
	r.Addr = servertest.Nobody(t)
	assert.Zero(t, r.Knock(t.Context(), 10*time.Second), "it failed otherwise")
}
