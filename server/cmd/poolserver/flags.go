package main

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"poolbench/fixtures"
	"poolbench/server"
)

// defaultStorage is the only folder that is created if it is missing. A name with a
// mistake in it must not become an empty storage.
const defaultStorage = "storage"

// flags are the command's flags as given.
type flags struct {
	host    string
	port    uint16
	pool    string
	workers int

	workerGOMAXPROCS int
	storage          string
	discard          bool
	maxUpload        string

	headerTimeout, idleTimeout, transferTimeout, drainTimeout time.Duration

	log, logLevel string
	metrics       string
	pprof         bool
}

func (f *flags) register(cmd *cobra.Command) {
	set := cmd.Flags()
	set.SortFlags = false
	set.StringVar(&f.host, "host", "127.0.0.1", "listen on this `address`; 0.0.0.0 is every IPv4 address of the machine")
	set.Uint16Var(&f.port, "port", 8889, "listen on this `port`; 0 is a free one, which is printed")
	set.StringVar(&f.pool, "pool", string(server.Thread), "the `pool` that serves connections: thread, process or goroutine")
	set.IntVar(&f.workers, "workers", 5, "how many connections are served at a time")
	set.IntVar(&f.workerGOMAXPROCS, "worker-gomaxprocs", 1, "GOMAXPROCS of each worker of a pool of processes")
	set.StringVar(&f.storage, "storage", defaultStorage, "the `folder` of the files; only the default is created if it is missing")
	set.BoolVar(&f.discard, "discard", false, "check uploads, but do not write them")
	set.StringVar(&f.maxUpload, "max-upload", "16GiB", "the largest upload as a `size` in Base64, like 512MiB; MB means MiB")
	set.DurationVar(&f.headerTimeout, "header-timeout", 10*time.Second, "how long a connection may take for its request")
	set.DurationVar(&f.idleTimeout, "idle-timeout", 30*time.Second, "how long a transfer may go without moving a byte")
	set.DurationVar(&f.transferTimeout, "transfer-timeout", 15*time.Minute, "how long a transfer may take")
	set.DurationVar(&f.drainTimeout, "drain-timeout", 30*time.Second, "how long transfers may go on after a signal to end")
	set.StringVar(&f.log, "log", "", "append the log to this `file` (default standard error)")
	set.StringVar(&f.logLevel, "log-level", "info", "the lowest `level` that is logged: debug, info, warn or error")
	set.StringVar(&f.metrics, "metrics", "", "serve Prometheus metrics on this `host:port`, under /metrics (default none)")
	set.BoolVar(&f.pprof, "pprof", false, "serve profiles there too, under /debug/pprof/; on loopback only")
	complete(cmd, "pool", string(server.Thread), string(server.Process), string(server.Goroutine))
	complete(cmd, "log-level", "debug", "info", "warn", "error")
	for _, name := range []string{"host", "port", "workers", "worker-gomaxprocs", "max-upload", "header-timeout",
		"idle-timeout", "transfer-timeout", "drain-timeout", "metrics"} {
		complete(cmd, name)
	}
}

// complete has a shell complete a flag with words, and not with files.
func complete(cmd *cobra.Command, flag string, words ...string) {
	if err := cmd.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(words, cobra.ShellCompDirectiveNoFileComp)); err != nil {
		panic(err) // there is no such flag
	}
}

// config returns the server's configuration without its Logger, or what is wrong with the
// call.
func (f *flags) config(cmd *cobra.Command) (server.Config, error) {
	if err := f.check(cmd); err != nil {
		return server.Config{}, err
	}
	size, err := fixtures.ParseSize(f.maxUpload)
	if err != nil {
		return server.Config{}, fmt.Errorf("--max-upload: %w", err)
	}
	config := server.Config{
		Addr: net.JoinHostPort(f.host, strconv.Itoa(int(f.port))),
		Pool: server.Pool(f.pool), Workers: f.workers, WorkerGOMAXPROCS: f.workerGOMAXPROCS,
		Storage: f.storage, Discard: f.discard, MaxUpload: int64(size),
		HeaderTimeout: f.headerTimeout, IdleTimeout: f.idleTimeout, TransferTimeout: f.transferTimeout,
	}
	return config, config.Check()
}

// check finds what server.Config.Check does not, to which zero is a default.
func (f *flags) check(cmd *cobra.Command) error {
	for _, number := range []struct {
		flag  string
		value int
	}{{"workers", f.workers}, {"worker-gomaxprocs", f.workerGOMAXPROCS}} {
		if number.value < 1 {
			return fmt.Errorf("--%s=%d: want one or more", number.flag, number.value)
		}
	}
	for _, timeout := range []struct {
		flag  string
		value time.Duration
	}{{"header-timeout", f.headerTimeout}, {"idle-timeout", f.idleTimeout},
		{"transfer-timeout", f.transferTimeout}, {"drain-timeout", f.drainTimeout}} {
		if timeout.value <= 0 {
			return fmt.Errorf("--%s=%v is not a positive time: write it like 30s or 5m", timeout.flag, timeout.value)
		}
	}
	if cmd.Flags().Changed("worker-gomaxprocs") && f.pool != string(server.Process) {
		return errors.New("--worker-gomaxprocs is for --pool=process; of others, the environment's GOMAXPROCS counts")
	}
	if f.storage == "" {
		return errors.New("--storage is empty: name a folder")
	}
	if _, err := f.level(); err != nil {
		return err
	}
	if f.pprof && f.metrics == "" {
		return errors.New("--pprof needs --metrics=host:port, where it is to answer")
	}
	if _, _, err := net.SplitHostPort(net.JoinHostPort(f.host, "0")); err != nil {
		return fmt.Errorf("--host=%q is not an address: write it like 0.0.0.0, ::1 or lab.example", f.host)
	}
	if _, _, err := net.SplitHostPort(f.metrics); f.metrics != "" && err != nil {
		return fmt.Errorf("--metrics=%q is not a host and a port: write it like 127.0.0.1:9090", f.metrics)
	}
	return nil
}

// level returns the lowest level that is logged.
func (f *flags) level() (slog.Level, error) {
	var level slog.Level
	if err := level.UnmarshalText([]byte(f.logLevel)); err != nil {
		return 0, fmt.Errorf("--log-level=%q is unknown; known are debug, info, warn, error", f.logLevel)
	}
	return level, nil
}
