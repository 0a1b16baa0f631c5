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
	Commands []Command // of servers to start, besides our own
	// Wire is that of the targets, and of commands without one of their own.
	Wire          bench.Wire
	Target        string // addresses of remote servers, see Targets; empty for our own
	TargetPool    string // labels for a remote server without STATS
	TargetWorkers int
	TargetWait    time.Duration // how long to wait for a remote server that is away
	Results       string        // folder; empty keeps no results
	Fixtures      string        // folder
	Storage       string        // folder for the servers' storage; empty means the temporary folder
	Discard       bool          // uploads are not written
	// WorkerGOMAXPROCS is that of each worker process.
	WorkerGOMAXPROCS int
	SinkFile         bool // downloads are written
	Verify           bool
	ReadBack         bool // uploads are fetched and compared; implies Verify
	OpTimeout        time.Duration
	CellTimeout      time.Duration
	Warmup           int // rounds
	AllowFailures    bool
	Deadline         time.Duration // of the run, from its start; zero means none
	Resume           bool
	// Passes is the number of passes. Zero means as many as fit into Budget, or fewer if
	// every answer is sooner as precise as Precision, the half-width of its interval as a
	// share. Seed decides the order within a pass.
	Passes    int
	Budget    time.Duration
	Precision float64
	Seed      uint64
	// Visit is the least time that the rounds of a visit take together, of which there are
	// ten at most: one round of milliseconds says little.
	Visit time.Duration
	// Control adds a second server of the base pool at each point.
	Control bool
	// Paced is set if the testing package sets the pace, by -benchtime or -count: there are
	// no passes, and the cells are measured one after another.
	Paced bool
	Plan  bool // only say what a run would take

	known []string // our own pools
}

// Register defines the flags in a set and fills in the defaults. pools are all pools there
// are, and measured those measured by default. An invalid value is an error of the set's
// Parse, which says what is valid.
func (o *Options) Register(flags *flag.FlagSet, pools, measured []string) {
	*o = Options{
		known: pools,
		Matrix: bench.Matrix{
			Pools:       measured,
			ClientPools: []bench.ClientPool{bench.ThreadClients},
			Ops:         bench.Ops(),
			Workers:     []int{1, 5, 50},
			Volumes:     []fixtures.Size{10 * fixtures.MiB, 50 * fixtures.MiB, 100 * fixtures.MiB},
			Clients:     []int{1, 5, 50},
		},
		Wire: bench.LabWire, Fixtures: "fixtures/cache", WorkerGOMAXPROCS: 1,
		Verify: true, OpTimeout: 5 * time.Minute, CellTimeout: 15 * time.Minute, Warmup: 1,
		Budget: 6 * time.Minute, Precision: 0.05, Seed: 1, Visit: 30 * time.Millisecond,
	}
	o.registerMeasured(flags)
	o.registerPaced(flags)
	o.registerPlaced(flags)
	o.registerOnce(flags)
}

// SinkDir returns the folder that downloads are written to; empty discards them.
func (o *Options) SinkDir() string {
	if o.SinkFile {
		return os.TempDir()
	}
	return ""
}
