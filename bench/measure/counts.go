package measure

import (
	"errors"
	"fmt"
	"time"

	"poolbench/bench"
	"poolbench/protocol"
)

// counts are the server's counters for the cell's op.
type counts struct {
	storage time.Duration
	ok      int64
	failed  map[protocol.Reason]int64
	tcp     protocol.TCP
}

// counts asks the server for its counters, if it answers STATS.
func (r *Visit) counts() counts {
	if !r.config.Target.HasStats {
		return counts{}
	}
	stats, err := r.config.Target.stats(r.ctx)
	if err != nil {
		r.note("no counters from the server: %v", err)
		r.config.Target.HasStats = false
	}
	if t := r.config.Target; err == nil && t.Pool != "" && (stats.Pool != t.Pool || stats.Workers != t.Workers) {
		r.changed = fmt.Sprintf("it had the pool %s and %d workers, and has %s and %d", t.Pool, t.Workers, stats.Pool, stats.Workers)
	}
	r.died = workersDied(stats)
	total := stats.Total()
	ends := total.Ops[protocol.Op(r.config.Cell.Op)]
	return counts{storage: time.Duration(total.StorageNS), ok: ends.OK, failed: ends.Failed, tcp: total.TCP}
}

// disown fails the ops of a visit to a server that has become another one.
func (r *Visit) disown() {
	failure := bench.Failure{Reason: bench.ServerChanged, Detail: r.changed}
	if len(r.result.Rounds) == 0 {
		r.result.Rounds = bench.FailedStart(r.config.Cell, failure.Reason, errors.New(failure.Detail)).Rounds
	}
	for _, round := range r.result.Rounds {
		for i := range round.Samples {
			round.Samples[i].Failure = failure
		}
	}
}

// setTold records in a result what the server counted between two readings. A server that
// restarted in between has counted from zero, so nothing is recorded.
func setTold(r *bench.Result, after, before counts) {
	restarted := after.storage < before.storage || after.ok < before.ok
	for reason, n := range before.failed {
		restarted = restarted || after.failed[reason] < n
	}
	if restarted {
		return
	}
	r.Told = &bench.Told{
		Storage: after.storage - before.storage, OK: after.ok - before.ok, TCP: after.tcp.Since(before.tcp),
		Reasons: grown(after.failed, before.failed),
	}
	for _, n := range r.Told.Reasons {
		r.Told.Failed += n
	}
}

// grown returns by how much each count has grown; nil if none has.
func grown(after, before map[protocol.Reason]int64) map[string]int64 {
	var more map[string]int64
	for what, n := range after {
		if n -= before[what]; n != 0 {
			if more == nil {
				more = map[string]int64{}
			}
			more[string(what)] = n
		}
	}
	return more
}
