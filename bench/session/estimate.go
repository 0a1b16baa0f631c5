package session

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"time"

	"poolbench/bench"
	"poolbench/bench/internal/digits"
	"poolbench/bench/plan"
	"poolbench/fixtures"
)

// trialBytes is about how much data a trial transfer moves.
const trialBytes = 50 * fixtures.MiB

// Estimate returns in one line what the run would take, judged by a short transfer of each
// op. It reports false, with the reason in the line, if that failed. It closes the target.
func (s *Session) Estimate() (line string, ok bool) {
	defer s.Target.Close()
	rates, fixed := map[bench.Op]float64{}, time.Duration(0)
	for _, op := range s.matrix.Ops {
		i := slices.IndexFunc(s.planned, func(c bench.Cell) bool { return c.Op == op })
		if i < 0 {
			continue
		}
		rate, took, err := s.trial(s.planned[i])
		if err != nil {
			return fmt.Sprintf("plan: %s; their time is unknown: %v", digits.Count(len(s.planned), "cell"), err), false
		}
		rates[op], fixed = rate, max(fixed, took)
	}
	schedule := s.schedule()
	if s.Options.Paced {
		schedule.Passes, schedule.Budget, schedule.Visit = s.count, 0, 0
	}
	return "plan: " + s.estimateLine(schedule.Estimate(rates, fixed)), true
}

// trial measures the rate of an op, and the time of a visit apart from its transfer.
func (s *Session) trial(cell bench.Cell) (rate float64, fixed time.Duration, err error) {
	cell.Volume = s.smallest().Volume
	cell.Clients = min(s.largest().Clients, max(1, int(trialBytes/cell.Volume)))
	cell.Workers = s.largest().Workers
	at, failed := s.at(cell, plan.Lifetime{})
	if failed.Reason != "" {
		return 0, 0, errors.New(failed.String())
	}
	s.warm(cell, plan.Lifetime{}, at)
	begun := time.Now()
	run := s.Start(s.ctx, s.runConfig(cell, at))
	run.Round(nil)
	result := run.End()
	if s.ctx.Err() != nil {
		return 0, 0, context.Cause(s.ctx)
	}
	if reasons := result.Reasons(); len(reasons) > 0 || result.Throughput() == 0 {
		return 0, 0, errors.New(cmp.Or(slices.Concat(reasons, []string{"nothing was transferred"})...))
	}
	return result.Throughput(), max(0, time.Since(begun)-result.Rounds[0].Makespan), nil
}

func (s *Session) estimateLine(e plan.Estimate) string {
	o := s.Options
	text := fmt.Sprintf("%s at %s; the first pass takes about %s, and about %d passes take %s; %s through the sockets",
		digits.Count(e.Cells, "cell"), digits.Count(e.Points, "point"), about(e.Pass), e.Passes, about(e.Total), bytes(e.Wire))
	var needs int64
	volumes := map[fixtures.Size]bool{}
	for _, cell := range s.planned {
		if !volumes[cell.Volume] {
			needs += fixtures.Spec{Size: cell.Volume}.TextSize()
		}
		volumes[cell.Volume] = true
	}
	text += fmt.Sprintf("; disk: %s for fixtures in %s", bytes(needs), o.Fixtures)
	if e.Storage > 0 && !o.Discard && s.Remote == nil {
		text += fmt.Sprintf(", %s at a time for the servers' storage in %s", bytes(e.Storage), cmp.Or(o.Storage, os.TempDir()))
	}
	if o.SinkFile {
		text += fmt.Sprintf(", %s at a time for downloads in %s", bytes(int64(s.largest().Clients)*fixtures.Spec{Size: s.largest().Volume}.TextSize()), o.SinkDir())
	}
	return text
}

// bytes formats a size with two digits and a unit of 10^3, 10^6 or 10^9.
func bytes(n int64) string {
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
