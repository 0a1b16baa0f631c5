package target_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"poolbench/bench"
	"poolbench/bench/plan"
	"poolbench/bench/target"
	"poolbench/fixtures"
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
