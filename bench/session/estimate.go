package session

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"poolbench/bench"
	"poolbench/bench/internal/digits"
	"poolbench/bench/plan"
	"poolbench/bench/target"
	"poolbench/fixtures"
)

// trialBytes is about how much data a trial transfer moves.
const trialBytes = 50 * fixtures.MiB

// Estimate returns in one line what the run would take, judged by a short transfer of each
// op. It reports false, with the reason in the line, if that failed. It closes the target.
func (s *Session) Estimate() (line string, ok bool) {
	defer s.Target.Close()
	var t target.Trial
	var err error
	if s.Remote != nil {
		t, err = s.Remote.Trial(s.ctx, s.planned)
	} else {
		t, err = s.trials()
	}
	if err != nil {
		return fmt.Sprintf("plan: %s; their time is unknown: %v%s", digits.Count(len(s.planned), "cell"), err, s.leaves(t, 0)), false
	}
	schedule := s.schedule()
	if s.Options.Paced {
		schedule.Passes, schedule.Budget, schedule.Visit = s.count, 0, 0
	}
	e := schedule.Estimate(t.Rates, t.Fixed)
	return "plan: " + s.estimateLine(e) + s.leaves(t, e.Storage), true
}

// trials measures each op on a server of each pool, with the most workers that it is planned
// with. The lowest rate counts.
func (s *Session) trials() (target.Trial, error) {
	t := target.Trial{Rates: map[bench.Op]float64{}}
	for _, op := range s.matrix.Ops {
		for _, pool := range s.matrix.Pools {
			own := slices.DeleteFunc(slices.Clone(s.planned), func(c bench.Cell) bool { return c.Op != op || c.Pool != pool })
			if len(own) == 0 {
				continue
			}
			rate, took, err := s.trial(slices.MaxFunc(own, func(a, b bench.Cell) int { return cmp.Compare(a.Workers, b.Workers) }))
			if err != nil {
				return t, err
			}
			if lowest, there := t.Rates[op]; !there || rate < lowest {
				t.Rates[op] = rate
			}
			t.Fixed = max(t.Fixed, took)
		}
	}
	return t, nil
}

// leaves says what remains on a remote server: uploads of the run, the files that it lacks,
// and what the trial has uploaded.
func (s *Session) leaves(t target.Trial, uploads int64) string {
	var parts []string
	if uploads > 0 {
		parts = append(parts, bytes(uploads)+" of uploads")
	}
	var lacks int64
	for _, volume := range t.Lacks {
		lacks += fixtures.Spec{Size: volume}.TextSize()
	}
	if lacks > 0 {
		parts = append(parts, bytes(lacks)+" of files for downloads, which it lacks")
	}
	if t.Left > 0 {
		parts = append(parts, fmt.Sprintf("at most %s of this plan, as %s*", bytes(t.Left), target.TrialPrefix))
	}
	if s.Remote == nil || len(parts) == 0 {
		return ""
	}
	return "; on the target remain " + strings.Join(parts, ", ")
}

// slowest is a rate, in bytes per second, that every target is taken to have.
const slowest = 1e6

// warnSlow warns if ops cannot end in time at the target's rate. It measures the rate only
// if that can be.
func (s *Session) warnSlow() []bench.Warning {
	limit := s.Options.OpTimeout
	at := map[bench.Op]float64{bench.Upload: slowest, bench.Download: slowest}
	if late, _, _ := plan.Late(s.planned, at, limit); s.Remote == nil || late == 0 {
		return nil
	}
	t, err := s.Remote.Trial(s.ctx, s.planned)
	if err != nil {
		return nil // the visits will show what is wrong
	}
	return slow(s.planned, t.Rates, limit)
}

// slow returns the warning about cells whose ops cannot end in time at these rates.
func slow(cells []bench.Cell, rates map[bench.Op]float64, limit time.Duration) []bench.Warning {
	late, worst, longest := plan.Late(cells, rates, limit)
	if late == 0 {
		return nil
	}
	return []bench.Warning{{Kind: bench.SlowLink, Value: float64(late), Text: fmt.Sprintf(
		"in %d of %d cells ops cannot end within -op-timeout=%v: at %s/s, which a short trial moved, a round of %s takes %s: allow more time, or plan smaller cells",
		late, len(cells), limit, bytes(int64(rates[worst.Op])), worst, about(longest.Round(time.Second)))}}
}

// trial measures the rate of an op, and the time of a visit apart from its transfer.
func (s *Session) trial(cell bench.Cell) (rate float64, fixed time.Duration, err error) {
	cell.Volume = s.smallest().Volume
	cell.Clients = min(s.largest().Clients, max(1, int(trialBytes/cell.Volume)))
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
