package bench_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"poolbench/bench"
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

	old := peer(t, func(c *caller) { c.say("ERROR Unknown command\r\n\r\n") })
	for _, row := range []struct {
		name, addr, pool string
		workers          int
		wantPool, note   string
	}{
		{"an older server", old, "", 0, "remote", "has no STATS"},
		{"an older server with labels", old, "thread", 5, "thread", "has no STATS"},
		{"nobody", nobody(t), "", 0, "remote", "refused the connection: nothing listens there; pool and workers are what the flags say"},
		{"something else", peer(t, func(c *caller) { c.say("220 mail\r\n\r\n") }), "", 0, "remote", `speaks another protocol: answered "220 mail"`},
		{"something with control characters", peer(t, func(c *caller) { c.say("\x15\x03\x01\x00") }), "", 0, "remote", `answered "\x15\x03\x01\x00"`},
		{"a pool that is no word", peer(t, func(c *caller) { c.sendText(`{"pool":"a b\n/c","workers":3}`) }), "thread", 2, "thread", `with pool "a b\n/c" and 3 workers`},
		{"a pool that ends like a number of processors", peer(t, func(c *caller) { c.sendText(`{"pool":"a-2","workers":3}`) }), "", 0, "remote", `with pool "a-2"`},
		{"no workers", peer(t, func(c *caller) { c.sendText(`{"pool":"thread","workers":-3}`) }), "", 0, "remote", "and -3 workers"},
		{"an empty object", peer(t, func(c *caller) { c.sendText(`{}`) }), "", 0, "remote", `with pool "" and 0 workers`},
		{"no JSON", peer(t, func(c *caller) { c.send(2, []byte("{!")) }), "", 0, "remote", "no figures: invalid character"},
		{"cut short", peer(t, func(c *caller) { c.send(20, []byte("{")) }), "", 0, "remote", "cut short: the server closed in the middle of the payload"},
		{"far too much", peer(t, func(c *caller) { c.send(1<<40, nil) }), "", 0, "remote", "1099511627776 bytes are too many"},
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
