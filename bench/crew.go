package bench

import (
	"context"
	"time"
)

// crew is the clients of one cell, wherever they run. It is used from one
// goroutine: park, fire and leave for each round, and end when all are done.
type crew interface {
	// park returns when every client waits for the gun, with what a reader should
	// know, a line each. The context ends their ops early. What keeps a client
	// from waiting is its op's failure.
	park(ctx context.Context) []string
	// fire fires the gun and returns when the last client has ended, with a
	// sample of each, in their order.
	fire() []Sample
	// leave closes what park opened.
	leave() error
	// cpu is the CPU time that processes of the clients' own have taken, those
	// that have ended included.
	cpu() time.Duration
	// processes are those that are alive.
	processes() Processes
	// end ends those processes.
	end()
}

// newCrew makes the crew of a client pool. No client has to be there before park.
func newCrew(pool ClientPool, clients []*Client) crew {
	if pool == ProcessClients {
		return newProcessCrew(clients)
	}
	return &threadCrew{clients: clients}
}
