package measure_test

import (
	"encoding/json"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"poolbench/bench"
	"poolbench/bench/measure"
	"poolbench/fixtures"
	"poolbench/protocol"
	"poolbench/server/servertest"
)

// mortal is a peer that reports how many of its requests died with their workers.
type mortal struct {
	pool string
	late int64 // how many times it is asked before it has counted
	died int64 // counted then, on top of 7 earlier ones
	said string

	ops, asked atomic.Int64
}

func (m *mortal) serve(t *testing.T) func(c *servertest.Caller) {
	return func(c *servertest.Caller) {
		if !c.Stats {
			m.ops.Add(1)
			c.Say(m.said)
			return
		}
		died := int64(7)
		if m.ops.Load() > 0 && m.asked.Add(1) > m.late {
			died += m.died
		}
		ends := protocol.Ends{Failed: map[protocol.Reason]int64{"worker died": died, "reset": 100}}
		text, err := json.Marshal(protocol.Stats{Pool: m.pool, Workers: 2, PerWorker: []protocol.WorkerStats{
			{Ops: map[protocol.Op]protocol.Ends{"upload": ends}},
		}})
		assert.NoError(t, err)
		c.Send(len(text), text)
	}
}

// Clients see only an early end. If the server counted the death of a worker, that is the
// reason.
func TestWorkerDies(t *testing.T) {
	const cut = "cut short: the server closed without an answer"
	for _, row := range []struct {
		name   string
		server *mortal
		want   string
		note   string
		asked  int64 // after the round, and once more at the end
	}{
		{"all", &mortal{pool: "process", died: 2}, "2 × worker died: " + cut, "", 1 + 1},
		{"more than there were", &mortal{pool: "process", died: 3}, "2 × worker died: " + cut, "", 1 + 1},
		{"counted late", &mortal{pool: "process", late: 3, died: 2}, "2 × worker died: " + cut, "", 4 + 1},
		// It is asked for a while, because it may still count the other.
		{"one of two", &mortal{pool: "process", died: 1}, "2 × " + cut,
			"1 of the 2 ops of a round that were reset or cut short ended with their worker, by the server's count", -1},
		{"of no processes", &mortal{pool: "thread"}, "2 × " + cut, "", 1 + 1},
		{"for another reason", &mortal{pool: "process", died: 2, said: "ERROR Busy\r\n\r\n"}, `2 × server said no: "Busy"`, "", 0 + 1},
	} {
		t.Run(row.name, func(t *testing.T) {
			m := row.server
			c := config(t, bench.Upload, servertest.Peer(t, m.serve(t)), 2, fixture(t, fixtures.KiB))
			c.Target.HasStats = true
			result := measured(t, c, 1)
			assert.Equal(t, []string{row.want}, result.Reasons())
			if row.note == "" {
				assert.Empty(t, result.Notes)
			} else {
				assert.Equal(t, []string{row.note}, result.Notes)
			}
			if row.asked >= 0 {
				assert.Equal(t, row.asked, m.asked.Load())
			}
		})
	}
}

// Deaths are counted per round, including the warm-up.
func TestWorkersDieInWarmUp(t *testing.T) {
	m := mortal{pool: "process", died: 2}
	c := config(t, bench.Upload, servertest.Peer(t, m.serve(t)), 2, fixture(t, fixtures.KiB))
	c.Target.HasStats = true
	run := measure.Start(t.Context(), c)
	run.WarmUp(1)
	m.died = 4
	run.Round(nil)
	result := run.End()
	assert.Equal(t, []string{"warm-up: 2 × worker died: cut short: the server closed without an answer"}, result.Notes)
	assert.Equal(t, []string{"2 × worker died: cut short: the server closed without an answer"}, result.Reasons())
}

// A server that goes away for good is not asked forever.
func TestWorkersOfServerThatGoesAway(t *testing.T) {
	var gone atomic.Bool
	m := mortal{pool: "process"}
	tell := m.serve(t)
	c := config(t, bench.Upload, servertest.Peer(t, func(c *servertest.Caller) {
		if !gone.Load() {
			tell(c)
		}
		gone.Store(true)
	}), 2, fixture(t, fixtures.KiB))
	c.Target.HasStats = true
	result := measured(t, c, 1)
	assert.Equal(t, []string{"2 × cut short: the server closed without an answer"}, result.Reasons())
	require.Len(t, result.Notes, 1)
	assert.Contains(t, result.Notes[0], "no counters from the server: ")
}
