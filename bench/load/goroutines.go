package load

import (
	"context"
	"errors"
	"sync"
	"time"

	"poolbench/bench"
	"poolbench/bench/client"
	"poolbench/bench/internal/proc"
)

// goroutines are clients in this process, one goroutine per op.
type goroutines struct {
	clients  []*client.Client
	prepared []*client.Prepared
	samples  []bench.Sample
	start    time.Time
	started  chan struct{} // closed when start is set
	ended    sync.WaitGroup
}

// Prepare implements Clients. Each client writes its own element of samples, so they share
// no lock.
func (g *goroutines) Prepare(ctx context.Context) []string {
	g.samples, g.started = make([]bench.Sample, len(g.clients)), make(chan struct{})
	g.prepared = make([]*client.Prepared, len(g.clients))
	var ready sync.WaitGroup
	ready.Add(len(g.clients))
	for i, c := range g.clients {
		g.ended.Go(func() {
			g.prepared[i] = c.Prepare()
			ready.Done()
			<-g.started
			g.samples[i] = g.prepared[i].Do(ctx, g.start)
		})
	}
	ready.Wait()
	return nil
}

// Start implements Clients.
func (g *goroutines) Start() []bench.Sample {
	g.start = time.Now()
	close(g.started)
	g.ended.Wait()
	return g.samples
}

// Release implements Clients.
func (g *goroutines) Release() error {
	var errs []error
	for _, p := range g.prepared {
		errs = append(errs, p.Close())
	}
	return errors.Join(errs...)
}

// These clients have no process of their own.

func (g *goroutines) CPU() time.Duration        { return 0 }
func (g *goroutines) Processes() proc.Processes { return nil }
func (g *goroutines) Close()                    {}
