package server

import (
	"context"
	"runtime"
	"sync"

	"golang.org/x/sync/semaphore"
)

// pools holds what serves a connection: the factor under test, and the only
// thing in which two servers differ. A pool takes connections from the server's
// listener until that fails, hands each to a worker that has no other, and
// returns the listener's error after the last one has been handled.
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

// admit hands each connection that is admitted to serve, which gives its
// admission back. It comes before the connection is accepted: one that has to
// wait for a worker does so in the kernel, whatever the pool.
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

// serveWithProcesses waits for the end of the processes that serve, which have
// been there since the server listens.
func serveWithProcesses(s *Server) error {
	<-s.supervisor.Done()
	return s.supervisor.Err()
}

// serveAlone is what each of them does.
func serveAlone(s *Server) error {
	for {
		conn, err := s.listener.accept()
		if err != nil {
			return err
		}
		s.handle(s.workers[0], conn)
	}
}
