package target_test

import (
	"context"
	"errors"
	"net"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"poolbench/bench"
	"poolbench/bench/target"
	"poolbench/fixtures"
	"poolbench/server"
	"poolbench/server/servertest"
)

func TestFind(t *testing.T) {
	s := servertest.Start(t, server.Config{Pool: server.Goroutine, Workers: 7})
	known := find(t, s.Addr().String(), "thread", 3)
	assert.Equal(t, "goroutine", known.Pool, "the server knows better than the flag")
	assert.Equal(t, 7, known.Workers)
	found, _, _ := serve(t, known, bench.Upload, fixtures.File{})
	assert.True(t, found.HasStats)
	assert.Positive(t, known.Side().GOMAXPROCS)

	old := servertest.Peer(t, func(c *servertest.Caller) { c.Say("ERROR Unknown command\r\n\r\n") })
	for _, row := range []struct {
		name, addr, pool string
		workers          int
		wantPool, note   string
	}{
		{"an older server", old, "", 0, "remote", "has no STATS"},
		{"a server over HTTP", overHTTP(servertest.Peer(t, func(c *servertest.Caller) { c.Say("HTTP/1.1 404 Not Found\r\n\r\n") })), "", 0, "remote", "has no STATS"},
		{"a server that wants a word over HTTP", overHTTP(servertest.Peer(t, func(c *servertest.Caller) { c.Say("HTTP/1.1 401 Unauthorized\r\n\r\n") })), "thread", 5, "thread", "has no STATS"},
		{"an older server with labels", old, "thread", 5, "thread", "has no STATS"},
		{"an older server that closes", closing(t), "", 0, "remote", "closed without an answer, when asked for STATS, so the rows lack"},
		{"a server that knows better", servertest.Peer(t, func(c *servertest.Caller) { c.Say("ERROR no\r\n\r\n") }), "thread", 2, "thread", `server said no: "no", so the rows lack`},
		{"a pool that is no word", servertest.Peer(t, func(c *servertest.Caller) { c.SendText(`{"pool":"a b\n/c","workers":3}`) }), "thread", 2, "thread", `with pool "a b\n/c" and 3 workers`},
		{"a pool that ends like a number of processors", servertest.Peer(t, func(c *servertest.Caller) { c.SendText(`{"pool":"a-2","workers":3}`) }), "", 0, "remote", `with pool "a-2"`},
		{"no workers", servertest.Peer(t, func(c *servertest.Caller) { c.SendText(`{"pool":"thread","workers":-3}`) }), "", 0, "remote", "and -3 workers"},
		{"an empty object", servertest.Peer(t, func(c *servertest.Caller) { c.SendText(`{}`) }), "", 0, "remote", `with pool "" and 0 workers`},
		{"no JSON", servertest.Peer(t, func(c *servertest.Caller) { c.Send(2, []byte("{!")) }), "", 0, "remote", "not STATS: invalid character"},
		{"cut short", servertest.Peer(t, func(c *servertest.Caller) { c.Send(20, []byte("{")) }), "", 0, "remote", "cut short: the server closed in the middle of the payload"},
		{"far too much", servertest.Peer(t, func(c *servertest.Caller) { c.Send(1<<40, nil) }), "", 0, "remote", "1099511627776 bytes is too large"},
	} {
		t.Run(row.name, func(t *testing.T) {
			r := find(t, row.addr, row.pool, row.workers)
			assert.Equal(t, row.wantPool, r.Pool)
			assert.Equal(t, row.workers, r.Workers)
			assert.Zero(t, r.Side().GOMAXPROCS)
			assert.Contains(t, r.Note, row.note)
			assert.NotContains(t, r.Note, "\n")
			assert.Equal(t, "flags", r.Words()["told-by"])
			assert.Equal(t, "unknown", r.Words()["version"])
		})
	}
}

// closing is a server that closes on a header that it does not know.
func closing(t *testing.T) string {
	return servertest.Peer(t, func(c *servertest.Caller) {
		if !c.Stats {
			c.Say("ERROR File not found\r\n\r\n")
		}
	})
}

