package measure

import (
	"context"
	"slices"
	"time"

	"poolbench/bench"
	"poolbench/protocol"
)

// A server that counts the death of a worker's process does so when that has been
// reaped, some time after the clients have seen their connections end: it is asked
// until it has counted, but not for longer than deathLag.
const (
	deathLag  = time.Second
	deathStep = 5 * time.Millisecond
)

// blame asks the server, if it tells, how many of a round's ops that were reset or
// cut short ended with their worker. If all did that is their reason, with the old
// one as the detail. A round without such an op costs nothing.
func (r *Visit) blame(round *bench.Round) {
	var cut []*bench.Sample
	for i := range round.Samples {
		if slices.Contains([]bench.Reason{bench.Reset, bench.CutShort}, round.Samples[i].Failure.Reason) {
			cut = append(cut, &round.Samples[i])
		}
	}
	if len(cut) == 0 {
		return
	}
	switch died := r.deaths(int64(len(cut))); {
	case died >= int64(len(cut)):
		for _, s := range cut {
			s.Failure = bench.Failure{Reason: bench.WorkerDied, Detail: s.Failure.String()}
		}
	case died > 0:
		r.note("%d of the %d ops of a round that were reset or cut short ended with their worker, as the server counts", died, len(cut))
	}
}

// deaths returns how many transfers the server has lost with their workers since
// it was last asked, having given it the time to count so many.
func (r *Visit) deaths(enough int64) (died int64) {
	for began := time.Now(); r.config.Target.Tells; time.Sleep(deathStep) {
		stats, err := r.config.Target.stats(context.WithoutCancel(r.ctx))
		if err != nil {
			break // End asks again, and says so
		}
		counted := workersDied(stats)
		died = counted - r.died
		if died >= enough || stats.Pool != protocol.PoolProcess || time.Since(began) > deathLag {
			r.died = counted
			break
		}
	}
	return died
}

// workersDied is how many requests a server has lost with the workers that served
// them. One that has just been accepted is of no op yet.
func workersDied(stats protocol.Stats) (n int64) {
	for _, ends := range stats.Total().Ops {
		n += ends.Failed[protocol.ReasonWorkerDied]
	}
	return n
}
