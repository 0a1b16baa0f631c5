package journal

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"poolbench/bench"
)

// Schema is the version of the format.
const Schema = 2

// The kinds of lines.
const (
	kindRun   = "run"
	kindOp    = "op"
	kindRound = "round"
	kindVisit = "visit"
	kindEnd   = "end"
)

// Head is the first line of a run. Two runs whose heads have no Difference are
// one run in two parts.
type Head struct {
	Kind    string    `json:"kind"`
	Schema  int       `json:"schema"`
	Time    time.Time `json:"time"`
	Plan    Plan      `json:"plan"`
	Commit  string    `json:"commit"`  // as machine.Commit
	Program string    `json:"program"` // as machine.Program
	// Environment is where it ran, by name.
	Environment map[string]string `json:"environment"`
	Flags       map[string]string `json:"flags"` // all there are
	// Given are the flags that the user gave, as words of a command: those that make
	// the same run again.
	Given []string `json:"given,omitempty"`
	// Warnings are those of the whole run, found before its first cell.
	Warnings []bench.Warning `json:"warnings,omitempty"`
	// Resumes says that this run goes on with the one before.
	Resumes bool `json:"resumes,omitempty"`
}

// Machine is where the run was, as far as the head tells.
func (h Head) Machine() bench.Machine {
	number := func(name string) int {
		n, _ := strconv.Atoi(h.Environment[name]) // 0 is not known
		return n
	}
	return bench.Machine{
		CPUs: number("cpus"), GOMAXPROCS: number("gomaxprocs"), ClientPool: bench.ClientPool(h.Flags["client-pool"]),
	}
}

// Plan is what a run is to measure.
type Plan struct {
	Cells []bench.Cell `json:"cells"` // in their order
	// Base is the pool that the others are compared with.
	Base string `json:"base"`
	// Count is how often each cell is visited, one cell after the other, if the
	// testing package says so; 0 for a run of passes.
	Count int `json:"count,omitempty"`
	// Passes is the number of passes; 0 if Budget decides, which is the time that
	// the run may take.
	Passes int           `json:"passes,omitempty"`
	Budget time.Duration `json:"budget_ns,omitempty"`
	// Precision is the half-width, as a share, at which an answer is precise enough.
	Precision float64 `json:"precision,omitempty"`
	// Flags are those that have a say in how the cells are measured.
	Flags map[string]string `json:"flags"`
	Hash  string            `json:"hash"` // of all the above
}

// Of returns the plan for cells, with its hash.
func (p Plan) Of(cells []bench.Cell) Plan {
	p.Cells, p.Hash = append([]bench.Cell{}, cells...), ""
	text, _ := json.Marshal(p) // of strings and numbers, and maps come sorted
	p.Hash = fmt.Sprintf("%x", sha256.Sum256(text))
	return p
}

// opLine is one op. OK is for readers that do not know that a reason is of a failure.
type opLine struct {
	Kind  string `json:"kind"`
	Cell  string `json:"cell"`
	Round int    `json:"round"` // from 0
	bench.Sample
	OK bool `json:"ok"`
}

// roundLine is a round, behind its ops.
type roundLine struct {
	Kind   string `json:"kind"`
	Cell   string `json:"cell"`
	Number int    `json:"round"` // from 0
	bench.Round
}

// visitLine ends a visit. It has totals of the lines before it, for readers that do not
// want to count.
type visitLine struct {
	Kind string    `json:"kind"`
	Name string    `json:"cell"`
	Time time.Time `json:"time"`
	bench.Result
	Outcome bench.Outcome `json:"outcome"`
	Rounds  int           `json:"rounds"`
	OK      int           `json:"ok"`
	Failed  int           `json:"failed"`
	// Reasons counts the failed ops by reason and detail.
	Reasons map[string]int `json:"reasons,omitempty"`
	// Warnings are of all rounds of the cell in this run until now, and those that it
	// resumes: the last line of a cell has the ones that count.
	Warnings []bench.Warning `json:"warnings,omitempty"`
}

// linesOf returns the lines of a visit that has just ended.
func linesOf(r bench.Result, warnings []bench.Warning) []any {
	var lines []any
	name := r.Cell.String()
	for i, round := range r.Rounds {
		for _, sample := range round.Samples {
			lines = append(lines, opLine{kindOp, name, i, sample, sample.OK()})
		}
		lines = append(lines, roundLine{kindRound, name, i, round})
	}
	ok, failed := r.Ops()
	end := visitLine{
		Kind: kindVisit, Name: name, Time: time.Now(), Result: r, Outcome: r.Outcome(),
		Rounds: len(r.Rounds), OK: ok, Failed: failed, Reasons: map[string]int{}, Warnings: warnings,
	}
	for failure, n := range r.Failures() {
		end.Reasons[failure.String()] = n
	}
	return append(lines, end)
}

// endLine is how a run ended.
type endLine struct {
	Kind string    `json:"kind"`
	Time time.Time `json:"time"`
	// Why is empty if everything was done that was planned.
	Why string `json:"why,omitempty"`
}
