package server

import (
	"context"
	"net"
	"runtime"
	"sync"

	"golang.org/x/sync/semaphore"
)

// pools holds what serves a connection: the factor under test, and the only
// thing in which two servers differ. A pool takes connections from the listener
// until that fails, hands each to a worker that has no other, and returns the
// listener's error after the last one has been handled.
var pools = map[Pool]func(l *listener, workers []*worker, handle func(*worker, *net.TCPConn)) error{
	Thread:    serveWithThreads,
	Goroutine: serveWithGoroutines,
}

func serveWithThreads(l *listener, workers []*worker, handle func(*worker, *net.TCPConn)) error {
	queue := make(chan *net.TCPConn, len(workers))
	admission := semaphore.NewWeighted(int64(len(workers)))
	var threads sync.WaitGroup
	for _, w := range workers {
		threads.Go(func() {
			runtime.LockOSThread()
			defer runtime.UnlockOSThread()
			for conn := range queue {
				handle(w, conn)
				admission.Release(1)
			}
		})
	}
	err := admit(l, admission, func(conn *net.TCPConn) { queue <- conn })
	close(queue)
	threads.Wait()
	return err
}

func serveWithGoroutines(l *listener, workers []*worker, handle func(*worker, *net.TCPConn)) error {
	idle := make(chan *worker, len(workers))
	for _, w := range workers {
		idle <- w
	}
	admission := semaphore.NewWeighted(int64(len(workers)))
	var goroutines sync.WaitGroup
	err := admit(l, admission, func(conn *net.TCPConn) {
		goroutines.Go(func() {
			w := <-idle
			handle(w, conn)
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
func admit(l *listener, admission *semaphore.Weighted, serve func(*net.TCPConn)) error {
	for {
		_ = admission.Acquire(context.Background(), 1) // Background never ends
		conn, err := l.accept()
		if err != nil {
			return err
		}
		serve(conn)
	}
}
