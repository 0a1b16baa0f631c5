package main

import (
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"poolbench/bench/client"
	"poolbench/fixtures/progress"
	"poolbench/protocol"
)

// server is the server that the flags of put and get name.
type server struct {
	addr    string
	timeout time.Duration
}

func (s *server) register(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVar(&s.addr, "addr", "127.0.0.1:8889", "the server's `host:port`")
	flags.DurationVar(&s.timeout, "timeout", 30*time.Second, "give up if nothing moves for this `time`, including the wait for a worker of the server")
	noFiles(cmd, "addr", "timeout")
}

func (s *server) check() error {
	if err := protocol.CheckAddr(s.addr); err != nil {
		return fmt.Errorf("--addr=%w", err)
	}
	if s.timeout <= 0 {
		return fmt.Errorf("--timeout=%v is not a positive time: write it like 30s or 5m", s.timeout)
	}
	return nil
}

// transfer returns a transfer with a progress bar on stderr, which end removes.
func (s *server) transfer(stderr io.Writer, name string) (transfer client.Transfer, end func()) {
	bar := progress.New(stderr, name)
	return client.Transfer{Addr: s.addr, Idle: s.timeout, Progress: bar.Set}, bar.End
}

// line summarizes a transfer. The rate is in bytes on the wire, as everywhere in poolbench.
func line(what, name string, size int64, crc32c uint32, wire int64, took time.Duration, verified string) string {
	return fmt.Sprintf("%s %s: %d bytes, crc32c %08x, %.2f s, %.0f MB/s; %s\n",
		what, name, size, crc32c, took.Seconds(), float64(wire)/1e6/took.Seconds(), verified)
}