// What cannot be measured is refused.
func TestFindRefuses(t *testing.T) {
	say := func(text string) string {
		return servertest.Peer(t, func(c *servertest.Caller) { c.Say(text) })
	}
	for _, row := range []struct{ name, addr, want string }{
		{"nobody", servertest.Nobody(t), "refused the connection: nothing listens there: start it, or wait for it by -target-wait"},
		{"nobody who could be connected to", servertest.Deaf(t), "unreachable: nothing came for 100ms: start it, or wait for it by -target-wait"},
		{"no host", "no-such-host.invalid:8889", "its name could not be looked up: lookup no-such-host.invalid"},
		{"mail", say("220 mail\r\n\r\n"), `speaks another protocol: answered "220 mail"`},
		{"a banner that the client should answer", servertest.Peer(t, func(c *servertest.Caller) { c.Say("SSH-2.0-x\r\n"); c.Wait() }), `speaks another protocol: answered "SSH-2.0-x"`},
		{"control characters", say("\x15\x03\x01\x00"), `answered "\x15\x03\x01\x00"`},
		{"a word like ours", say("OK MPD 0.23\r\n\r\n"), "protocol error: header, byte 7: answer \"OK MPD 0.23\": want OK and a size: it speaks another protocol"},
		{"closes", say(""), "cut short: the server closed without an answer: it speaks another protocol"},
		{"the lab's wire over HTTP", overHTTP(say("ERROR Unknown command\r\n\r\n")), `speaks another protocol: answered "ERROR Unknown command"`},
		{"nobody over HTTP", overHTTP(servertest.Nobody(t)), "refused the connection: nothing listens there: start it, or wait for it by -target-wait"},
		{"closes over HTTP", overHTTP(say("")), "cut short: the server closed without an answer: it speaks another protocol"},
		{"broken HTTP", overHTTP(say("HTTP/1.1 what\r\n\r\n")), `malformed HTTP status code "what": it speaks another protocol`},
		{"says nothing over HTTP", overHTTP(servertest.Peer(t, (*servertest.Caller).Wait)), "no answer: nothing came for 100ms; all its workers may be busy, or it speaks another protocol"},
		{"says nothing", servertest.Peer(t, (*servertest.Caller).Wait), "no answer: nothing came for 100ms; all its workers may be busy, or it speaks another protocol: it was asked for 100ms, and longer with -target-wait"},
	} {
		t.Run(row.name, func(t *testing.T) {
			_, err := target.Find(t.Context(), address(row.addr))
			require.ErrorContains(t, err, row.want)
			assert.ErrorContains(t, err, "-target="+bench.Place(row.addr)+": ")
			assert.NotContains(t, err.Error(), "\n")
			assert.LessOrEqual(t, strings.Count(err.Error(), "another protocol"), 1)
		})
	}
}

// A server whose workers are busy at the start is asked again, until it tells what it is.
func TestFindBusyServer(t *testing.T) {
	t.Parallel() // the first answer is awaited for seconds
	var asked atomic.Int64
	addr := servertest.Peer(t, func(c *servertest.Caller) {
		if asked.Add(1) == 1 {
			c.Wait()
			return
		}
		c.SendText(`{"pool":"thread","workers":3}`)
	})
	at := address(addr)
	at.Wait = time.Minute
	once, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	r, err := target.Find(once, at)
	require.NoError(t, err)
	assert.Equal(t, "thread", r.Pool)
	assert.Equal(t, 3, r.Workers)
}

// named returns the address of a place with a name in it.
func named(t *testing.T, place *servertest.Place) string {
	t.Helper()
	_, port, err := net.SplitHostPort(place.Addr)
	require.NoError(t, err)
	return net.JoinHostPort("lab.example", port)
}

// With a time to wait, a server that is away at the start is waited for.
func TestFindWaits(t *testing.T) {
	place := servertest.NewPlace(t)
	asked := serveNames(t, [4]byte{127, 0, 0, 1})
	at := address(named(t, place))
	at.Wait = time.Minute
	found := make(chan error)
	go func() {
		_, err := target.Find(t.Context(), at)
		found <- err
	}()
	<-asked
	<-asked // so it has failed once
	place.Come(t, func(c *servertest.Caller) { c.SendText(`{"pool":"thread","workers":3}`) })
	assert.NoError(t, <-found)

	stopped, stop := context.WithCancelCause(t.Context())
	stop(errors.New("enough of it"))
	place.Go()
	_, err := target.Find(stopped, at)
	assert.EqualError(t, err, "enough of it")
}
