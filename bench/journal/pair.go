package journal

import (
	"time"

	"poolbench/bench"
)

// side says which of a pair's sides a line is of. It is empty in those of cells.
type side string

const (
	noSide   side = ""
	baseSide side = "base"
	poolSide side = "pool"
)

// pairLine ends the measurement of a pair.
type pairLine struct {
	Kind    string        `json:"kind"`
	Cell    string        `json:"cell"`
	Fields  cell          `json:"fields"`
	Base    string        `json:"base"`
	Time    time.Time     `json:"time"`
	Outcome bench.Outcome `json:"outcome"`
	Rounds  int           `json:"rounds"` // of the longer side
	Sides   struct {
		// Base and Pool are what the line of a cell would say; nil of a side that had
		// no round, as the other could not begin.
		Base *cellLine `json:"base,omitempty"`
		Pool *cellLine `json:"pool,omitempty"`
	} `json:"sides"`
}

// With returns the plan with pairs too, each of a cell and the base.
func (p Plan) With(pairs []bench.Cell, base string) Plan {
	if len(pairs) == 0 {
		return p
	}
	p.Base, p.Pairs = base, nil
	for _, c := range pairs {
		p.Pairs = append(p.Pairs, cellOf(c))
	}
	return p.hashed()
}

// PlannedPairs returns the cells of the pairs.
func (p Plan) PlannedPairs() []bench.Cell { return cells(p.Pairs) }

func cells(fields []cell) []bench.Cell {
	cells := make([]bench.Cell, len(fields))
	for i, c := range fields {
		cells[i] = c.cell()
	}
	return cells
}

// Compare compares the pairs of a run, of which the difference of each has to stand up
// to all that are planned.
func (r Run) Compare() []bench.Compared {
	others := 0
	for _, cell := range r.Head.Plan.PlannedPairs() {
		if cell.Pool != r.Head.Plan.Base {
			others++
		}
	}
	for _, p := range r.Pairs {
		if !p.Same() {
			others--
		}
	}
	return bench.Compare(r.Pairs, max(0, others))
}

// PairDone reports whether the pair of a cell has been measured by the runs that
// this one resumes.
func (j *Journal) PairDone(cell bench.Cell) bool { return j.pairs[cell.String()] }

// AddPair does what Add does for a pair.
func (j *Journal) AddPair(p bench.Pair) error {
	line := pairLine{
		Kind: kindPair, Cell: p.Cell.String(), Fields: cellOf(p.Cell), Base: p.Base,
		Time: time.Now(), Outcome: p.Outcome(), Rounds: p.Rounds(),
	}
	var lines []any
	for i := range p.Rounds() {
		order := []side{baseSide, poolSide}
		if !bench.BaseFirst(i) {
			order = []side{poolSide, baseSide}
		}
		for _, s := range order {
			lines = append(lines, sideLines(p, s, i)...)
		}
	}
	line.Sides.Base, line.Sides.Pool = j.endOf(p.BaseSide, line.Time), j.endOf(p.PoolSide, line.Time)
	return j.write(append(lines, line)...)
}

// sideLines are the lines of one side's round, if it had it.
func sideLines(p bench.Pair, s side, i int) []any {
	rounds := p.BaseSide.Rounds
	if s == poolSide {
		rounds = p.PoolSide.Rounds
	}
	if i >= len(rounds) {
		return nil
	}
	return linesOf(p.Cell, s, i, rounds[i])
}

func (j *Journal) endOf(r bench.Result, now time.Time) *cellLine {
	if len(r.Rounds) == 0 {
		return nil
	}
	line := cellLineOf(r, r.Warnings(j.head.Machine()), now)
	return &line
}

// pair is the pair of which these are the rounds.
func (l pairLine) pair(rounds map[side][]bench.Round) bench.Pair {
	p := bench.Pair{Cell: l.Fields.cell(), Base: l.Base}
	p.BaseSide.Cell, p.PoolSide.Cell = p.BaseCell(), p.Cell
	if l.Sides.Base != nil {
		p.BaseSide = l.Sides.Base.result(rounds[baseSide])
	}
	if l.Sides.Pool != nil {
		p.PoolSide = l.Sides.Pool.result(rounds[poolSide])
	}
	return p
}
