package measure

import (
	"poolbench/bench/internal/proc"
	"slices"
	"time"
)

// Processes that may have been stopped are looked at every stopStep, when a round has
// lasted for stopAfter: a look takes 10 µs for each, which short rounds are spared.
const (
	stopAfter = time.Second
	stopStep  = 200 * time.Millisecond
)

// watchStops watches a round that has begun, and returns what ends the watch. That
// tells the longest time in which somebody was stopped, to stopStep.
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

// longestStop looks until ended is closed. Who is stopped has been since the look
// before.
func longestStop(stopped func() bool, ended <-chan struct{}) (longest time.Duration) {
	looks := time.NewTicker(stopStep)
	defer looks.Stop()
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
		case <-looks.C:
		case <-ended:
			return longest
		}
	}
}

// party is all processes that take part in a round, but this one.
type party struct {
	server  proc.Tree
	clients proc.Processes
	listed  proc.Processes // the server's, as they were when they were last listed
}

// stopped reports whether one of them is stopped by a signal or a tracer. The tree is
// listed again when one of it has gone, as that takes longer than to look at it.
func (p *party) stopped() bool {
	states := p.listed.States()
	if len(states) == 0 || slices.Contains(states, 0) {
		p.listed, _ = p.server.Processes() // none of a server that has ended
		states = p.listed.States()
	}
	return slices.ContainsFunc(append(states, p.clients.States()...), func(state byte) bool {
		return state == 'T' || state == 't'
	})
}
