package bench

import (
	"cmp"
	"errors"
	"flag"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"poolbench/fixtures"
)

// Options are the flags of the benchmark.
type Options struct {
	Matrix
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
	// Rounds is how often each cell is measured, all of them once and then again,
	// each time in another order, which Seed decides. Zero measures a cell as often
	// as the testing package says, one time after the other. Of a pair it is the
	// number of pairs of rounds, and zero is for the session to say.
	Rounds int
	Seed   uint64
	Plan   bool // only say what a run would take
}

// Register defines the flags in a set, each with its default, for servers that
// have pools, of which some are measured if nothing else is said. A value that
// makes no sense is an error of the set's Parse, which says what would.
func (o *Options) Register(flags *flag.FlagSet, pools, measured []string) {
	*o = Options{
		Matrix: Matrix{
			Pools:       measured,
			ClientPools: []ClientPool{ThreadClients},
			Ops:         Ops(),
			Workers:     []int{1, 5, 50},
			Volumes:     []fixtures.Size{10 * fixtures.MiB, 50 * fixtures.MiB, 100 * fixtures.MiB},
			Clients:     []int{1, 5, 50},
		},
		Fixtures: "fixtures/cache", WorkerGOMAXPROCS: 1,
		Verify: true, OpTimeout: 5 * time.Minute, CellTimeout: 15 * time.Minute, Warmup: 1, Seed: 1,
	}
	flags.Var(listOf(&o.Ops, oneOf(Ops())), "op", "`ops` to measure: upload, download")
	flags.Var(listOf(&o.Volumes, fixtures.ParseSize), "volume", "`sizes` of the data before Base64; MB means MiB")
	flags.Var(listOf(&o.Clients, atLeast(1)), "clients", "`numbers` of clients that load the server at once")
	flags.Var(listOf(&o.Workers, atLeast(1)), "workers", "`numbers` of workers in the server's pool")
	flags.Var(listOf(&o.Pools, oneOf(pools)), "pool", "`pools` to measure: "+strings.Join(pools, ", "))
	flags.Var(listOf(&o.ClientPools, oneOf(ClientPools())), "client-pool", "what the clients are, `pools`: thread (goroutines of the benchmark), process (a process each)")
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
	flags.Var(valueOf(&o.Warmup, atLeast(0)), "warmup", "`rounds` of each cell that are not counted")
	flags.Var(valueOf(&o.Rounds, atLeast(1)), "rounds", "measure each cell this `number` of times, one round each: all of them once, in an order of -seed, then again in another; of BenchmarkPaired, pairs of rounds of each pair, 12 if it is not given")
	flags.Uint64Var(&o.Seed, "seed", o.Seed, "the `number` that the orders of -rounds are drawn from")
	flags.BoolVar(&o.Plan, "plan", false, "say what the run would take in time, bytes, disk and memory, and end")
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
		if err := CheckAddr(o.Target); err != nil {
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
	if set["seed"] && !set["rounds"] {
		return errors.New("-seed decides the orders of -rounds, which is not given")
	}
	if o.Plan && o.Resume {
		return errors.New("-plan tells of a whole run, and -resume goes on with one: give one of them")
	}
	if info, err := os.Stat(cmp.Or(o.Storage, os.TempDir())); err != nil || !info.IsDir() {
		return fmt.Errorf("-storage=%q is not a folder that exists, nor discard", o.Storage)
	}
	if o.Fixtures == "" {
		return errors.New("-fixtures is empty: name a folder, which is made if it is missing")
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

// variable is a flag with a parser of its own.
type variable struct {
	set  func(text string) error
	text func() string
}

func (v *variable) Set(text string) error { return v.set(text) }

// String is also asked of a zero variable, by the flag package.
func (v *variable) String() string {
	if v.text == nil {
		return ""
	}
	return v.text()
}

func valueOf[T any](value *T, parse func(string) (T, error)) *variable {
	return &variable{
		set: func(text string) (err error) {
			parsed, err := parse(text)
			if err == nil {
				*value = parsed
			}
			return err
		},
		text: func() string { return fmt.Sprint(*value) },
	}
}

// listOf is a comma list. A value that comes twice would be measured twice
// under one name, and is an error.
func listOf[T comparable](list *[]T, parse func(string) (T, error)) *variable {
	return &variable{
		set: func(text string) error {
			var values []T
			for word := range strings.SplitSeq(text, ",") {
				value, err := parse(strings.TrimSpace(word))
				if err != nil {
					return err
				}
				if slices.Contains(values, value) {
					return fmt.Errorf("%v is named twice", value)
				}
				values = append(values, value)
			}
			*list = values
			return nil
		},
		text: func() string { return listText(*list) },
	}
}

func listText[T any](list []T) string {
	words := make([]string, len(list))
	for i, value := range list {
		words[i] = fmt.Sprint(value)
	}
	return strings.Join(words, ",")
}

func choice(value *bool, yes, no string) *variable {
	parse := oneOf([]string{yes, no})
	return &variable{
		set: func(text string) error {
			word, err := parse(text)
			if err == nil {
				*value = word == yes
			}
			return err
		},
		text: func() string { return choiceText(*value, yes, no) },
	}
}

func choiceText(value bool, yes, no string) string {
	if value {
		return yes
	}
	return no
}

func oneOf[T ~string](known []T) func(string) (T, error) {
	return func(text string) (T, error) {
		if !slices.Contains(known, T(text)) {
			words := make([]string, len(known))
			for i, k := range known {
				words[i] = string(k)
			}
			return "", fmt.Errorf("unknown; known are %s", strings.Join(words, ", "))
		}
		return T(text), nil
	}
}

func atLeast(least int) func(string) (int, error) {
	return func(text string) (int, error) {
		n, err := strconv.Atoi(text)
		if err != nil || n < least {
			return 0, fmt.Errorf("%q is not a whole number from %d", text, least)
		}
		return n, nil
	}
}

func nameOfPool(text string) (string, error) {
	if !poolName.MatchString(text) {
		return "", errors.New("want a letter, then letters, digits and _")
	}
	return text, nil
}

func positive(text string) (time.Duration, error) {
	d, err := time.ParseDuration(text)
	if err != nil || d <= 0 {
		return 0, fmt.Errorf("%q is not a positive time: write it like 30s or 5m", text)
	}
	return d, nil
}

// storageFlag is a folder or the word discard.
type storageFlag struct{ o *Options }

func (f *storageFlag) Set(text string) error {
	if text == "" {
		return errors.New("want a folder or discard")
	}
	if f.o.Discard = text == "discard"; !f.o.Discard {
		f.o.Storage = text
	}
	return nil
}

// String is also asked of a zero flag, by the flag package.
func (f *storageFlag) String() string {
	switch {
	case f.o == nil:
		return ""
	case f.o.Discard:
		return "discard"
	}
	return f.o.Storage
}
