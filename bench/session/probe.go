package session

import (
	"cmp"
	"errors"
	"slices"
	"time"

	"poolbench/bench"
	"poolbench/fixtures"
)

// A probe moves so many bytes of data in a round at most, and takes so long for an
// op and as a whole: it is to be short.
const (
	probeBytes     = 128 << 20
	probeVolume    = 10 * fixtures.MiB
	probeOpTimeout = 5 * time.Second
	probeTimeout   = 10 * time.Second
)

// probe is what a cell of its kind was seen to take.
type probe struct {
	notes []string      // what a reader should know
	rate  float64       // wire bytes per second of a round
	setup time.Duration // of a measurement, beside its rounds
	peak  int64         // of the load side's memory, in bytes
}

// kind is what decides most about the time that a cell takes.
type kind struct {
	op         bench.Op
	clientPool bench.ClientPool
	pool       string
	workers    int
}

func kindOf(c bench.Cell) kind { return kind{c.Op, c.ClientPool, c.Pool, c.Workers} }

// probe measures one round, after one to warm up, of a cell of a kind: with
// the most of their clients, as that is where time and memory go, and a small volume.
func (s *Session) probe(kind []work) (probe, error) {
	cell := kind[0].Cell
	for _, c := range kind {
		cell.Clients, cell.Volume = max(cell.Clients, c.Clients), min(cell.Volume, c.Volume)
	}
	if s.remote == nil {
		most := max(fixtures.KiB, fixtures.Size(probeBytes/cell.Clients)/fixtures.KiB*fixtures.KiB)
		cell.Volume = min(cell.Volume, probeVolume, most)
	} // a target would be left with a file that nobody had asked for
	begun := time.Now()
	site, failed := s.site(cell)
	if failed.Reason != "" {
		return probe{}, errors.New(failed.String())
	}
	config := s.runConfig(cell, site)
	config.OpTimeout, config.CellTimeout = min(config.OpTimeout, probeOpTimeout), probeTimeout
	run := bench.Start(s.ctx, config)
	run.WarmUp(1)
	run.Park()
	run.Fire()
	result := run.End()
	if err := site.Leave(); err != nil {
		return probe{}, err
	}
	if reasons := result.Reasons(); len(reasons) > 0 || result.Throughput() == 0 {
		return probe{}, errors.New(cmp.Or(slices.Concat(reasons, []string{"nothing was moved"})...))
	}
	p := probe{notes: site.Notes, rate: result.Throughput(), peak: result.LoadPeak}
	p.setup = max(0, time.Since(begun)-2*result.Rounds[0].Makespan)
	return p, nil
}
