package plan

import (
	"flag"
	"fmt"
	"strings"

	"poolbench/bench"
	"poolbench/fixtures"
)

// Each flag is registered by the function of its [Class].

func (o *Options) registerMeasured(flags *flag.FlagSet) {
	flags.Var(listOf(&o.Ops, oneOf(bench.Ops())), "op", "`ops` to measure: upload, download")
	flags.Var(listOf(&o.Volumes, fixtures.ParseSize), "volume", "`sizes` of the data before Base64; MB means MiB")
	flags.Var(listOf(&o.Clients, atLeast(1)), "clients", "`numbers` of clients that load the server at once")
	flags.Var(listOf(&o.Workers, atLeast(1)), "workers", "`numbers` of workers in the server's pool")
	flags.Var(listOf(&o.Pools, nameOfPool), "pool", "`pools` to measure: "+strings.Join(o.known, ", ")+", and the names of -server")
	flags.Var(&commandsFlag{o: o}, "server", "also measure the server that `NAME=COMMAND` starts; may be given several times. In place of {host} {port} {workers} {storage} {log} the command gets values")
	flags.Var(listOf(&o.ClientPools, oneOf(bench.ClientPools())), "client-pool", "`pools` of clients: thread (goroutines of the benchmark), process (one process per client)")
	flags.Var(valueOf(&o.WorkerGOMAXPROCS, atLeast(1)), "worker-gomaxprocs", "GOMAXPROCS of each worker process, a `number`")
	flags.Var(valueOf(&o.Wire, bench.ParseWire), "wire", "how clients talk to the servers of -server, -servers and -target: `lab or http`, or http/PATH with a base path. Our own servers speak only lab")
	flags.StringVar(&o.Target, "target", "", "measure the server at `host:port` instead of one of our own; several as name=host:port,name=host:port")
	flags.Var(&storageFlag{o}, "storage", "`folder` for the servers' storage, or discard: decode and check, but write nothing (default a fresh temporary folder)")
	flags.Var(choice(&o.SinkFile, "file", "discard"), "sink", "what to do with downloads: `discard or file`")
	flags.Var(&verifyFlag{o}, "verify", "verify checksums: `on, off or readback`, which also fetches each upload after its round")
	flags.Var(valueOf(&o.OpTimeout, positive), "op-timeout", "`time` after which an op fails")
	flags.Var(valueOf(&o.CellTimeout, positive), "cell-timeout", "`time` after which no new round of a cell begins")
	flags.Var(valueOf(&o.Warmup, atLeast(0)), "warmup", "warm-up `rounds` of each op for a fresh server")
	flags.Var(valueOf(&o.Visit, positive), "visit", "repeat the rounds of a visit, up to ten, until they have taken this `time`")
}

func (o *Options) registerPaced(flags *flag.FlagSet) {
	flags.Var(valueOf(&o.Budget, positive), "budget", "`time` for the run; the first pass is always whole")
	flags.Var(valueOf(&o.Passes, atLeast(1)), "passes", "visit every cell this `number` of times, instead of -budget")
	flags.Var(&variable{
		set:  func(text string) (err error) { o.Precision, err = share(text); return err },
		text: func() string { return fmt.Sprintf("%g%%", 100*o.Precision) },
	}, "precision", "end before -budget once every answer is as precise as this `share`")
	flags.Uint64Var(&o.Seed, "seed", o.Seed, "seed `number` for the order of visits")
	flags.BoolVar(&o.Control, "control", false, "also visit a second server of the base pool at each point, which should not differ from the first")
}

func (o *Options) registerPlaced(flags *flag.FlagSet) {
	flags.StringVar(&o.Results, "results", "", "keep all samples and the servers' log in `folder`")
	flags.StringVar(&o.Fixtures, "fixtures", o.Fixtures, "`folder` for the files to transfer, which are made if missing")
	flags.Var(&filesFlag{o: o}, "servers", "also measure the servers that this TOML `file` describes")
	flags.Var(valueOf(&o.Deadline, positive), "deadline", "`time` after which the run ends, with what is under way")
	flags.BoolVar(&o.AllowFailures, "allow-failures", false, "exit with 0 even if ops failed")
	flags.Var(valueOf(&o.TargetPool, nameOfPool), "target-pool", "`pool` of a target without STATS, for the names of its rows")
	flags.Var(valueOf(&o.TargetWorkers, atLeast(1)), "target-workers", "`number` of workers of a target without STATS")
	flags.Var(valueOf(&o.TargetWait, positive), "target-wait", "`time` to wait for a target that is away, at the start and whenever it goes")
}

func (o *Options) registerOnce(flags *flag.FlagSet) {
	flags.BoolVar(&o.Resume, "resume", false, "continue the run in the folder of -results: measure what it lacks")
	flags.BoolVar(&o.Plan, "plan", false, "say how much time, traffic and disk the run would take, and exit")
}
