package load

import (
	"cmp"
	"errors"
	"time"

	"poolbench/bench"
	"poolbench/bench/client"
	"poolbench/bench/internal/oom"
)

// answerTimeout bounds the start of a client process, and opening or closing a file there.
const answerTimeout = 30 * time.Second

// answerGrace is how long after its op's timeout a client process may still report. The
// client itself enforces the timeout.
const answerGrace = client.CloseTimeout + 2*time.Second

// slot is the place of one client. If its process ends, a new one takes over.
type slot struct {
	client  *client.Client
	memory  *oom.Watcher
	process *clientProcess // nil if none is alive
	failure bench.Failure  // why none is alive
	spent   time.Duration  // CPU time of the processes that have ended
}

// prepare prepares the client for a round. If its process has ended since the last round,
// it starts a new one and returns a note.
func (s *slot) prepare() (lost string) {
	if s.process != nil {
		if s.ask(taskPrepare); s.process != nil {
			return ""
		}
		lost = "a client was lost between two rounds: " + s.failure.String()
	}
	var err error
	if s.process, err = startClient(s.client); err != nil {
		s.failure = bench.Failure{Reason: bench.LocalError, Detail: "its process could not be started: " + client.Brief(err)}
		return lost
	}
	s.ask(taskPrepare)
	return lost
}

// ask gives an order other than taskStart and waits for the answer.
func (s *slot) ask(do task) answer {
	s.process.send(order{Do: do})
	a, err := s.process.hear(time.Now().Add(answerTimeout))
	if err != nil {
		s.lose(err)
	}
	return a
}

// lose ends a process that failed to answer.
func (s *slot) lose(err error) {
	s.failure = s.process.endAfter(err, s.memory)
	state := s.process.cmd.ProcessState
	s.spent += state.UserTime() + state.SystemTime()
	s.process = nil
}

// report waits for the sample of the op that began at start.
func (s *slot) report(start time.Time) bench.Sample {
	sample := bench.Sample{Client: s.client.Index}
	if s.process != nil {
		a, err := s.process.hear(start.Add(s.client.Timeout + answerGrace))
		if err == nil {
			return a.Sample
		}
		sample.Done = time.Since(start) // before reaping it, which may take a while
		s.lose(err)
	}
	sample.Done = cmp.Or(sample.Done, time.Since(start))
	sample.Failure = s.failure
	return sample
}

func (s *slot) release() error {
	if s.process == nil {
		return nil
	}
	switch a := s.ask(taskRelease); {
	case s.process == nil:
		return errors.New(s.failure.String())
	case a.Left != "":
		return errors.New(a.Left)
	}
	return nil
}
