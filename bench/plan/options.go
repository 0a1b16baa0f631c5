package plan

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"strings"
	"time"

	"poolbench/bench"
	"poolbench/fixtures"
	"poolbench/protocol"
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

// Register defines the flags in a set, each with its default, for servers that
// have pools, of which some are measured if nothing else is said. A value that
// makes no sense is an error of the set's Parse, which says what would.
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
	flags.Var(listOf(&o.Ops, oneOf(bench.Ops())), "op", "`ops` to measure: upload, download")
	flags.Var(listOf(&o.Volumes, fixtures.ParseSize), "volume", "`sizes` of the data before Base64; MB means MiB")
	flags.Var(listOf(&o.Clients, atLeast(1)), "clients", "`numbers` of clients that load the server at once")
	flags.Var(listOf(&o.Workers, atLeast(1)), "workers", "`numbers` of workers in the server's pool")
	flags.Var(listOf(&o.Pools, oneOf(pools)), "pool", "`pools` to measure: "+strings.Join(pools, ", "))
	flags.Var(listOf(&o.ClientPools, oneOf(bench.ClientPools())), "client-pool", "what the clients are, `pools`: thread (goroutines of the benchmark), process (a process each)")
	flags.Var(valueOf(&o.WorkerGOMAXPROCS, atLeast(1)), "worker-gomaxprocs", "GOMAXPROCS, a `number`, of each worker process")
	flags.StringVar(&o.Target, "target", "", "measure the server at `host:port` instead of one of our own")
	flags.Var(valueOf(&o.TargetPool, nameOfPool), "target-pool", "the `pool` of a target that does not tell, for the name of its rows")
	flags.Var(valueOf(&o.TargetWorkers, atLeast(1)), "target-workers", "the `number` of workers of a target that does not tell")
	flags.StringVar(&o.Results, "results", "", "keep every sample, and the server's log, in `folder`")
	flags.BoolVar(&o.Resume, "resume", false, "go on with the run in the folder of -results: measure what that has not")
	flags.Var(valueOf(&o.Deadline, positive), "deadline", "`time` after which no further cell begins")
	flags.StringVar(&o.Fixtures, "fixtures", o.Fixtures, "`folder` for the files that are moved, made when they are missing")
	flags.Var(&storageFlag{o}, "storage", "`folder` in which the server's storage is made, or discard: decode and check, but write nothing (default a fresh folder on the temporary disk)")
	flags.Var(choice(&o.SinkFile, "file", "discard"), "sink", "what becomes of a download: `discard or file`")
	flags.Var(choice(&o.Verify, "on", "off"), "verify", "hold the bytes to their checksums: `on or off`")
	flags.Var(valueOf(&o.OpTimeout, positive), "op-timeout", "`time` after which an op has failed")
	flags.Var(valueOf(&o.CellTimeout, positive), "cell-timeout", "`time` after which no further round of a cell begins")
	flags.Var(valueOf(&o.Warmup, atLeast(0)), "warmup", "`rounds` of each op that a fresh server has before it is measured")
	flags.Var(valueOf(&o.Budget, positive), "budget", "`time` that the run may take; its first pass is whole in any case")
	flags.Var(valueOf(&o.Passes, atLeast(1)), "passes", "visit every cell this `number` of times, instead of -budget")
	flags.Var(&variable{
		set:  func(text string) (err error) { o.Precision, err = share(text); return err },
		text: func() string { return fmt.Sprintf("%g%%", 100*o.Precision) },
	}, "precision", "end before -budget when every answer is as precise as this `share`")
	flags.Uint64Var(&o.Seed, "seed", o.Seed, "the `number` that the order of the visits is drawn from")
	flags.Var(valueOf(&o.Visit, positive), "visit", "repeat the rounds of a visit, ten at most, until they have taken this `time`")
	flags.BoolVar(&o.Control, "control", false, "visit a second server of the base pool at each point, which must not differ from the first")
	flags.BoolVar(&o.Plan, "plan", false, "say what the run would take in time, bytes and disk, and end")
	flags.BoolVar(&o.AllowFailures, "allow-failures", false, "exit with 0 although ops failed")
}

// SinkDir is the folder that downloads are written to; empty discards them.
func (o *Options) SinkDir() string {
	if o.SinkFile {
		return os.TempDir()
	}
	return ""
}

// Check finds what no flag alone can be blamed for. set holds the names of the
// flags that were given, and rest what was left when they had been read.
func (o *Options) Check(set map[string]bool, rest []string) error {
	if set["target"] {
		for _, name := range []string{"pool", "workers", "worker-gomaxprocs", "storage"} {
			if set[name] {
				return fmt.Errorf("-%s says what server to start, and -target names one that runs: for its rows' names use -target-pool and -target-workers", name)
			}
		}
		if err := protocol.CheckAddr(o.Target); err != nil {
			return fmt.Errorf("-target=%w", err)
		}
	} else {
		for _, name := range []string{"target-pool", "target-workers"} {
			if set[name] {
				return fmt.Errorf("-%s says what the server at -target is, and there is no -target", name)
			}
		}
	}
	if o.Resume && o.Results == "" {
		return errors.New("-resume goes on with the run in the folder of -results, which is not given")
	}
	if o.Plan && o.Resume {
		return errors.New("-plan tells of a whole run, and -resume goes on with one: give one of them")
	}
	if err := o.checkPace(set); err != nil {
		return err
	}
	if err := o.checkFolders(); err != nil {
		return err
	}
	// go test passes everything behind the first flag that it does not know to
	// the binary, the package too; flags behind that would be lost in silence.
	for _, word := range rest {
		if word != "." {
			return fmt.Errorf("%q is not read: write the flags before the package, and nothing behind it", word)
		}
	}
	return nil
}

// checkPace finds whether the run has passes or the testing package's own loop.
func (o *Options) checkPace(set map[string]bool) error {
	for _, theirs := range []string{"benchtime", "count"} {
		if !set["test."+theirs] {
			continue
		}
		o.Paced = true
		for _, ours := range []string{"budget", "passes", "precision", "seed", "visit", "control"} {
			if set[ours] {
				return fmt.Errorf("-%s has the testing package measure one cell after the other, and -%s is of a run of passes: give one of them", theirs, ours)
			}
		}
	}
	switch {
	case set["passes"] && (set["budget"] || set["precision"]):
		return errors.New("-passes fixes the number of passes, and -budget and -precision decide it: give one of them")
	case o.Control && o.Target != "":
		return errors.New("-control starts a second server, and -target names one that runs: give one of them")
	}
	return nil
}

// checkFolders finds a folder that could not be used, before anything is begun.
func (o *Options) checkFolders() error {
	if temporary := os.TempDir(); !isFolder(temporary) {
		return fmt.Errorf("the temporary folder %s is not there: TMPDIR names it", temporary)
	}
	if !o.Discard && o.Storage != "" && !isFolder(o.Storage) {
		return fmt.Errorf("-storage=%q is not a folder that exists, nor discard", o.Storage)
	}
	if o.Fixtures == "" {
		return errors.New("-fixtures is empty: name a folder, which is made if it is missing")
	}
	return nil
}

func isFolder(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}
