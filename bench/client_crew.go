package bench

import (
	"cmp"
	"context"
	"errors"
	"runtime"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"
)

// answerTimeout is how long a client's process may take to open or close a file,
// and to start.
const answerTimeout = 30 * time.Second

// answerGrace is how much longer than its op a client's process may take to tell
// what came of it. The op's own time is kept by the client.
const answerGrace = closeTimeout + 2*time.Second

// gunLead and gunLeadEach are how long before the gun its moment is told, as a
// whole and for each client, so that all can have heard it. When it was told as
// it was fired, the 50th client was told 11 ms late, as those before it took the
// processors.
const (
	gunLead     = 5 * time.Millisecond
	gunLeadEach = 100 * time.Microsecond
)

// processCrew is clients in processes of their own, which last for the whole
// cell.
type processCrew struct {
	seats  []*seat
	ctx    context.Context // of the round
	memory *memoryKiller
}

// seat is a client's place, which a new process takes when the one before is no
// more.
type seat struct {
	client  *Client
	memory  *memoryKiller
	process *clientProcess // nil if there is none
	failure Failure        // if there is none: why
	spent   time.Duration  // the CPU time of those that are no more
}

func newProcessCrew(clients []*Client) *processCrew {
	c := &processCrew{memory: watchMemoryKiller()}
	for _, client := range clients {
		c.seats = append(c.seats, &seat{client: client, memory: c.memory})
	}
	return c
}

func (c *processCrew) park(ctx context.Context) []string {
	c.ctx = ctx
	lost := make([]string, len(c.seats))
	kills := memoryKills() // those that are found lost here may have been killed before
	// A program that starts takes a processor for itself.
	var parking errgroup.Group
	parking.SetLimit(2 * runtime.NumCPU())
	for i, s := range c.seats {
		parking.Go(func() error {
			lost[i] = s.park()
			return nil
		})
	}
	_ = parking.Wait()
	c.memory.mark(kills)
	return slices.DeleteFunc(lost, func(note string) bool { return note == "" })
}

// park returns what became of a process that has ended since the round before.
func (s *seat) park() (lost string) {
	if s.process != nil {
		if s.ask(taskPark); s.process != nil {
			return ""
		}
		lost = "a client was lost between two rounds: " + s.failure.String()
	}
	var err error
	if s.process, err = startClient(s.client); err != nil {
		s.failure = Failure{LocalError, "its process could not be started: " + bare(err)}
		return lost
	}
	s.ask(taskPark)
	return lost
}

// ask gives an order that is no op, and waits until it is done.
func (s *seat) ask(do task) answer {
	s.process.tell(order{Do: do})
	a, err := s.process.hear(time.Now().Add(answerTimeout))
	if err != nil {
		s.lose(err)
	}
	return a
}

// lose is for a process that did not answer.
func (s *seat) lose(err error) {
	s.failure = s.process.endAfter(err, s.memory)
	state := s.process.cmd.ProcessState
	s.spent += state.UserTime() + state.SystemTime()
	s.process = nil
}

func (c *processCrew) fire() []Sample {
	var processes []*clientProcess
	for _, s := range c.seats {
		if s.process != nil {
			processes = append(processes, s.process)
		}
	}
	at := monotonic() + int64(gunLead+time.Duration(len(processes))*gunLeadEach)
	gun := instant(at)
	for _, p := range processes {
		p.tell(order{Do: taskFire, Gun: at})
	}
	told := make(chan struct{})
	stop := context.AfterFunc(c.ctx, func() {
		defer close(told)
		for _, p := range processes {
			p.tell(order{Do: taskStop, Why: context.Cause(c.ctx).Error()})
		}
	})
	time.Sleep(time.Until(gun)) // nothing has failed before it
	samples := make([]Sample, len(c.seats))
	var ended sync.WaitGroup
	for i, s := range c.seats {
		ended.Go(func() { samples[i] = s.report(gun) })
	}
	ended.Wait()
	if !stop() {
		<-told
	}
	return samples
}

// report waits for the sample of the op that began with the gun.
func (s *seat) report(gun time.Time) Sample {
	sample := Sample{Client: s.client.Index}
	if s.process != nil {
		a, err := s.process.hear(gun.Add(s.client.Timeout + answerGrace))
		if err == nil {
			return a.Sample
		}
		sample.Done = time.Since(gun) // before it is reaped, which may take a while
		s.lose(err)
	}
	sample.Done = cmp.Or(sample.Done, time.Since(gun))
	sample.Failure = s.failure
	return sample
}

func (c *processCrew) leave() error {
	errs := make([]error, len(c.seats))
	var leaving sync.WaitGroup
	for i, s := range c.seats {
		if s.process == nil {
			continue
		}
		leaving.Go(func() {
			if a := s.ask(taskLeave); s.process == nil {
				errs[i] = errors.New(s.failure.String())
			} else if a.Left != "" {
				errs[i] = errors.New(a.Left)
			}
		})
	}
	leaving.Wait()
	return errors.Join(errs...)
}

// cpu leaves out a process whose clock can't be read, as it has just died.
func (c *processCrew) cpu() time.Duration {
	var sum time.Duration
	for _, s := range c.seats {
		sum += s.spent
		if s.process != nil {
			spent, _ := Processes{s.process.cmd.Process.Pid}.CPU()
			sum += spent
		}
	}
	return sum
}

func (c *processCrew) processes() Processes {
	var processes Processes
	for _, s := range c.seats {
		if s.process != nil {
			processes = append(processes, s.process.cmd.Process.Pid)
		}
	}
	return processes
}

func (c *processCrew) end() {
	var ending sync.WaitGroup
	for _, s := range c.seats {
		if s.process != nil {
			ending.Go(s.process.end)
		}
	}
	ending.Wait()
	c.memory.close()
}
