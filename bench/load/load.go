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
	// Prepare returns once every client waits for the start. A client that cannot be
	// prepared fails its op, not the round. The result is notes for the reader, one line
	// each. If ctx ends during the round, the ops end early.
	Prepare(ctx context.Context) []string
	// Start starts all clients at the same moment, and returns one sample each, in the
	// clients' order, when the last has ended.
	Start() []bench.Sample
	// Release closes what Prepare opened.
	Release() error
	// CPU returns the CPU time of the clients' own processes, including those that have
	// ended.
	CPU() time.Duration
	// Processes returns the clients' processes that are alive.
	Processes() proc.Processes
	// Close ends the clients' processes.
	Close()
}

// New returns clients of a kind. No process is started before Prepare.
func New(pool bench.ClientPool, clients []*client.Client) Clients {
	if pool == bench.ProcessClients {
		return newProcesses(clients)
	}
	return &goroutines{clients: clients}
}
