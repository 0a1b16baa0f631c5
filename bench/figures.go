package bench

import (
	"context"
	"time"
)

// figures are what the server tells of the cell's op.
type figures struct {
	storage time.Duration
	ok      int64
	failed  map[string]int64 // by reason
}

// figures asks the server, if it tells.
func (r *Run) figures() figures {
	if !r.config.Target.Tells {
		return figures{}
	}
	stats, err := r.config.Target.Figures(context.WithoutCancel(r.ctx))
	if err != nil {
		r.note("no figures from the server: %v", err)
		r.config.Target.Tells = false
	}
	r.died = workersDied(stats)
	total := stats.Total()
	ends := total.Ops[string(r.config.Cell.Op)]
	return figures{storage: time.Duration(total.StorageNS), ok: ends.OK, failed: ends.Failed}
}

// tell adds what the server told before the rounds and after them. One that was
// restarted meanwhile has counted from zero, and has told nothing.
func (r *Result) tell(after, before figures) {
	restarted := after.storage < before.storage || after.ok < before.ok
	for reason, n := range before.failed {
		restarted = restarted || after.failed[reason] < n
	}
	if restarted {
		return
	}
	r.ServerTold = true
	r.StorageTime = after.storage - before.storage
	r.ServerOK = after.ok - before.ok
	r.ServerReasons = sumOf(after.failed, before.failed, -1)
	for _, n := range r.ServerReasons {
		r.ServerFailed += n
	}
}
