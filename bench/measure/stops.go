package measure

import (
	"slices"
	"time"

	"poolbench/bench/internal/proc"
)

// Once a round has lasted for stopAfter, its processes are checked every stopStep. A check
// takes 10 µs per process, which short rounds are spared.
const (
	stopAfter = time.Second
	stopStep  = 200 * time.Millisecond
)

// watchStops watches the processes of a round. The returned function ends the watch and
// returns the longest time in which a process was stopped, to the nearest stopStep.
func watchStops(who interface{ stopped() bool }) (end func() time.Duration) {
	ended := make(chan struct{})
	longest := make(chan time.Duration, 1)
	wait := time.AfterFunc(stopAfter, func() { longest <- longestStop(who.stopped, ended) })
	return func() time.Duration {
		if wait.Stop() {
			return 0
		}
		close(ended)
		return <-longest
	}
}

// longestStop checks until ended is closed. A process found stopped counts as stopped since
// the check before.
func longestStop(stopped func() bool, ended <-chan struct{}) (longest time.Duration) {
	checks := time.NewTicker(stopStep)
	defer checks.Stop()
	var lasted time.Duration
	before := time.Now().Add(-stopStep)
	for {
		now := time.Now()
		if stopped() {
			lasted += now.Sub(before)
		} else {
			lasted = 0
		}
		longest, before = max(longest, lasted), now
		select {
		case <-checks.C:
		case <-ended:
			return longest
		}
	}
}

// participants are all processes of a round except this one.
type participants struct {
	server  proc.Tree
	clients proc.Processes
	listed  proc.Processes // the server's, when last listed
}

// stopped reports whether one of them is stopped by a signal or a tracer. The tree is
// listed again only if one of its processes has gone, because listing takes longer than
// checking.
func (p *participants) stopped() bool {
	states := p.listed.States()
	if len(states) == 0 || slices.Contains(states, 0) {
		p.listed, _ = p.server.Processes() // none if the server has ended
		states = p.listed.States()
	}
	return slices.ContainsFunc(append(states, p.clients.States()...), func(state byte) bool {
		return state == 'T' || state == 't'
	})
}
