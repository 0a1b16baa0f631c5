package load

import (
	"context"
	"errors"
	"runtime"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"poolbench/bench"
	"poolbench/bench/client"
	"poolbench/bench/internal/oom"
	"poolbench/bench/internal/proc"
)

// lead and leadEach are how long before the start its moment is announced, in total and per
// client, so that every client knows it in time. When the order itself was the start, the
// 50th client got it 11 ms late, because the clients before it had taken the processors.
const (
	lead     = 5 * time.Millisecond
	leadEach = 100 * time.Microsecond
)

// processes are clients in processes of their own, which live until Close.
type processes struct {
	slots  []*slot
	ctx    context.Context // of the round
	memory *oom.Watcher
}

func newProcesses(clients []*client.Client) *processes {
	p := &processes{memory: oom.Watch()}
	for _, c := range clients {
		p.slots = append(p.slots, &slot{client: c, memory: p.memory})
	}
	return p
}

// Prepare implements Clients.
func (p *processes) Prepare(ctx context.Context) []string {
	p.ctx = ctx
	lost := make([]string, len(p.slots))
	kills := oom.Kills() // a client found lost now may have been killed earlier
	// A starting program keeps a processor busy.
	var preparing errgroup.Group
	preparing.SetLimit(2 * runtime.NumCPU())
	for i, s := range p.slots {
		preparing.Go(func() error {
			lost[i] = s.prepare()
			return nil
		})
	}
	_ = preparing.Wait()
	p.memory.Mark(kills)
	return slices.DeleteFunc(lost, func(note string) bool { return note == "" })
}

// Start implements Clients.
func (p *processes) Start() []bench.Sample {
	var alive []*clientProcess
	for _, s := range p.slots {
		if s.process != nil {
			alive = append(alive, s.process)
		}
	}
	at := monotonic() + int64(lead+time.Duration(len(alive))*leadEach)
	start := instant(at)
	for _, process := range alive {
		process.send(order{Do: taskStart, At: at})
	}
	told := make(chan struct{})
	stop := context.AfterFunc(p.ctx, func() {
		defer close(told)
		for _, process := range alive {
			process.send(order{Do: taskStop, Why: context.Cause(p.ctx).Error()})
		}
	})
	time.Sleep(time.Until(start)) // no op fails before its start
	samples := make([]bench.Sample, len(p.slots))
	var ended sync.WaitGroup
	for i, s := range p.slots {
		ended.Go(func() { samples[i] = s.report(start) })
	}
	ended.Wait()
	if !stop() {
		<-told
	}
	return samples
}

// Release implements Clients.
func (p *processes) Release() error {
	errs := make([]error, len(p.slots))
	var releasing sync.WaitGroup
	for i, s := range p.slots {
		releasing.Go(func() { errs[i] = s.release() })
	}
	releasing.Wait()
	return errors.Join(errs...)
}

// CPU implements Clients. It leaves out processes whose clock cannot be read because they
// have just died.
func (p *processes) CPU() time.Duration {
	var sum time.Duration
	for _, s := range p.slots {
		sum += s.spent
	}
	for _, pid := range p.Processes() {
		spent, _ := proc.Processes{pid}.CPU()
		sum += spent
	}
	return sum
}

// Processes implements Clients.
func (p *processes) Processes() proc.Processes {
	var alive proc.Processes
	for _, s := range p.slots {
		if s.process != nil {
			alive = append(alive, s.process.cmd.Process.Pid)
		}
	}
	return alive
}

// Close implements Clients.
func (p *processes) Close() {
	var ending sync.WaitGroup
	for _, s := range p.slots {
		if s.process != nil {
			ending.Go(s.process.end)
		}
	}
	ending.Wait()
	p.memory.Close()
}
