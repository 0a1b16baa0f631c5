package session

import (
	"cmp"
	"context"
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
	measurements  int
	time          time.Duration
	wire          int64 // bytes through the sockets
	storage, sink int64 // the most at a time, in bytes
	fixtures      int64 // bytes
	peak          int64 // of the load side's memory, in bytes
	probes        int
	notes         []string // of the probes
	probed        time.Duration
	unknown       error // why time, wire and peak are not known
}

// work is what is still to be done with a cell.
type work struct {
	bench.Cell
	task   task
	visits int                            // measurements
	rounds func(makespan float64) float64 // in each, of so many seconds
}

// work lists what is still to be done. A pair is work with both its sides.
func (s *Session) work() []work {
	var all []work
	for _, c := range s.planned {
		if left := s.count - s.done(c); left > 0 {
			all = append(all, work{c, task{c, false}, left, s.benchRounds})
		}
	}
	inPairs := func(float64) float64 { return float64(s.pairRounds()) }
	for _, c := range s.paired.planned {
		if s.pairMissing(c) {
			base := bench.Pair{Cell: c, Base: s.paired.base}.BaseCell()
			all = append(all, work{base, task{c, true}, 1, inPairs}, work{c, task{c, true}, 1, inPairs})
		}
	}
	return all
}

// benchRounds is how many rounds the testing package asks for.
func (s *Session) benchRounds(makespan float64) float64 {
	benchtime := s.testFlag("benchtime")
	if count, isCount := strings.CutSuffix(benchtime, "x"); isCount {
		rounds, _ := strconv.ParseFloat(count, 64) // the testing package has read it
		return rounds
	}
	d, _ := time.ParseDuration(benchtime)
	return max(1, math.Ceil(d.Seconds()/makespan))
}

// Estimate says in one line what the rest of the run will take, and in others what
// a reader should know. It measures a cell of each kind for it, which takes a few
// seconds. It reports whether it knows.
func (s *Session) Estimate() (lines []string, ok bool) {
	e := estimate{}
	kinds := map[kind][]work{}
	var order []kind
	volumes := map[fixtures.Size]bool{}
	for _, w := range s.work() {
		e.measurements += w.visits
		if kinds[kindOf(w.Cell)] == nil {
			order = append(order, kindOf(w.Cell))
		}
		kinds[kindOf(w.Cell)] = append(kinds[kindOf(w.Cell)], w)
		e.room(w.Cell, s.Options)
		volumes[w.Volume] = true
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
		for _, w := range kinds[k] {
			s.progress.expected[w.task] += e.take(p, w, s.Options.Warmup) / time.Duration(w.visits)
		}
	}
	if e.unknown != nil {
		clear(s.progress.expected)
	}
	e.probed = time.Since(begun)
	if s.ctx.Err() != nil {
		e.unknown = context.Cause(s.ctx)
	}
	return append([]string{"plan: " + s.left() + e.line(s.Options)}, e.notes...), e.unknown == nil
}

// left counts the cells and pairs that are still to be measured.
func (s *Session) left() string {
	cells, measurements, pairs := 0, 0, 0
	for _, c := range s.planned {
		if left := s.count - s.done(c); left > 0 {
			cells, measurements = cells+1, measurements+left
		}
	}
	for _, c := range s.paired.planned {
		if s.pairMissing(c) {
			pairs++
		}
	}
	var parts []string
	if cells > 0 || pairs == 0 {
		parts = append(parts, fmt.Sprintf("%d cells", cells))
	}
	if measurements > cells {
		parts = append(parts, fmt.Sprintf("%d measurements", measurements))
	}
	if pairs > 0 {
		parts = append(parts, fmt.Sprintf("%d pairs of %d rounds", pairs, s.pairRounds()))
	}
	return strings.Join(parts, ", ")
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

// take counts what the work with a cell takes, and returns its time.
func (e *estimate) take(p probe, w work, warmup int) time.Duration {
	wire := int64(w.Clients) * fixtures.Spec{Size: w.Volume}.TextSize()
	makespan := p.least.Seconds() + float64(wire)/p.rate
	rounds := float64(w.visits) * (w.rounds(makespan) + float64(warmup))
	e.wire += int64(rounds * float64(wire))
	took := time.Duration(w.visits)*p.setup + time.Duration(rounds*makespan*float64(time.Second))
	e.time += took
	return took
}

func (e *estimate) line(o *bench.Options) string {
	if e.measurements == 0 {
		return ""
	}
	text := fmt.Sprintf(", about %s; %s through the sockets; about %s of memory for the load side",
		aboutTime(e.time), aboutBytes(e.wire), aboutBytes(e.peak))
	if e.unknown != nil {
		text = fmt.Sprintf("; how long they take is not known: %v", e.unknown)
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
