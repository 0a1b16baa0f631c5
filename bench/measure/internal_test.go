package measure

import (
	"context"
	"errors"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"poolbench/bench"
	"poolbench/bench/client"
	"poolbench/fixtures"
	"poolbench/protocol"
	"poolbench/server"
	"poolbench/server/servertest"
)

func TestHeartbeat(t *testing.T) {
	for _, row := range []struct {
		name    string
		suspend time.Duration // before the mark
		during  time.Duration
		want    time.Duration
	}{
		{"runs all the time", 0, 0, 0},
		{"late as on a busy machine", 0, stallLimit - 2*tickInterval, 0},
		{"was stopped before the round", 10 * time.Second, 0, 0},
		{"was stopped in the round", 0, 6 * time.Second, 6 * time.Second},
		{"was stopped in both", time.Minute, 6 * time.Second, 6 * time.Second},
	} {
		t.Run(row.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				began, suspended := time.Now(), time.Duration(0)
				h := startHeartbeat(func() time.Duration { return time.Since(began) + suspended })
				defer h.Stop()
				time.Sleep(time.Second)
				synctest.Wait()
				suspended += row.suspend
				h.mark()
				time.Sleep(time.Second + tickInterval/2)
				synctest.Wait()
				suspended += row.during
				soon := h.longest()
				time.Sleep(time.Second)
				synctest.Wait()
				for _, gap := range []time.Duration{soon, h.longest()} {
					assert.GreaterOrEqual(t, gap, row.want)
					assert.LessOrEqual(t, gap, row.want+tickInterval)
				}
				h.mark()
				assert.Zero(t, h.longest(), "it was told")
			})
		})
	}
}

func TestHeartbeatLeavesNothing(t *testing.T) {
	others := goleak.IgnoreCurrent()
	h := StartHeartbeat()
	h.mark()
	assert.Zero(t, h.longest())
	h.Stop()
	goleak.VerifyNone(t, others)
	var none *Heartbeat
	none.mark()
	assert.Zero(t, none.longest())
}

// A stalled round is repeated, up to a limit, and all are kept.
func TestStalledRound(t *testing.T) {
	file, err := fixtures.Ensure(t.Context(), t.TempDir(), fixtures.Spec{Size: fixtures.KiB}, nil)
	require.NoError(t, err)
	addr := servertest.Start(t, server.Config{Storage: filepath.Dir(file.Path)}).Addr().String()
	for _, row := range []struct {
		name   string
		stalls int
		wedged bool
		want   []bool // whether each round stalled
	}{
		{"never", 0, false, []bool{false}},
		{"once", 1, false, []bool{true, false}},
		{"twice", 2, false, []bool{true, true, false}},
		{"always", 100, false, []bool{true, true, true}},
		{"at a server that is given up", 100, true, []bool{true}},
	} {
		t.Run(row.name, func(t *testing.T) {
			h := &Heartbeat{} // read at the start and at the end of each round
			reads, at := 0, time.Duration(0)
			h.now = func() time.Duration {
				if reads++; reads%2 == 0 && reads <= 2*row.stalls {
					at += time.Minute
				}
				return at
			}
			c := Config{
				Cell: bench.Cell{Op: bench.Download, Clients: 1}, Target: Target{Addr: addr}, Fixture: file, Budget: client.NewBudget(0),
				OpTimeout: time.Minute, CellTimeout: time.Minute, Heartbeat: h,
			}
			if row.wedged { // after a failed op, because it does not say that it is idle
				c.Target.Addr, c.Reset = servertest.Nobody(t), func() error { return nil }
			}
			run := Start(t.Context(), c)
			run.Round(nil)
			var stalled []bool
			for _, round := range run.End().Rounds {
				stalled = append(stalled, round.Stalled == time.Minute)
			}
			assert.Equal(t, row.want, stalled)
			assert.Equal(t, row.wedged, run.Wedged())
		})
	}
}

// looks is a process that is stopped, or not, at each check.
type looks struct {
	stops []bool
	n     int
}

func (l *looks) stopped() bool {
	l.n++
	return l.n <= len(l.stops) && l.stops[l.n-1]
}

func TestWatchStops(t *testing.T) {
	const yes, no = true, false
	for _, row := range []struct {
		name  string
		lasts time.Duration // the round
		stops []bool
		looks int
		want  time.Duration
	}{
		{"short round is not checked", stopAfter - 1, []bool{yes}, 0, 0},
		{"nobody", stopAfter + 2*stopStep - 1, nil, 2, 0},
		{"at first", stopAfter + 5*stopStep - 1, []bool{yes, yes}, 5, 2 * stopStep},
		{"at last", stopAfter + 3*stopStep - 1, []bool{no, no, yes}, 3, stopStep},
		{"again", stopAfter + 9*stopStep - 1, []bool{yes, no, yes, yes, yes, no, yes, yes}, 9, 3 * stopStep},
	} {
		t.Run(row.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				who := &looks{stops: row.stops}
				end := watchStops(who)
				time.Sleep(row.lasts)
				synctest.Wait()
				assert.Equal(t, row.want, end())
				assert.Equal(t, row.looks, who.n)
			})
		})
	}
}

func TestAwaitRest(t *testing.T) {
	stats := func(queue int, states ...protocol.State) protocol.Stats {
		s := protocol.Stats{Queue: queue}
		for _, state := range states {
			s.PerWorker = append(s.PerWorker, protocol.WorkerStats{State: state})
		}
		return s
	}
	work := stats(0, "busy", "busy")
	for _, row := range []struct {
		name    string
		answers []protocol.Stats // the last one is repeated
		asked   int              // -1 means until the limit
		want    string
	}{
		{"at rest", []protocol.Stats{stats(0, "busy", "idle")}, 1, ""},
		{"at rest, of processes that start again", []protocol.Stats{stats(0, "busy", "starting", "resting", "gone")}, 1, ""},
		{"soon", []protocol.Stats{work, work, stats(0, "idle", "busy")}, 3, ""},
		{"with a queue", []protocol.Stats{stats(2, "busy"), stats(1, "busy"), stats(0, "busy")}, 3, ""},
		{"never", []protocol.Stats{stats(3, "busy", "busy", "busy")}, -1, "not at rest within 5s; busy workers: 2, waiting connections: 3"},
		{"can't be asked", []protocol.Stats{work, work}, 3, "it is gone"},
	} {
		t.Run(row.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				asked, began := 0, time.Now()
				err := awaitRest(t.Context(), func(context.Context) (protocol.Stats, error) {
					if asked++; row.want == "it is gone" && asked > len(row.answers) {
						return protocol.Stats{}, errors.New(row.want)
					}
					return row.answers[min(asked, len(row.answers))-1], nil
				})
				if row.want == "" {
					require.NoError(t, err)
				} else {
					require.EqualError(t, err, row.want)
				}
				if row.asked >= 0 {
					assert.Equal(t, row.asked, asked)
				} else {
					assert.GreaterOrEqual(t, time.Since(began), restLag)
					assert.LessOrEqual(t, time.Since(began), restLag+restStep)
				}
			})
		})
	}
}
