package plan

import (
	"flag"
	"fmt"
	"strings"

	"poolbench/bench"
	"poolbench/fixtures"
)

// A flag is registered by the function of its [Class].

func (o *Options) registerMeasured(flags *flag.FlagSet, pools []string) {
	flags.Var(listOf(&o.Ops, oneOf(bench.Ops())), "op", "`ops` to measure: upload, download")
	flags.Var(listOf(&o.Volumes, fixtures.ParseSize), "volume", "`sizes` of the data before Base64; MB means MiB")
	flags.Var(listOf(&o.Clients, atLeast(1)), "clients", "`numbers` of clients that load the server at once")
	flags.Var(listOf(&o.Workers, atLeast(1)), "workers", "`numbers` of workers in the server's pool")
	flags.Var(listOf(&o.Pools, oneOf(pools)), "pool", "`pools` to measure: "+strings.Join(pools, ", "))
	flags.Var(listOf(&o.ClientPools, oneOf(bench.ClientPools())), "client-pool", "what the clients are, `pools`: thread (goroutines of the benchmark), process (a process each)")
	flags.Var(valueOf(&o.WorkerGOMAXPROCS, atLeast(1)), "worker-gomaxprocs", "GOMAXPROCS, a `number`, of each worker process")
	flags.StringVar(&o.Target, "target", "", "measure the server at `host:port` instead of one of our own")
	flags.Var(&storageFlag{o}, "storage", "`folder` in which the server's storage is made, or discard: decode and check, but write nothing (default a fresh folder on the temporary disk)")
	flags.Var(choice(&o.SinkFile, "file", "discard"), "sink", "what becomes of a download: `discard or file`")
	flags.Var(choice(&o.Verify, "on", "off"), "verify", "hold the bytes to their checksums: `on or off`")
	flags.Var(valueOf(&o.OpTimeout, positive), "op-timeout", "`time` after which an op has failed")
	flags.Var(valueOf(&o.CellTimeout, positive), "cell-timeout", "`time` after which no further round of a cell begins")
	flags.Var(valueOf(&o.Warmup, atLeast(0)), "warmup", "`rounds` of each op that a fresh server has before it is measured")
}

func (o *Options) registerPaced(flags *flag.FlagSet) {
	flags.Var(valueOf(&o.Budget, positive), "budget", "`time` that the run may take; its first pass is whole in any case")
	flags.Var(valueOf(&o.Passes, atLeast(1)), "passes", "visit every cell this `number` of times, instead of -budget")
	flags.Var(&variable{
		set:  func(text string) (err error) { o.Precision, err = share(text); return err },
		text: func() string { return fmt.Sprintf("%g%%", 100*o.Precision) },
	}, "precision", "end before -budget when every answer is as precise as this `share`")
	flags.Uint64Var(&o.Seed, "seed", o.Seed, "the `number` that the order of the visits is drawn from")
	flags.Var(valueOf(&o.Visit, positive), "visit", "repeat the rounds of a visit, ten at most, until they have taken this `time`")
	flags.BoolVar(&o.Control, "control", false, "visit a second server of the base pool at each point, which must not differ from the first")
}

func (o *Options) registerPlaced(flags *flag.FlagSet) {
	flags.StringVar(&o.Results, "results", "", "keep every sample, and the server's log, in `folder`")
	flags.StringVar(&o.Fixtures, "fixtures", o.Fixtures, "`folder` for the files that are moved, made when they are missing")
	flags.Var(valueOf(&o.Deadline, positive), "deadline", "`time` after which no further cell begins")
	flags.BoolVar(&o.AllowFailures, "allow-failures", false, "exit with 0 although ops failed")
	flags.Var(valueOf(&o.TargetPool, nameOfPool), "target-pool", "the `pool` of a target that does not tell, for the name of its rows")
	flags.Var(valueOf(&o.TargetWorkers, atLeast(1)), "target-workers", "the `number` of workers of a target that does not tell")
}

func (o *Options) registerOnce(flags *flag.FlagSet) {
	flags.BoolVar(&o.Resume, "resume", false, "go on with the run in the folder of -results: measure what that has not")
	flags.BoolVar(&o.Plan, "plan", false, "say what the run would take in time, bytes and disk, and end")
}
