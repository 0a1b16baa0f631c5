package target_test

import (
	"context"
	"errors"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"poolbench/bench"
	"poolbench/bench/plan"
	"poolbench/bench/target"
	"poolbench/fixtures"
	"poolbench/server"
	"poolbench/server/servertest"
)

// address is of a server that may stall for seconds, and say nothing for a moment.
func address(addr string) target.Address {
	return target.Address{Addr: addr, Idle: 10 * time.Second, Patience: 100 * time.Millisecond}
}

func overHTTP(hostport string) string { return bench.HTTPWire.Address(hostport) }

// find returns the target, which is there.
func find(t *testing.T, addr, pool string, workers int) *target.Remote {
	t.Helper()
	at := address(addr)
	at.Pool, at.Workers, at.Patience = pool, workers, 0
	r, err := target.Find(t.Context(), at)
	require.NoError(t, err)
	return r
}

// serve asks for the server for an op, and returns its notes.
func serve(t *testing.T, r *target.Remote, op bench.Op, file fixtures.File) (server *target.Server, notes []string, failed bench.Failure) {
	t.Helper()
	server, failed = r.Server(t.Context(), bench.Cell{Op: op, Volume: file.Size}, plan.Lifetime{}, file)
	return server, server.Notes(), failed
}

func fixture(t *testing.T, size fixtures.Size) fixtures.File {
	t.Helper()
	file, err := fixtures.Ensure(t.Context(), t.TempDir(), fixtures.Spec{Size: size}, nil)
	require.NoError(t, err)
	return file
}

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

// If nobody could connect in one cell, the target is tried before the next.
func TestTargetIsGone(t *testing.T) {
	ended := func(reasons ...bench.Reason) bench.Result {
		var round bench.Round
		for _, reason := range reasons {
			round.Samples = append(round.Samples, bench.Sample{Failure: bench.Failure{Reason: reason}})
		}
		return bench.Result{Rounds: []bench.Round{round}}
	}
	gone := ended(bench.Refused, bench.Unreachable, bench.TimeoutConnect)
	leave := (*servertest.Place).Go
	for _, row := range []struct {
		name   string
		then   func(*servertest.Place)
		before bench.Result
		want   string
	}{
		{"nothing is known against it", leave, bench.Result{Rounds: ended(bench.Reset).Rounds}, ""},
		{"refuses", leave, gone, "refused: the cell was not begun"},
		{"is deaf", func(p *servertest.Place) { p.Go(); p.Deafen() }, gone, "timeout (connect): no connection within 100ms, the cell was not begun"},
		{"is back", func(*servertest.Place) {}, gone, ""},
		{"failed for somebody in another way", leave, ended(bench.Refused, bench.Reset), ""},
		{"served somebody", leave, ended(bench.Refused, ""), ""},
	} {
		t.Run(row.name, func(t *testing.T) {
			place := servertest.NewPlace(t)
			place.Come(t, func(c *servertest.Caller) { c.Say("ERROR Unknown command\r\n\r\n") })
			at := address(place.Addr)
			at.Idle = 100 * time.Millisecond
			r, err := target.Find(t.Context(), at)
			require.NoError(t, err)
			row.then(place)
			_, _, failed := serve(t, r, bench.Upload, fixtures.File{})
			assert.Zero(t, failed, "before anything is known")
			r.Observe(row.before)
			_, _, failed = serve(t, r, bench.Upload, fixtures.File{})
			assert.Equal(t, row.want, failed.String())
		})
	}
}

// A target that is away is waited for once; after that an attempt is enough until it is back.
func TestTargetIsAwaited(t *testing.T) {
	place := servertest.NewPlace(t)
	answer := func(c *servertest.Caller) { c.Say("ERROR Unknown command\r\n\r\n") }
	place.Come(t, answer)
	asked := serveNames(t, [4]byte{127, 0, 0, 1})
	at := address(named(t, place))
	at.Wait = time.Second
	r, err := target.Find(t.Context(), at)
	require.NoError(t, err)
	place.Go()
	gone := bench.FailedStart(bench.Cell{Clients: 2}, bench.Refused, errors.New("nobody"))
	r.Observe(gone)
	for i, waits := range []bool{true, false, false} {
		server, _, failed := serve(t, r, bench.Upload, fixtures.File{})
		assert.Equal(t, bench.Refused, failed.Reason)
		assert.Equal(t, waits, server.Waited >= at.Wait, "attempt %d", i)
		server.Waited = 0
		r.Observe(gone)
	}
	place.Come(t, answer)
	server, notes, failed := serve(t, r, bench.Upload, fixtures.File{})
	assert.Zero(t, failed)
	require.Len(t, notes, 1, "it was there at once")
	assert.Contains(t, notes[0], "uploads replace those of the round before")
	server.Warmed[bench.Upload], server.Waited = true, 0

	place.Go()
	r.Observe(gone)
	for len(asked) > 0 {
		<-asked
	}
	served := make(chan bench.Failure)
	go func() {
		_, failed := r.Server(t.Context(), bench.Cell{Op: bench.Upload}, plan.Lifetime{}, fixtures.File{})
		served <- failed
	}()
	<-asked
	<-asked // so it was not there
	place.Come(t, answer)
	require.Zero(t, <-served)
	assert.Empty(t, server.Warmed, "it is cold, if it was started anew")
	assert.Contains(t, server.Notes()[0], "the target was away, and was waited for: ")

	place.Go()
	r.Observe(gone)
	stopped, stop := context.WithCancel(t.Context())
	stop()
	_, failed = r.Server(stopped, bench.Cell{Op: bench.Upload}, plan.Lifetime{}, fixtures.File{})
	assert.NotZero(t, failed)
}
