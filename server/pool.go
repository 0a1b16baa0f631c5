package server

import (
	"context"
	"runtime"
	"sync"

	"golang.org/x/sync/semaphore"
)

// pools holds the one difference between two servers, which is the factor under test. A
// pool takes connections from the listener until that fails, gives each to a free
// worker, and returns the listener's error when the last connection has been handled.
var pools = map[Pool]func(s *Server) error{
	Thread:    serveWithThreads,
	Process:   serveWithProcesses,
	Goroutine: serveWithGoroutines,
}

func serveWithThreads(s *Server) error {
	queue := make(chan incoming, len(s.workers))
	admission := semaphore.NewWeighted(int64(len(s.workers)))
	var threads sync.WaitGroup
	for _, w := range s.workers {
		threads.Go(func() {
			runtime.LockOSThread()
			defer runtime.UnlockOSThread()
			for conn := range queue {
				s.handle(w, conn)
				admission.Release(1)
			}
		})
	}
	err := admit(s.listener, admission, func(conn incoming) { queue <- conn })
	close(queue)
	threads.Wait()
	return err
}

func serveWithGoroutines(s *Server) error {
	idle := make(chan *worker, len(s.workers))
	for _, w := range s.workers {
		idle <- w
	}
	admission := semaphore.NewWeighted(int64(len(s.workers)))
	var goroutines sync.WaitGroup
	err := admit(s.listener, admission, func(conn incoming) {
		goroutines.Go(func() {
			w := <-idle
			s.handle(w, conn)
			idle <- w
			admission.Release(1)
		})
	})
	goroutines.Wait()
	return err
}

// admit passes each connection to serve, which releases its admission at the end.
// Admission comes before accepting, so that connections wait in the kernel, whatever
// the pool.
func admit(l *listener, admission *semaphore.Weighted, serve func(incoming)) error {
	for {
		_ = admission.Acquire(context.Background(), 1) // Background never ends
		conn, err := l.accept()
		if err != nil {
			return err
		}
		serve(conn)
	}
}

// serveWithProcesses waits for the processes, which have served since Listen.
func serveWithProcesses(s *Server) error {
	<-s.supervisor.Done()
	return s.supervisor.Err()
}

// serveAlone is what each worker process does.
func serveAlone(s *Server) error {
	for {
		conn, err := s.listener.accept()
		if err != nil {
			return err
		}
		s.handle(s.workers[0], conn)
	}
}
