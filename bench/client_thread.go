package bench

import (
	"context"
	"errors"
	"sync"
	"time"
)

// threadCrew is clients in this process, a goroutine for each op.
type threadCrew struct {
	clients []*Client
	waiting []*parked
	samples []Sample
	gun     time.Time
	fired   chan struct{} // closed when gun is set
	ended   sync.WaitGroup
}

// park opens the files. Each client writes a sample of its own, so they share no
// lock.
func (c *threadCrew) park(ctx context.Context) []string {
	c.samples, c.fired = make([]Sample, len(c.clients)), make(chan struct{})
	c.waiting = make([]*parked, len(c.clients))
	var ready sync.WaitGroup
	ready.Add(len(c.clients))
	for i, client := range c.clients {
		c.ended.Go(func() {
			c.waiting[i] = client.park()
			ready.Done()
			<-c.fired
			c.samples[i] = c.waiting[i].do(ctx, c.gun)
		})
	}
	ready.Wait()
	return nil
}

func (c *threadCrew) fire() []Sample {
	c.gun = time.Now()
	close(c.fired)
	c.ended.Wait()
	return c.samples
}

func (c *threadCrew) leave() error {
	var errs []error
	for _, p := range c.waiting {
		errs = append(errs, p.leave())
	}
	return errors.Join(errs...)
}

// These clients have no process of their own.

func (c *threadCrew) cpu() time.Duration   { return 0 }
func (c *threadCrew) processes() Processes { return nil }
func (c *threadCrew) end()                 {}
