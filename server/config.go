package server

import (
	"cmp"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"

	"poolbench/protocol"
	"poolbench/server/internal/counters"
)

// Pool names what serves a connection.
type Pool string

// The pools.
const (
	Thread    Pool = protocol.PoolThread
	Process   Pool = protocol.PoolProcess
	Goroutine Pool = protocol.PoolGoroutine
)

// Pools returns all pools, first the two that are under test.
func Pools() []Pool { return []Pool{Thread, Process, Goroutine} }

// Config describes a server. All of it but the Logger is JSON, so that a server in a
// process of its own can be told.
type Config struct {
	// Addr is the host and port to listen on. Empty is 127.0.0.1:8889; port 0 is a
	// free one, which Server.Addr returns.
	Addr string
	// Pool is what serves a connection. Empty is Thread. A program that starts a
	// server with Process calls Main first of all.
	Pool Pool
	// Workers is how many connections are served at a time. Zero is one. A pool of
	// processes has at most 1,024.
	Workers int
	// WorkerGOMAXPROCS is the GOMAXPROCS of each process of a pool of processes.
	// Zero is one. Other pools have their own process's.
	WorkerGOMAXPROCS int
	// Storage is the folder of the files. It has to exist. Clients reach nothing
	// outside of it.
	Storage string
	// Discard has uploads decoded and checked, but not written. Downloads are not
	// affected.
	Discard bool
	// MaxUpload is the largest upload in bytes of Base64. Zero is 16 GiB.
	MaxUpload int64
	// HeaderTimeout is how long a connection may take for its request, once it has a
	// worker. Zero is 10 s.
	HeaderTimeout time.Duration
	// IdleTimeout is how long a transfer may go without moving a byte. Zero is
	// 30 s.
	IdleTimeout time.Duration
	// TransferTimeout is how long a transfer may take from the end of the request's
	// header. Zero is 15 minutes.
	TransferTimeout time.Duration
	// LingerTimeout is how long a connection is read after its last answer, so that a
	// client that is still sending gets to read the answer. Zero is 2 s.
	LingerTimeout time.Duration
	// Logger gets a line for each transfer that has ended: at info if it succeeded,
	// at warn with the reason if it failed. Nil is no log.
	Logger *slog.Logger `json:"-"`
}

// Check returns what is wrong with the configuration. Listen returns the same, or what
// the machine refuses.
func (c Config) Check() error {
	_, err := c.withDefaults()
	return err
}

// withDefaults replaces zero values, and refuses wrong ones.
func (c Config) withDefaults() (Config, error) {
	c.Addr = cmp.Or(c.Addr, "127.0.0.1:8889")
	c.Pool = cmp.Or(c.Pool, Thread)
	c.Workers = cmp.Or(c.Workers, 1)
	c.WorkerGOMAXPROCS = cmp.Or(c.WorkerGOMAXPROCS, 1)
	c.MaxUpload = cmp.Or(c.MaxUpload, 16<<30)
	c.HeaderTimeout = cmp.Or(c.HeaderTimeout, 10*time.Second)
	c.IdleTimeout = cmp.Or(c.IdleTimeout, 30*time.Second)
	c.TransferTimeout = cmp.Or(c.TransferTimeout, 15*time.Minute)
	c.LingerTimeout = cmp.Or(c.LingerTimeout, 2*time.Second)
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	var errs []error
	refuse := func(format string, args ...any) { errs = append(errs, fmt.Errorf("server: "+format, args...)) }
	if !slices.Contains(Pools(), c.Pool) {
		refuse("unknown pool %q: known are %s", c.Pool, list(Pools()))
	}
	if c.Workers < 0 {
		refuse("%d workers: want one or more", c.Workers)
	}
	if c.Pool == Process && c.Workers > counters.MaxShared {
		refuse("%d worker processes: want at most %d", c.Workers, counters.MaxShared)
	}
	if c.WorkerGOMAXPROCS < 0 {
		refuse("worker GOMAXPROCS of %d: want one or more", c.WorkerGOMAXPROCS)
	}
	if c.Storage == "" {
		refuse("no storage folder: name one that exists")
	}
	if c.MaxUpload < 0 {
		refuse("largest upload of %d bytes: want a positive number", c.MaxUpload)
	}
	for _, timeout := range []struct {
		name  string
		value time.Duration
	}{{"header", c.HeaderTimeout}, {"idle", c.IdleTimeout}, {"transfer", c.TransferTimeout}, {"linger", c.LingerTimeout}} {
		if timeout.value < 0 {
			refuse("%s timeout %v: want a positive duration", timeout.name, timeout.value)
		}
	}
	return c, errors.Join(errs...)
}

func list(pools []Pool) string {
	names := make([]string, len(pools))
	for i, p := range pools {
		names[i] = string(p)
	}
	return strings.Join(names, ", ")
}
