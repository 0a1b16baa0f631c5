package load

import (
	"context"
	"time"

	"poolbench/bench"
	"poolbench/bench/client"
	"poolbench/bench/internal/proc"
)

// Clients are the clients of one cell. They are used from one goroutine, which calls
// Prepare, Start and Release for each round, and Close after the last.
type Clients interface {
	// Prepare returns once every client waits for the start, with what a reader should
	// know, a line each. A client that cannot be prepared fails its op, not the round.
	// The end of the context ends the ops early.
	Prepare(ctx context.Context) []string
	// Start lets all clients begin at one moment and returns when the last has ended,
	// with a sample of each, in their order.
	Start() []bench.Sample
	// Release closes what Prepare opened.
	Release() error
	// CPU is the CPU time that processes of the clients' own have taken, those that
	// have ended included.
	CPU() time.Duration
	// Processes are those of them that are alive.
	Processes() proc.Processes
	// Close ends them.
	Close()
}

// New returns clients of a kind. No client has to be there before Prepare.
func New(pool bench.ClientPool, clients []*client.Client) Clients {
	if pool == bench.ProcessClients {
		return newProcesses(clients)
	}
	return &goroutines{clients: clients}
}
