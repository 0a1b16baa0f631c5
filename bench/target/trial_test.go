package target_test

import (
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"poolbench/bench"
	"poolbench/fixtures"
	"poolbench/server/servertest"
)

// link is a slow one, which all connections share.
type link struct {
	rate float64 // bytes per second

	lock        sync.Mutex
	begun, last time.Time
	moved       int
	names       []string // of uploads
}

// pass returns when n more bytes have got through.
func (l *link) pass(n int) {
	l.lock.Lock()
	if l.begun.IsZero() {
		l.begun = time.Now()
	}
	l.moved += n
	due := l.begun.Add(time.Duration(float64(l.moved) / l.rate * float64(time.Second)))
	l.lock.Unlock()
	time.Sleep(time.Until(due))
	l.lock.Lock()
	l.last = time.Now()
	l.lock.Unlock()
}

// was returns what has passed so far, the rate that the link had on a machine that may be
// busy, and the names of uploads, each once.
func (l *link) was() (moved int, rate float64, names []string) {
	l.lock.Lock()
	defer l.lock.Unlock()
	names = slices.Sorted(slices.Values(l.names))
	return l.moved, float64(l.moved) / l.last.Sub(l.begun).Seconds(), slices.Compact(names)
}

// serve is a server without STATS behind the link, which has files of this size, if not 0.
func (l *link) serve(size int) func(c *servertest.Caller) {
	return func(c *servertest.Caller) {
		piece := make([]byte, 16<<10)
		switch {
		case c.Words[0] == "UPLOAD":
			l.lock.Lock()
			l.names = append(l.names, c.Words[1])
			l.lock.Unlock()
			c.Say("OK Ready to receive\r\n\r\n")
			for n, err := 0, error(nil); err == nil; {
				n, err = c.Read(piece)
				l.pass(n)
			}
		case c.Words[0] == "GET" && size > 0:
			c.Send(size, nil)
			for left, err := size, error(nil); left > 0 && err == nil; left -= len(piece) {
				l.pass(len(piece))
				_, err = c.Write(piece)
			}
		case c.Words[0] == "GET":
			c.Say("ERROR File not found\r\n\r\n")
		default:
			c.Say("ERROR Unknown command\r\n\r\n")
		}
	}
}

// cells are of 100 MiB, which a slow link takes a minute for.
func cells(ops ...bench.Op) (all []bench.Cell) {
	for _, op := range ops {
		all = append(all, bench.Cell{Op: op, Volume: 100 * fixtures.MiB, Clients: 50}, bench.Cell{Op: op, Volume: fixtures.MiB, Clients: 1})
	}
	return all
}

func TestTrial(t *testing.T) {
	large := fixtures.Spec{Size: 100 * fixtures.MiB}.TextSize()
	for _, row := range []struct {
		name    string
		ops     []bench.Op
		has     int
		lacks   int
		uploads bool
	}{
		{"uploads", []bench.Op{bench.Upload}, 0, 0, true},
		{"downloads", []bench.Op{bench.Download}, int(large), 0, false},
		{"downloads of what is not there", []bench.Op{bench.Download}, 0, 2, true},
		{"both", []bench.Op{bench.Upload, bench.Download}, int(large), 0, true},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			for _, rate := range []float64{2e6, 10e6} {
				l := &link{rate: rate}
				r := find(t, servertest.Peer(t, l.serve(row.has)), "", 0)
				trial, err := r.Trial(t.Context(), cells(row.ops...))
				require.NoError(t, err)
				moved, rate, names := l.was()
				for _, op := range row.ops {
					assert.Greater(t, trial.Rates[op], rate/2, "%v", op)
					assert.Less(t, trial.Rates[op], rate*2, "%v", op)
				}
				assert.Len(t, trial.Lacks, row.lacks)
				assert.Positive(t, trial.Fixed)
				assert.Equal(t, row.uploads, trial.Left > 0)
				assert.LessOrEqual(t, trial.Left, 2*int64(moved))
				assert.Subset(t, []string{"poolbench_plan_0.bin", "poolbench_plan_1.bin", "poolbench_plan_2.bin", "poolbench_plan_3.bin"}, names)
			}
		})
	}
}

func TestTrialFails(t *testing.T) {
	const unknown = "ERROR Unknown command\r\n\r\n"
	for _, row := range []struct {
		name  string
		op    bench.Op
		serve func(c *servertest.Caller)
		want  string
	}{
		{"refuses uploads", bench.Upload, func(c *servertest.Caller) {
			c.Say(map[bool]string{true: unknown, false: "ERROR Server file error\r\n\r\n"}[c.Stats])
		}, `server said no: "Server file error"`},
		{"closes", bench.Download, func(c *servertest.Caller) { c.Say(map[bool]string{true: unknown}[c.Stats]) }, "cut short: the server closed without an answer"},
	} {
		t.Run(row.name, func(t *testing.T) {
			trial, err := find(t, servertest.Peer(t, row.serve), "", 0).Trial(t.Context(), cells(row.op))
			assert.EqualError(t, err, row.want)
			assert.Zero(t, trial.Rates[row.op])
			assert.Zero(t, trial.Left)
		})
	}
}
