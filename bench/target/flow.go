package target

import (
	"bytes"
	"context"
	"errors"
	"time"

	"golang.org/x/sync/errgroup"

	"poolbench/bench/client"
)

// flowStep is the time between two readings of a flow.
const flowStep = 5 * time.Millisecond

var errFlowOver = errors.New("the trial is over")

// reading says what had been moved at a moment.
type reading struct {
	at    time.Duration
	moved int64
}

// flow lets streams do a transfer again and again until a trial is over. It returns their
// rate together, in bytes per second, and what they have moved. The error says why nothing
// was moved.
func flow(ctx context.Context, streams int, transfer func(ctx context.Context, f *client.Flow, i int) error) (rate float64, moved int64, err error) {
	within, end := context.WithCancelCause(ctx)
	defer end(nil)
	flows := make([]client.Flow, streams)
	var all errgroup.Group
	for i := range flows {
		all.Go(func() (err error) {
			for err == nil {
				err = transfer(within, &flows[i], i)
			}
			return err
		})
	}
	failed := make(chan error, 1)
	go func() { failed <- all.Wait() }()
	readings, err := watch(flows, failed)
	if err == nil {
		end(errFlowOver)
		<-failed
	}
	if ctx.Err() != nil {
		return 0, 0, context.Cause(ctx)
	}
	moved = readings[len(readings)-1].moved
	if rate = rateOf(readings); rate > 0 {
		return rate, moved, nil
	}
	return 0, moved, err
}

// watch reads the flows until a trial is over, or all have failed. Its time begins with the
// first byte: the wait for a worker says nothing about the link.
func watch(flows []client.Flow, failed <-chan error) (readings []reading, err error) {
	begun := time.Now()
	readings = []reading{{}}
	tick := time.NewTicker(flowStep)
	defer tick.Stop()
	for {
		select {
		case err = <-failed:
			return readings, err
		case <-tick.C:
		}
		now := reading{at: time.Since(begun)}
		for i := range flows {
			now.moved += flows[i].Moved()
		}
		if now.moved == 0 {
			readings = readings[:0]
		}
		readings = append(readings, now)
		if now.at-readings[0].at >= trialTime && now.moved > 0 || now.moved >= trialBytes {
			return readings, nil
		}
	}
}

// rateOf returns the rate over the second half of the readings' time, since a connection is
// slow at first. It is 0 if nothing was moved.
func rateOf(readings []reading) float64 {
	first, last := readings[0], readings[len(readings)-1]
	for _, r := range readings {
		if r.at-first.at >= (last.at-first.at)/2 {
			if r.moved < last.moved {
				first = r
			}
			break
		}
	}
	if last.at <= first.at {
		return 0
	}
	return max(0, float64(last.moved-first.moved)/(last.at-first.at).Seconds())
}

// textBlock is a piece of Base64 text.
var textBlock = bytes.Repeat([]byte("pool+bench/0123456789abcdefghijk"), 1024)

// endless is Base64 text without an end.
type endless struct{}

func (endless) Read(p []byte) (n int, err error) {
	for n < len(p) {
		n += copy(p[n:], textBlock)
	}
	return n, nil
}
