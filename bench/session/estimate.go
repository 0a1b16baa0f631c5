package session

import (
	"cmp"
	"fmt"
	"math"
	"os"
	"strconv"
	"strings"
	"time"

	"poolbench/bench"
	"poolbench/fixtures"
)

// estimate is what the measurements that are still to be made will take.
type estimate struct {
	cells, measurements int
	time                time.Duration
	wire                int64 // bytes through the sockets
	storage, sink       int64 // the most at a time, in bytes
	fixtures            int64 // bytes
	peak                int64 // of the load side's memory, in bytes
	probes              int
	notes               []string // of the probes
	probed              time.Duration
	unknown             error // why time, wire and peak are not known
}

// Estimate says in one line what the rest of the run will take, and in others what
// a reader should know. It measures a cell of each kind for it, which takes a few
// seconds.
func (s *Session) Estimate() []string {
	e := estimate{}
	kinds := map[kind][]bench.Cell{}
	var order []kind
	volumes := map[fixtures.Size]bool{}
	for _, c := range s.planned {
		left := s.count - s.done(c)
		if left <= 0 {
			continue
		}
		e.cells++
		e.measurements += left
		if kinds[kindOf(c)] == nil {
			order = append(order, kindOf(c))
		}
		kinds[kindOf(c)] = append(kinds[kindOf(c)], c)
		e.room(c, s.Options)
		volumes[c.Volume] = true
	}
	for volume := range volumes {
		e.fixtures += fixtures.Spec{Size: volume}.TextSize()
	}
	begun := time.Now()
	for _, k := range order {
		p, err := s.probe(kinds[k])
		if err != nil {
			e.unknown = err
			break
		}
		e.probes++
		e.notes = append(e.notes, p.notes...)
		e.peak = max(e.peak, p.peak)
		for _, c := range kinds[k] {
			e.take(p, c, s.count-s.done(c), s.Options.Warmup, s.testFlag("benchtime"))
		}
	}
	e.probed = time.Since(begun)
	return append([]string{e.line(s.Options)}, e.notes...)
}

// room counts what a cell needs on disks.
func (e *estimate) room(c bench.Cell, o *bench.Options) {
	if c.Op == bench.Upload && !o.Discard && o.Target == "" {
		e.storage = max(e.storage, int64(c.Clients)*int64(c.Volume))
	}
	if c.Op == bench.Download && o.SinkFile {
		e.sink = max(e.sink, int64(c.Clients)*fixtures.Spec{Size: c.Volume}.TextSize())
	}
}

// take counts what so many measurements of a cell take.
func (e *estimate) take(p probe, c bench.Cell, measurements, warmup int, benchtime string) {
	wire := int64(c.Clients) * fixtures.Spec{Size: c.Volume}.TextSize()
	makespan := float64(wire) / p.rate
	rounds := 1.0
	if count, isCount := strings.CutSuffix(benchtime, "x"); isCount {
		rounds, _ = strconv.ParseFloat(count, 64) // the testing package has read it
	} else if d, err := time.ParseDuration(benchtime); err == nil {
		rounds = max(1, math.Ceil(d.Seconds()/makespan))
	}
	rounds = float64(measurements) * (rounds + float64(warmup))
	e.wire += int64(rounds * float64(wire))
	e.time += time.Duration(measurements)*p.setup + time.Duration(rounds*makespan*float64(time.Second))
}

func (e *estimate) line(o *bench.Options) string {
	text := fmt.Sprintf("plan: %d cells", e.cells)
	if e.measurements > e.cells {
		text += fmt.Sprintf(", %d measurements", e.measurements)
	}
	if e.cells == 0 {
		return text
	}
	if e.unknown != nil {
		text += fmt.Sprintf("; how long they take is not known: %v", e.unknown)
	} else {
		text += fmt.Sprintf(", about %s; %s through the sockets; the load side's memory %s at most",
			aboutTime(e.time), aboutBytes(e.wire), aboutBytes(e.peak))
	}
	text += fmt.Sprintf("; disk: %s for fixtures in %s", aboutBytes(e.fixtures), o.Fixtures)
	if e.storage > 0 {
		text += fmt.Sprintf(", %s at a time for the server's storage in %s", aboutBytes(e.storage), cmp.Or(o.Storage, os.TempDir()))
	}
	if e.sink > 0 {
		text += fmt.Sprintf(", %s at a time for downloads in %s", aboutBytes(e.sink), o.SinkDir())
	}
	return text + fmt.Sprintf(" (from %d short cells, in %s)", e.probes, aboutTime(e.probed))
}

func aboutTime(d time.Duration) string {
	if d >= 90*time.Second {
		return fmt.Sprintf("%.0f min", d.Minutes())
	}
	return fmt.Sprintf("%.1f s", d.Seconds())
}

// aboutBytes writes bytes with two digits and a unit of 10^3, 10^6 or 10^9.
func aboutBytes(n int64) string {
	value, unit := float64(n)/1e3, "kB"
	switch {
	case n >= 1e9:
		value, unit = float64(n)/1e9, "GB"
	case n >= 1e6:
		value, unit = float64(n)/1e6, "MB"
	}
	if value < 10 {
		return fmt.Sprintf("%.1f %s", value, unit)
	}
	return fmt.Sprintf("%.0f %s", value, unit)
}
