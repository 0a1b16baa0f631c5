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
	least time.Duration // of a round, however little it moves
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

// probe measures a cell of a kind with the most of their clients, as that is where
// time and memory go, and the largest volume, up to a limit. If others are much
// smaller it measures one of those too: what a round takes is a start and a rate.
func (s *Session) probe(kind []work) (probe, error) {
	large, small := kind[0].Cell, kind[0].Cell
	for _, c := range kind {
		large.Clients = max(large.Clients, c.Clients)
		large.Volume, small.Volume = max(large.Volume, c.Volume), min(small.Volume, c.Volume)
	}
	small.Clients = large.Clients
	if s.remote == nil { // a target would be left with a file that nobody had asked for
		most := max(fixtures.KiB, fixtures.Size(probeBytes/large.Clients)/fixtures.KiB*fixtures.KiB)
		large.Volume = min(large.Volume, probeVolume, most)
	}
	p, _, err := s.probeCell(large)
	if err != nil || 4*small.Volume >= large.Volume {
		return p, err
	}
	start, least, err := s.probeCell(small)
	p.notes, p.least = append(p.notes, start.notes...), least
	return p, err
}

// probeCell measures one round, after one to warm up, and returns its makespan too.
func (s *Session) probeCell(cell bench.Cell) (probe, time.Duration, error) {
	begun := time.Now()
	site, failed := s.site(cell)
	if failed.Reason != "" {
		return probe{}, 0, errors.New(failed.String())
	}
	config := s.runConfig(cell, site)
	config.OpTimeout, config.CellTimeout = min(config.OpTimeout, probeOpTimeout), probeTimeout
	run := bench.Start(s.ctx, config)
	run.WarmUp(1)
	run.Park()
	run.Fire()
	result := run.End()
	if err := site.Leave(); err != nil {
		return probe{}, 0, err
	}
	if reasons := result.Reasons(); len(reasons) > 0 || result.Throughput() == 0 {
		return probe{}, 0, errors.New(cmp.Or(slices.Concat(reasons, []string{"nothing was moved"})...))
	}
	makespan := result.Rounds[0].Makespan
	p := probe{notes: site.Notes, rate: result.Throughput(), peak: result.LoadPeak, setup: max(0, time.Since(begun)-2*makespan)}
	return p, makespan, nil
}
