package journal

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"poolbench/bench"
	"poolbench/bench/plan"
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

// Head is the first line of a run. Two runs without a [Head.Difference] are two parts of
// one run.
type Head struct {
	Kind   string    `json:"kind"`
	Schema int       `json:"schema"`
	Time   time.Time `json:"time"`
	// ID is part of the names that the run's uploads have on a server. A run that resumes
	// another has the other's.
	ID      string `json:"id,omitempty"`
	Plan    Plan   `json:"plan"`
	Commit  string `json:"commit"`  // as machine.Commit
	Program string `json:"program"` // as machine.Program
	// Environment describes this machine, by name.
	Environment map[string]string `json:"environment"`
	// Target describes a server that somebody else runs, by name. It is nil for our own.
	Target map[string]string `json:"target,omitempty"`
	Flags  map[string]string `json:"flags"` // all flags
	// Given holds the flags that the user gave, as words of a command that repeats the run.
	Given []string `json:"given,omitempty"`
	// Warnings are those of the whole run, known before its first visit.
	Warnings []bench.Warning `json:"warnings,omitempty"`
	// Resumes is set if this run continues the previous one.
	Resumes bool `json:"resumes,omitempty"`
}

// Machine returns what the head says about the machine.
func (h Head) Machine() bench.Machine {
	number := func(name string) int {
		n, _ := strconv.Atoi(h.Environment[name]) // 0 means unknown
		return n
	}
	quota, _ := strconv.ParseFloat(h.Environment["cpu-quota"], 64) // 0 means none
	return bench.Machine{
		CPUs: number("cpus"), Quota: quota, GOMAXPROCS: number("gomaxprocs"), ClientPool: bench.ClientPool(h.Flags["client-pool"]),
		Remote: h.Flags["target"] != "" && !slices.ContainsFunc(h.Warnings, func(w bench.Warning) bool { return w.Kind == bench.SharedCores }),
	}
}

// pace is the name in Config of what sets the pace.
const pace = "pace"

// TargetPrefix begins the names in Config of what is known about a target.
const TargetPrefix = "target "

// Config returns what may influence a run's values, by name: the machine, the target, what
// sets the pace, and the flags other than [plan.Paced]. Commit and program are left out.
func (h Head) Config() map[string]string {
	config := map[string]string{pace: "passes"}
	if h.Plan.Count > 0 {
		config[pace] = "one cell after the other"
	}
	maps.Copy(config, h.Environment)
	for name, value := range h.Target {
		config[TargetPrefix+name] = value
	}
	for name, value := range h.Plan.Flags {
		if plan.ClassOf(name) != plan.Paced {
			config["-"+name] = value
		}
	}
	return config
}

// Plan is what a run is to measure.
type Plan struct {
	Cells []bench.Cell `json:"cells"` // in the order of the matrix
	// Base is the pool that the others are compared with.
	Base string `json:"base"`
	// Count is the number of visits per cell if the testing package sets the pace; 0 for a
	// run of passes.
	Count int `json:"count,omitempty"`
	// Passes is the number of passes; 0 if Budget, the time of the run, decides.
	Passes int           `json:"passes,omitempty"`
	Budget time.Duration `json:"budget_ns,omitempty"`
	// Precision is the half-width of an interval, as a share, at which an answer is precise
	// enough.
	Precision float64 `json:"precision,omitempty"`
	// Flags are those that decide how cells are measured.
	Flags map[string]string `json:"flags"`
	Hash  string            `json:"hash"` // of all fields above
}

// Of returns the plan for cells, with its hash.
func (p Plan) Of(cells []bench.Cell) Plan {
	p.Cells, p.Hash = append([]bench.Cell{}, cells...), ""
	text, _ := json.Marshal(p) // cannot fail, and sorts maps
	p.Hash = fmt.Sprintf("%x", sha256.Sum256(text))
	return p
}

// Difference says how another run differs from this one, or returns "" if both have the
// same plan, measured in the same way by the same program in the same place.
func (h Head) Difference(other Head) string {
	var all []string
	if h.Plan.Hash != other.Plan.Hash {
		all = h.Plan.differences(other.Plan)
	}
	if h.Program != other.Program {
		all = append(all, fmt.Sprintf("the program was of commit %s and is another, of commit %s", h.Commit, other.Commit))
	}
	all = append(all, differences("", h.Environment, other.Environment)...)
	return strings.Join(append(all, differences("the target's ", h.Target, other.Target)...), "; ")
}

// differences names the flags in which two plans differ or, if there are none, what else
// differs.
func (p Plan) differences(other Plan) []string {
	flags := differences("-", p.Flags, other.Flags)
	switch {
	case flags != nil:
		return flags
	case p.Count != other.Count:
		return []string{fmt.Sprintf("it was to visit %s, and is to visit %s", p.times(), other.times())}
	}
	return []string{fmt.Sprintf("other cells were planned: %d, and now %d", len(p.Cells), len(other.Cells))}
}

// times says how cells are visited.
func (p Plan) times() string {
	if p.Count == 0 {
		return "each cell in passes"
	}
	return fmt.Sprintf("each cell %d times in a row", p.Count)
}

// differences says which named values differ.
func differences(prefix string, before, now map[string]string) []string {
	var all []string
	for _, name := range Differing(before, now) {
		all = append(all, fmt.Sprintf("%s%s was %q and is %q", prefix, name, before[name], now[name]))
	}
	return all
}

// Differing returns the names, sorted, whose values are not the same in all maps. A missing
// value is empty.
func Differing(values ...map[string]string) []string {
	differ := map[string]bool{}
	for _, one := range values {
		for name, value := range one {
			if slices.ContainsFunc(values, func(other map[string]string) bool { return other[name] != value }) {
				differ[name] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(differ))
}

// opLine is one op. OK is for readers that do not know that a reason means failure.
type opLine struct {
	Kind  string `json:"kind"`
	Cell  string `json:"cell"`
	Round int    `json:"round"` // from 0
	bench.Sample
	OK bool `json:"ok"`
}

// roundLine is a round, after its ops.
type roundLine struct {
	Kind   string `json:"kind"`
	Cell   string `json:"cell"`
	Number int    `json:"round"` // from 0
	bench.Round
}

// visitLine ends a visit. It repeats totals of the lines before it, for readers that do not
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
	// Warnings cover all rounds of the cell so far, including those of resumed runs: the
	// last line of a cell is the one to use.
	Warnings []bench.Warning `json:"warnings,omitempty"`
}

// linesOf returns the lines of a finished visit.
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

// endLine says how a run ended.
type endLine struct {
	Kind string    `json:"kind"`
	Time time.Time `json:"time"`
	// Why is empty if all of the plan was measured.
	Why string `json:"why,omitempty"`
}
