package plan

import (
	"flag"
	"os"
	"time"

	"poolbench/bench"
	"poolbench/fixtures"
)

// Options are the flags of the benchmark.
type Options struct {
	bench.Matrix
	Target        string // somebody else's server; empty for our own
	TargetPool    string // labels for one that does not tell
	TargetWorkers int
	Results       string // folder; empty keeps nothing
	Fixtures      string // folder
	Storage       string // folder for the server's; empty for the temporary disk
	Discard       bool   // uploads are not written
	// WorkerGOMAXPROCS is that of each process of a pool of processes.
	WorkerGOMAXPROCS int
	SinkFile         bool // downloads are written
	Verify           bool
	OpTimeout        time.Duration
	CellTimeout      time.Duration
	Warmup           int // rounds
	AllowFailures    bool
	Deadline         time.Duration // of the run, from its start; zero is none
	Resume           bool
	// Passes is how many passes the run has; zero is as many as Budget has time for,
	// or as it takes until every answer is as precise as Precision, the half-width of
	// its interval as a share. Seed decides the order of a pass.
	Passes    int
	Budget    time.Duration
	Precision float64
	Seed      uint64
	// Visit is how long the rounds of a visit take together at least, up to ten of
	// them: one round of milliseconds says little.
	Visit time.Duration
	// Control adds a second server of the base pool at each point.
	Control bool
	// Paced says that the testing package paces the run, by -benchtime or -count: it
	// has no passes, and measures one cell after the other.
	Paced bool
	Plan  bool // only say what a run would take
}

// Register defines the flags in a set, each with its default, for servers that have pools,
// of which some are measured if nothing else is said. A value that makes no sense is an
// error of the set's Parse, which says what would.
func (o *Options) Register(flags *flag.FlagSet, pools, measured []string) {
	*o = Options{
		Matrix: bench.Matrix{
			Pools:       measured,
			ClientPools: []bench.ClientPool{bench.ThreadClients},
			Ops:         bench.Ops(),
			Workers:     []int{1, 5, 50},
			Volumes:     []fixtures.Size{10 * fixtures.MiB, 50 * fixtures.MiB, 100 * fixtures.MiB},
			Clients:     []int{1, 5, 50},
		},
		Fixtures: "fixtures/cache", WorkerGOMAXPROCS: 1,
		Verify: true, OpTimeout: 5 * time.Minute, CellTimeout: 15 * time.Minute, Warmup: 1,
		Budget: 6 * time.Minute, Precision: 0.05, Seed: 1, Visit: 30 * time.Millisecond,
	}
	o.registerMeasured(flags, pools)
	o.registerPaced(flags)
	o.registerPlaced(flags)
	o.registerOnce(flags)
}

// SinkDir is the folder that downloads are written to; empty discards them.
func (o *Options) SinkDir() string {
	if o.SinkFile {
		return os.TempDir()
	}
	return ""
}
