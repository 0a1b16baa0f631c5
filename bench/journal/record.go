package journal

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"poolbench/bench"
	"poolbench/fixtures"
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
	Commit  string    `json:"commit"`  // as bench.Commit
	Program string    `json:"program"` // as bench.Program
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
	Cells []cell `json:"cells"` // in their order
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
	p.Cells = []cell{}
	for _, c := range cells {
		p.Cells = append(p.Cells, cellOf(c))
	}
	p.Hash = ""
	text, _ := json.Marshal(p) // of strings and numbers, and maps come sorted
	p.Hash = fmt.Sprintf("%x", sha256.Sum256(text))
	return p
}

// Planned returns the cells.
func (p Plan) Planned() []bench.Cell {
	cells := make([]bench.Cell, len(p.Cells))
	for i, c := range p.Cells {
		cells[i] = c.cell()
	}
	return cells
}

// cell is a bench.Cell by its fields, so that nobody has to take names apart.
type cell struct {
	Op         bench.Op         `json:"op"`
	Volume     int64            `json:"volume_bytes"`
	Clients    int              `json:"clients"`
	Workers    int              `json:"workers,omitempty"`
	ClientPool bench.ClientPool `json:"client_pool,omitempty"`
	Pool       string           `json:"pool"`
}

func cellOf(c bench.Cell) cell {
	return cell{c.Op, int64(c.Volume), c.Clients, c.Workers, c.ClientPool, c.Pool}
}

func (c cell) cell() bench.Cell {
	return bench.Cell{Op: c.Op, Volume: fixtures.Size(c.Volume), Clients: c.Clients, Workers: c.Workers, ClientPool: c.ClientPool, Pool: c.Pool}
}

// opLine is a bench.Sample. Its times count from the round's starting gun.
type opLine struct {
	Kind      string        `json:"kind"`
	Cell      string        `json:"cell"`
	Round     int           `json:"round"` // from 0
	Client    int           `json:"client"`
	Scheduled time.Duration `json:"scheduled_ns"`
	Connected time.Duration `json:"connected_ns,omitempty"`
	Sent      time.Duration `json:"sent_ns,omitempty"`
	FirstByte time.Duration `json:"first_byte_ns,omitempty"`
	Done      time.Duration `json:"done_ns,omitempty"`
	Wire      int64         `json:"wire_bytes"`
	OK        bool          `json:"ok"`
	Reason    bench.Reason  `json:"reason,omitempty"`
	Detail    string        `json:"detail,omitempty"`
}

func opOf(cell string, round int, s bench.Sample) opLine {
	return opLine{
		Kind: kindOp, Cell: cell, Round: round, Client: s.Client, Scheduled: s.Scheduled, Connected: s.Connected,
		Sent: s.Sent, FirstByte: s.FirstByte, Done: s.Done, Wire: s.Wire, OK: s.OK(),
		Reason: s.Failure.Reason, Detail: s.Failure.Detail,
	}
}

func (l opLine) sample() bench.Sample {
	return bench.Sample{
		Client: l.Client, Scheduled: l.Scheduled, Connected: l.Connected, Sent: l.Sent, FirstByte: l.FirstByte,
		Done: l.Done, Wire: l.Wire, Failure: bench.Failure{Reason: l.Reason, Detail: l.Detail},
	}
}

// roundLine is a bench.Round without its samples.
type roundLine struct {
	Kind            string        `json:"kind"`
	Cell            string        `json:"cell"`
	Round           int           `json:"round"`
	Makespan        time.Duration `json:"makespan_ns"`
	LoadCPU         time.Duration `json:"load_cpu_ns"`
	ServerCPU       time.Duration `json:"server_cpu_ns"`
	Steal           time.Duration `json:"steal_ns"`
	Load1           float64       `json:"load_average_1min"`
	ContextSwitches int64         `json:"context_switches"`
	Stalled         time.Duration `json:"stalled_ns,omitempty"`
}

