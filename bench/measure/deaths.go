package measure

import (
	"context"
	"slices"
	"time"

	"poolbench/bench"
	"poolbench/protocol"
)

// failedBy returns the samples of a round that failed for one of the reasons.
func failedBy(round *bench.Round, reasons ...bench.Reason) (some []*bench.Sample) {
	for i := range round.Samples {
		if slices.Contains(reasons, round.Samples[i].Failure.Reason) {
			some = append(some, &round.Samples[i])
		}
	}
	return some
}

// mourn gives the ops that a server took with it, or that found it gone, a reason of their
// own, and the old one as the detail. It waits for the end of the server, which may take a
// moment longer than the end of its connections. A round without such ops is not waited for.
func (r *Visit) mourn(round *bench.Round) {
	ops := failedBy(round, bench.Refused, bench.Reset, bench.CutShort)
	if len(ops) == 0 || r.config.Target.Ended == nil {
		return
	}
	select {
	case <-r.config.Target.Ended:
		r.gone, r.config.Target.HasStats = true, false
	case <-time.After(deathLag):
		return
	}
	for _, s := range ops {
		s.Failure = bench.Failure{Reason: bench.ServerDied, Detail: r.config.Target.End() + "; the op: " + s.Failure.String()}
	}
}

// A server counts the death of a worker process when it reaps it, some time after the
// clients saw their connections end. It is asked until it has counted, for at most
// deathLag.
const (
	deathLag  = time.Second
	deathStep = 5 * time.Millisecond
)

// blame asks the server how many of a round's ops that were reset or cut short ended
// because their worker died. If all did, that becomes their reason, and the old one the
// detail. A round without such ops is not asked about.
func (r *Visit) blame(round *bench.Round) {
	cut := failedBy(round, bench.Reset, bench.CutShort)
	if len(cut) == 0 {
		return
	}
	switch died := r.deaths(int64(len(cut))); {
	case died >= int64(len(cut)):
		for _, s := range cut {
			s.Failure = bench.Failure{Reason: bench.WorkerDied, Detail: s.Failure.String()}
		}
	case died > 0:
		r.note("%d of the %d ops of a round that were reset or cut short ended with their worker, by the server's count", died, len(cut))
	}
}

// deaths returns how many transfers the server has lost with their workers since it was
// last asked. It gives the server time to count up to want.
func (r *Visit) deaths(want int64) (died int64) {
	for began := time.Now(); r.config.Target.HasStats; time.Sleep(deathStep) {
		stats, err := r.config.Target.stats(context.WithoutCancel(r.ctx))
		if err != nil {
			break // End asks again and notes the error
		}
		counted := workersDied(stats)
		died = counted - r.died
		if died >= want || stats.Pool != protocol.PoolProcess || time.Since(began) > deathLag {
			r.died = counted
			break
		}
	}
	return died
}

// workersDied returns how many requests a server has lost with their workers. A connection
// that was only just accepted belongs to no op yet.
func workersDied(stats protocol.Stats) (n int64) {
	for _, ends := range stats.Total().Ops {
		n += ends.Failed[protocol.ReasonWorkerDied]
	}
	return n
}
