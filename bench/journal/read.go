package journal

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"

	"poolbench/bench"
)

// Run is what a run has measured, including the runs that it resumed.
type Run struct {
	Head    Head
	Results []bench.Result // of the visits, in the order in which they ended
	// Ended is set if the run recorded its end. Why is then the reason why it did not
	// measure all of its plan, empty if it did.
	Ended bool
	Why   string
	// Parts are the runs that were joined; nil for a single run. See Join.
	Parts []Part

	begins []int64 // where the lines of each result begin
}

// Unfinished returns why the run has not measured all of its plan, or "" if it has.
func (r Run) Unfinished() string {
	if !r.Ended {
		return "the run was killed, or goes on"
	}
	return r.Why
}

// ErrNoRun means that no run has begun in the file.
var ErrNoRun = errors.New("there is no run in it")

// Read returns the last run in a folder. It may be called during that run.
func Read(dir string) (Run, error) {
	path := filepath.Join(dir, FileName)
	file, err := os.Open(path)
	if err != nil {
		return Run{}, fmt.Errorf("journal: %w", err)
	}
	defer file.Close()
	runs, _, err := read(file)
	if err != nil {
		return Run{}, fmt.Errorf("journal: %s: %w", path, err)
	}
	if len(runs) == 0 {
		return Run{}, fmt.Errorf("journal: %s: %w", path, ErrNoRun)
	}
	return runs[len(runs)-1], nil
}

// SyntaxError reports a line that is not in the format.
type SyntaxError struct {
	Line int // from 1
	Msg  string
}

func (e *SyntaxError) Error() string { return fmt.Sprintf("line %d: %s", e.Line, e.Msg) }

// reader assembles runs from lines.
type reader struct {
	runs    []Run
	whole   int64          // end of the whole part
	rounds  []bench.Round  // of the current visit
	samples []bench.Sample // of the current round
}

// read returns the runs of a file, and where the whole part ends. The rest was being
// written. An incomplete last line is never an error.
func read(r io.Reader) (runs []Run, whole int64, err error) {
	var (
		state reader
		at    int64
	)
	lines := bufio.NewReader(r)
	for number := 1; ; number++ {
		line, err := lines.ReadBytes('\n')
		if errors.Is(err, io.EOF) {
			return state.runs, state.whole, nil
		}
		if err != nil {
			return nil, 0, err
		}
		at += int64(len(line))
		ends, err := state.take(bytes.TrimSpace(line))
		if err != nil {
			return nil, 0, &SyntaxError{number, err.Error()}
		}
		if ends {
			state.whole = at
		}
	}
}

// take adds a line, and reports whether it completes something whole.
func (s *reader) take(line []byte) (ends bool, err error) {
	var kind struct {
		Kind string `json:"kind"`
	}
	if err := json.Unmarshal(line, &kind); err != nil {
		return false, err
	}
	if kind.Kind != kindRun && len(s.runs) == 0 {
		return false, fmt.Errorf("a line of kind %q before that of a run", kind.Kind)
	}
	switch kind.Kind {
	case kindRun:
		return true, s.takeRun(line)
	case kindOp:
		var op opLine
		err = json.Unmarshal(line, &op)
		s.samples = append(s.samples, op.Sample)
	case kindRound:
		var round roundLine
		err = json.Unmarshal(line, &round)
		round.Samples, s.samples = s.samples, nil
		s.rounds = append(s.rounds, round.Round)
	case kindVisit:
		var visit visitLine
		err = json.Unmarshal(line, &visit)
		run := &s.runs[len(s.runs)-1]
		visit.Result.Rounds = s.rounds
		run.Results, run.begins = append(run.Results, visit.Result), append(run.begins, s.whole)
		s.rounds, s.samples = nil, nil
		return true, err
	case kindEnd:
		var end endLine
		err = json.Unmarshal(line, &end)
		run := &s.runs[len(s.runs)-1]
		run.Ended, run.Why = true, end.Why
		return true, err
	default:
		err = fmt.Errorf("unknown kind %q", kind.Kind)
	}
	return false, err
}

func (s *reader) takeRun(line []byte) error {
	var head Head
	if err := json.Unmarshal(line, &head); err != nil {
		return err
	}
	if head.Schema != Schema {
		return fmt.Errorf("it has schema %d, and this program reads %d: move it away, or name another folder", head.Schema, Schema)
	}
	s.rounds, s.samples = nil, nil
	if head.Resumes && len(s.runs) > 0 {
		run := &s.runs[len(s.runs)-1]
		run.Ended, run.Why = false, ""
		for _, w := range head.Warnings {
			if !slices.ContainsFunc(run.Head.Warnings, func(old bench.Warning) bool { return old.Kind == w.Kind }) {
				run.Head.Warnings = append(run.Head.Warnings, w)
			}
		}
		return nil
	}
	s.runs = append(s.runs, Run{Head: head})
	return nil
}

// Total is everything that a run measured of one cell.
type Total struct {
	bench.Result     // of all visits; no rounds if there were none
	Measured     int // number of visits
}

// Totals returns a total for each cell, in the order of the plan, including cells that were
// not measured. Cells that were not planned come last.
func (r Run) Totals() []Total {
	var totals []Total
	place := map[bench.Cell]int{}
	of := func(c bench.Cell) *Total {
		i, there := place[c]
		if !there {
			i = len(totals)
			place[c] = i
			totals = append(totals, Total{Result: bench.Result{Cell: c}})
		}
		return &totals[i]
	}
	for _, c := range r.Head.Plan.Cells {
		of(c)
	}
	rounds, notes := map[bench.Cell][]bench.Round{}, map[bench.Cell][]string{}
	for _, result := range r.Results {
		// Joined at the end: with thousands of visits, Add would copy each again and again.
		rounds[result.Cell] = append(rounds[result.Cell], result.Rounds...)
		notes[result.Cell] = append(notes[result.Cell], result.Notes...)
		result.Rounds, result.Notes = nil, nil
		total := of(result.Cell)
		if total.Measured++; total.Measured == 1 {
			total.Result = result
		} else {
			total.Result = total.Add(result)
		}
	}
	for i := range totals {
		totals[i].Rounds, totals[i].Notes = rounds[totals[i].Cell], notes[totals[i].Cell]
	}
	return totals
}