func roundOf(cell string, i int, r bench.Round) roundLine {
	return roundLine{
		Kind: kindRound, Cell: cell, Round: i, Makespan: r.Makespan, LoadCPU: r.LoadCPU, ServerCPU: r.ServerCPU,
		Steal: r.Machine.Steal, Load1: r.Machine.Load1, ContextSwitches: r.Machine.ContextSwitches, Stalled: r.Stalled,
	}
}

func (l roundLine) round(samples []bench.Sample) bench.Round {
	return bench.Round{
		Samples: samples, Makespan: l.Makespan, LoadCPU: l.LoadCPU, ServerCPU: l.ServerCPU,
		Machine: bench.MachineUse{Steal: l.Steal, Load1: l.Load1, ContextSwitches: l.ContextSwitches},
		Stalled: l.Stalled,
	}
}

// visitLine ends a visit.
type visitLine struct {
	Kind    string        `json:"kind"`
	Cell    string        `json:"cell"`
	Fields  cell          `json:"fields"`
	Time    time.Time     `json:"time"`
	Pass    int           `json:"pass,omitempty"`
	Number  int           `json:"server_number,omitempty"`
	Took    time.Duration `json:"took_ns"`
	Outcome bench.Outcome `json:"outcome"`
	Rounds  int           `json:"rounds"`
	OK      int           `json:"ok"`
	Failed  int           `json:"failed"`
	// Reasons counts the failed ops by reason and detail.
	Reasons      map[string]int `json:"reasons,omitempty"`
	WarmUpFailed int            `json:"warm_up_failed"`
	LoadPeak     int64          `json:"load_peak_bytes"`
	ServerPeak   int64          `json:"server_peak_bytes"`
	Server       *serverSide    `json:"server,omitempty"` // absent if it did not tell
	Notes        []string       `json:"notes,omitempty"`
	// Warnings are of all rounds of the cell in this run until now, and those that it
	// resumes: the last line of a cell has the ones that count.
	Warnings []bench.Warning `json:"warnings,omitempty"`
}

// serverSide is what the server told of a measurement.
type serverSide struct {
	Storage time.Duration `json:"storage_ns"`
	OK      int64         `json:"ok"`
	Failed  int64         `json:"failed"`
	// Reasons counts those that failed, in the server's words.
	Reasons map[string]int64 `json:"reasons,omitempty"`
}

func visitLineOf(r bench.Result, warnings []bench.Warning, now time.Time) visitLine {
	ok, failed := r.Ops()
	line := visitLine{
		Kind: kindVisit, Cell: r.Cell.String(), Fields: cellOf(r.Cell), Time: now, Pass: r.Pass, Number: r.Server, Took: r.Took, Outcome: r.Outcome(),
		Rounds: len(r.Rounds), OK: ok, Failed: failed, Reasons: map[string]int{}, WarmUpFailed: r.WarmUpFailed,
		LoadPeak: r.LoadPeak, ServerPeak: r.ServerPeak, Notes: r.Notes, Warnings: warnings,
	}
	for failure, n := range r.Failures() {
		line.Reasons[failure.String()] = n
	}
	if r.ServerTold {
		line.Server = &serverSide{r.StorageTime, r.ServerOK, r.ServerFailed, r.ServerReasons}
	}
	return line
}

func (l visitLine) result(rounds []bench.Round) bench.Result {
	r := bench.Result{
		Cell: l.Fields.cell(), Pass: l.Pass, Server: l.Number, Took: l.Took, Rounds: rounds, WarmUpFailed: l.WarmUpFailed,
		LoadPeak: l.LoadPeak, ServerPeak: l.ServerPeak, Notes: l.Notes,
	}
	if l.Server != nil {
		r.ServerTold = true
		r.StorageTime, r.ServerOK, r.ServerFailed, r.ServerReasons = l.Server.Storage, l.Server.OK, l.Server.Failed, l.Server.Reasons
	}
	return r
}

// endLine is how a run ended.
type endLine struct {
	Kind string    `json:"kind"`
	Time time.Time `json:"time"`
	// Why is empty if everything was done that was planned.
	Why string `json:"why,omitempty"`
}
