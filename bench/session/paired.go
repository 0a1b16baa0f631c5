package session

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"poolbench/bench"
	"poolbench/bench/report"
)

// defaultRounds is how many pairs of rounds a pair gets: as many as the 54 of the
// reference matrix need if a difference is to show, see stats.Holm.
const defaultRounds = 12

// billion is how often the testing package calls for at most, and does call for if
// no time passes meanwhile.
const billion = 1_000_000_000

// paired is what a session has of pairs.
type paired struct {
	base    string
	planned []bench.Cell
	done    []bench.Pair
	begun   bool
	note    string // why there are none although they were asked for
}

// planPairs finds the pairs that are to be measured.
func (s *Session) planPairs(pattern string) error {
	pairs := s.matrix.Pairs(func(c bench.Cell) bool { return bench.Selects(pattern, s.PairedName+"/"+c.String()) })
	if len(pairs) == 0 {
		return nil
	}
	if s.remote != nil {
		if len(s.planned) == 0 {
			return fmt.Errorf("-bench selects %s alone, which compares two servers of our own, and -target is one server: select %s", s.PairedName, s.Name)
		}
		s.paired.note = fmt.Sprintf("%s is not run: it compares two servers of our own, and -target is one server", s.PairedName)
		return nil
	}
	if count := s.testFlag("count"); count != "1" {
		return fmt.Errorf("-count=%s: %s is measured once: use -rounds for more pairs of rounds, or -bench %s to leave it out", count, s.PairedName, s.Name)
	}
	s.paired.base, s.paired.planned = s.matrix.Base(), pairs
	return nil
}

// pairedHead is what is the same for all pairs.
func (s *Session) pairedHead() []string {
	if len(s.paired.planned) == 0 {
		return nil
	}
	return append([]string{"paired-base: " + s.paired.base}, bench.PairUnitLines()...)
}

// Compare measures the pairs that are to be measured yet, with a line behind "# "
// for each, and returns all, those too that the runs have measured which this one
// resumes. It returns none when it has been called before, when it had nothing to
// measure, and when some were not measured: what one row says depends on all.
func (s *Session) Compare(w io.Writer) []bench.Compared {
	if s.paired.begun || !slices.ContainsFunc(s.paired.planned, s.pairMissing) {
		return nil
	}
	if len(s.planned) > 0 && s.turn < s.Options.Rounds {
		return nil // they come behind all cells, whose rounds would be torn apart
	}
	s.paired.begun = true
	for i, cell := range s.paired.planned {
		if !s.pairMissing(cell) {
			continue
		}
		if s.Over() {
			break
		}
		s.begin(task{cell, true})
		pair := s.comparePools(cell)
		s.finish(task{cell, true}, pair.Sides()...)
		if s.ctx.Err() != nil {
			break
		}
		s.keep(pair)
		fmt.Fprintf(w, "# paired %d of %d: %s\n", i+1, len(s.paired.planned), report.PairLine(pair))
	}
	if slices.ContainsFunc(s.paired.planned, s.pairMissing) {
		fmt.Fprintf(w, "# %s has no rows: each depends on all, and some were not measured\n", s.PairedName)
		return nil
	}
	run, err := s.run()
	if err != nil {
		s.err = cmp.Or(s.err, err)
		return nil
	}
	return run.Compare()
}

func (s *Session) keep(pair bench.Pair) {
	if s.journal != nil {
		s.err = s.journal.AddPair(pair)
	}
	if s.err == nil {
		s.paired.done = append(s.paired.done, pair)
	}
}

// pairMissing reports whether the pair of a cell has not been measured.
func (s *Session) pairMissing(cell bench.Cell) bool {
	if s.journal != nil && s.journal.PairDone(cell) {
		return false
	}
	return !slices.ContainsFunc(s.paired.done, func(p bench.Pair) bool { return p.Cell == cell })
}

// comparePools measures a pair, with the servers of both sides alive from its
// beginning to its end.
func (s *Session) comparePools(cell bench.Cell) bench.Pair {
	pair := bench.Pair{Cell: cell, Base: s.paired.base}
	cells := []bench.Cell{pair.BaseCell(), cell}
	sides := []*bench.Result{&pair.BaseSide, &pair.PoolSide}
	var sites []site
	for i, cell := range cells {
		sides[i].Cell = cell
		at, failed := s.site(cell)
		if failed.Reason != "" {
			*sides[i] = bench.FailedStart(cell, failed.Reason, errors.New(failed.Detail))
			leave(sites, sides[i:]) // the other side has no round that a note could stand at
			return pair
		}
		sites = append(sites, at)
	}
	// What one side has stored would be written to the disk in a round of the other.
	reset := func() (err error) {
		for _, at := range sites {
			if at.Reset != nil {
				err = errors.Join(err, at.Reset())
			}
		}
		return err
	}
	var runs []*bench.Run
	for i, at := range sites {
		config := s.runConfig(cells[i], at)
		config.Reset = reset
		runs = append(runs, bench.Start(s.ctx, config))
	}
	for _, run := range runs {
		run.WarmUp(s.Options.Warmup)
	}
	bench.Alternate(runs[0], runs[1], s.pairRounds())
	for i, run := range runs {
		*sides[i] = run.End()
		sides[i].Notes = append(sites[i].Notes, sides[i].Notes...)
	}
	leave(sites, sides)
	return pair
}

// pairRounds is how many pairs of rounds each pair gets.
func (s *Session) pairRounds() int { return cmp.Or(s.Options.Rounds, defaultRounds) }

// leave ends the sites; what goes wrong is noted in the result of the same place.
func leave(sites []site, noted []*bench.Result) {
	for i, at := range sites {
		if err := at.Leave(); err != nil {
			noted[i].Notes = append(noted[i].Notes, err.Error())
		}
	}
}

// Final reports whether the testing package takes what a benchmark reports in this
// call. It calls one that lets no time pass again and again with a growing n.
func (s *Session) Final(n int) bool {
	_, err := time.ParseDuration(s.testFlag("benchtime"))
	return err != nil || n == billion
}
