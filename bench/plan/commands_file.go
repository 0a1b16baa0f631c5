package plan

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/BurntSushi/toml"
	"golang.org/x/sys/unix"

	"poolbench/bench"
)

// commandEntry is a server in a file of -servers; its table's name is the server's.
type commandEntry struct {
	Command string            `toml:"command"`
	Ready   string            `toml:"ready"`
	Start   string            `toml:"start"`
	Stop    stopEntry         `toml:"stop"`
	Env     map[string]string `toml:"env"`
	Wire    string            `toml:"wire"`
	Workers []int             `toml:"workers"`
}

type stopEntry struct {
	Signal string `toml:"signal"`
	Grace  string `toml:"grace"`
}

// readCommands reads a file of servers, in their order.
func readCommands(path string) ([]Command, error) {
	var entries map[string]commandEntry
	meta, err := toml.DecodeFile(path, &entries)
	if err != nil {
		return nil, err
	}
	if unknown := meta.Undecoded(); len(unknown) > 0 {
		return nil, fmt.Errorf("%s: unknown key %s: known are command, ready, start, stop.signal, stop.grace, env, wire, workers", path, unknown[0])
	}
	var commands []Command
	for _, key := range meta.Keys() { // of tables and all in them
		if slices.ContainsFunc(commands, func(c Command) bool { return c.Name == key[0] }) {
			continue
		}
		c, err := entries[key[0]].read(key[0])
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		c.Listed = true
		commands = append(commands, c)
	}
	if len(commands) == 0 {
		return nil, fmt.Errorf("%s names no server: want tables such as [mine] with a line command = %q", path, "…")
	}
	return commands, nil
}

func (e commandEntry) read(name string) (Command, error) {
	var env []string
	for _, key := range slices.Sorted(maps.Keys(e.Env)) {
		env = append(env, key+"="+e.Env[key])
	}
	c, err := newCommand(name, e.Command, env...)
	if err != nil {
		return c, err
	}
	fail := func(key string, err error) (Command, error) { return c, fmt.Errorf("%s: %s: %w", name, key, err) }
	if _, err := regexp.Compile(e.Ready); err != nil {
		return fail("ready", err)
	}
	c.Ready = e.Ready
	if err := setTime(&c.Start, e.Start); err != nil {
		return fail("start", err)
	}
	if err := setTime(&c.Grace, e.Stop.Grace); err != nil {
		return fail("stop.grace", err)
	}
	if e.Stop.Signal != "" {
		if c.Signal, err = signalOf(e.Stop.Signal); err != nil {
			return fail("stop.signal", err)
		}
	}
	if e.Wire != "" {
		if c.Wire, err = bench.ParseWire(e.Wire); err != nil {
			return fail("wire", fmt.Errorf("%q: %w", e.Wire, err))
		}
	}
	for i, workers := range e.Workers {
		if workers < 1 || slices.Contains(e.Workers[:i], workers) {
			return fail("workers", fmt.Errorf("%d: want different whole numbers from 1", workers))
		}
	}
	c.Workers = e.Workers
	return c, nil
}

func setTime(value *time.Duration, text string) (err error) {
	if text != "" {
		*value, err = positive(text)
	}
	return err
}

// signalOf returns the signal of a name such as TERM or SIGTERM.
func signalOf(name string) (syscall.Signal, error) {
	signal := unix.SignalNum("SIG" + strings.TrimPrefix(strings.ToUpper(name), "SIG"))
	if signal == 0 {
		return 0, fmt.Errorf("unknown signal %q: write it like TERM", name)
	}
	return signal, nil
}
