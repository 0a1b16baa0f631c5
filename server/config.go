package server

import (
	"cmp"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"
)

// Pool names what serves a connection.
type Pool string

// The pools.
const (
	Thread    Pool = "thread"
	Process   Pool = "process"
	Goroutine Pool = "goroutine"
)

// Pools returns the pools there are, the two that are to be compared first.
func Pools() []Pool { return []Pool{Thread, Process, Goroutine} }

// Config says what a server is to be. It is JSON but for its Logger, so that it
// can be handed to a server in a process of its own.
type Config struct {
	// Addr is the host and port to listen on. Empty is 127.0.0.1:8889; port 0 is
	// a free one, which Server.Addr tells.
	Addr string
	// Pool is what serves a connection. Empty is Thread. A program that makes a
	// server with Process calls Main first of all.
	Pool Pool
	// Workers is how many connections are served at a time. Zero is one. A pool
	// of processes has at most 1,024.
	Workers int
	// WorkerGOMAXPROCS is the GOMAXPROCS of each process of a pool of processes.
	// Zero is one. Other pools have that of their own process.
	WorkerGOMAXPROCS int
	// Storage is the folder that files are stored in and sent from. It has to
	// exist. Nothing outside of it can be reached.
	Storage string
	// Discard makes uploads end in nothing: decoded and checked, but not
	// written. Files that are in Storage are sent all the same.
	Discard bool
	// MaxUpload is the most that an upload may announce, in bytes of Base64.
	// Zero is 16 GiB.
	MaxUpload int64
	// HeaderTimeout is how long a connection that has a worker may take to say
	// what it wants. Zero is 10 s.
	HeaderTimeout time.Duration
	// IdleTimeout is how long a transfer may go without moving a byte. Zero is
	// 30 s.
	IdleTimeout time.Duration
	// TransferTimeout is how long a transfer may take, from the end of its
	// request's header. Zero is 15 minutes.
	TransferTimeout time.Duration
	// Logger gets a line for each transfer that ended: at info if it succeeded,
	// at warn with the reason if it failed. Nil is no log.
	Logger *slog.Logger `json:"-"`
}

// Check returns what makes no sense in the configuration. Listen refuses the same,
// and what the machine does not allow.
func (c Config) Check() error {
	_, err := c.withDefaults()
	return err
}

// withDefaults fills in what was left empty and refuses what makes no sense.
func (c Config) withDefaults() (Config, error) {
	c.Addr = cmp.Or(c.Addr, "127.0.0.1:8889")
	c.Pool = cmp.Or(c.Pool, Thread)
	c.Workers = cmp.Or(c.Workers, 1)
	c.WorkerGOMAXPROCS = cmp.Or(c.WorkerGOMAXPROCS, 1)
	c.MaxUpload = cmp.Or(c.MaxUpload, 16<<30)
	c.HeaderTimeout = cmp.Or(c.HeaderTimeout, 10*time.Second)
	c.IdleTimeout = cmp.Or(c.IdleTimeout, 30*time.Second)
	c.TransferTimeout = cmp.Or(c.TransferTimeout, 15*time.Minute)
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
	if c.Pool == Process && c.Workers > mostProcesses {
		refuse("%d worker processes: want at most %d", c.Workers, mostProcesses)
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
	}{{"header", c.HeaderTimeout}, {"idle", c.IdleTimeout}, {"transfer", c.TransferTimeout}} {
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
