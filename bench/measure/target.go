package measure

import (
	"context"

	"poolbench/bench/client"
	"poolbench/bench/internal/proc"
	"poolbench/protocol"
)

// Target is the server that is measured.
type Target struct {
	Addr string
	// Processes are the server's, if it runs on this machine; zero if their use of
	// the machine is not known.
	Processes proc.Tree
	// Tells says whether the server answers STATS.
	Tells bool
}

// stats asks the server what it says about itself, as [Stats].
func (t Target) stats(ctx context.Context) (protocol.Stats, error) { return client.Stats(ctx, t.Addr) }
