package plan

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"poolbench/protocol"
)

// Labeled is the address of a remote server with its label, which may be empty.
type Labeled struct{ Label, Addr string }

// Targets returns the servers of -target: host:port, or several as name=host:port,….
func (o *Options) Targets() []Labeled {
	if o.Target == "" {
		return nil
	}
	var all []Labeled
	for word := range strings.SplitSeq(o.Target, ",") {
		label, addr, labeled := strings.Cut(strings.TrimSpace(word), "=")
		if !labeled {
			label, addr = "", label
		}
		all = append(all, Labeled{label, addr})
	}
	return all
}

// Addrs returns the addresses of Targets.
func (o *Options) Addrs() []string {
	var all []string
	for _, t := range o.Targets() {
		all = append(all, t.Addr)
	}
	return all
}

// checkTargets finds errors in -target.
func (o *Options) checkTargets(set map[string]bool) error {
	targets := o.Targets()
	if len(targets) == 0 {
		return fmt.Errorf("-target=%w", protocol.CheckAddr(o.Target))
	}
	for i, t := range targets {
		if err := protocol.CheckAddr(t.Addr); err != nil {
			return fmt.Errorf("-target=%w", err)
		}
		if t.Label != "" {
			if err := checkName(t.Label); err != nil {
				return fmt.Errorf("-target: %w", err)
			}
		}
		if len(targets) > 1 && t.Label == "" {
			return fmt.Errorf("-target has several servers, and %s has no name: write it like name=%s", t.Addr, t.Addr)
		}
		if slices.ContainsFunc(targets[:i], func(other Labeled) bool { return other.Label == t.Label || other.Addr == t.Addr }) {
			return fmt.Errorf("-target has %s=%s twice, by its name or its address", t.Label, t.Addr)
		}
	}
	if set["target-pool"] && targets[0].Label != "" {
		return errors.New("-target names its servers, and -target-pool would give another name: give one of them")
	}
	return nil
}
