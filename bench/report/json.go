package report

import (
	"encoding/json"
	"io"
	"math"
	"time"

	"poolbench/bench"
	"poolbench/bench/analysis"
)

// placeJSON is a cell by its name and by its values.
type placeJSON struct {
	Name string `json:"cell"`
	bench.Cell
}

func placeOf(c bench.Cell) placeJSON { return placeJSON{c.String(), c} }

// cellJSON holds what was measured at a cell. What was not measured is absent.
type cellJSON struct {
	placeJSON
	Folders []string       `json:"folders,omitempty"` // of the joined runs that visited it
	Outcome bench.Outcome  `json:"outcome"`
	Why     string         `json:"why,omitempty"` // why it was skipped
	Rounds  int            `json:"rounds"`
	OK      int            `json:"ok"`
	Failed  int            `json:"failed"`
	Reasons map[string]int `json:"reasons,omitempty"`
	// Makespan is the median of the whole rounds, with its interval.
	Makespan *float64 `json:"makespan_s,omitempty"`
	Lo       *float64 `json:"makespan_lo_s,omitempty"`
	Hi       *float64 `json:"makespan_hi_s,omitempty"`
	// Mean, StdDev and Outliers are of the same rounds. Outliers is the number of rounds
	// outside Tukey's fences, which are included in every number.
	Mean     *float64 `json:"makespan_mean_s,omitempty"`
	StdDev   *float64 `json:"makespan_stddev_s,omitempty"` // needs two rounds
	Outliers int      `json:"outliers,omitempty"`
	// Metrics has the values of the benchmark line by their units.
	Metrics map[string]float64 `json:"metrics,omitempty"`
	// The transfers that the server counted, and its reasons for those that failed.
	ServerOK      *int64           `json:"server_ok,omitempty"`
	ServerFailed  *int64           `json:"server_failed,omitempty"`
	ServerReasons map[string]int64 `json:"server_reasons,omitempty"`
	Notes         []string         `json:"notes,omitempty"`
	Warnings      []bench.Warning  `json:"warnings,omitempty"`
	Limit         analysis.Limit   `json:"limit,omitzero"`
}

func cellOf(a *analysis.Analysis, s analysis.Summary) cellJSON {
	ok, failed := s.Ops()
	row := cellJSON{
		placeJSON: placeOf(s.Cell), Folders: a.Dirs(s.Cell), Outcome: s.Outcome(), Rounds: len(s.Rounds), OK: ok, Failed: failed,
		Reasons: map[string]int{}, Metrics: map[string]float64{}, Notes: s.Remarks(), Warnings: s.Warned, Limit: s.Limit,
	}
	if row.Outcome == bench.Skipped {
		row.Why = a.WhyNot(s.Cell)
	}
	for failure, n := range s.Failures() {
		row.Reasons[failure.String()] = n
	}
	for unit, value := range s.Values {
		if unit != "ns/op" { // the mean makespan, which has a field of its own
			row.Metrics[unit] = value
		}
	}
	if s.Makespan.N > 0 {
		row.Makespan, row.Mean = seconds(s.Makespan.Median), seconds(s.Makespan.Mean)
		row.Outliers = len(s.Makespan.Outliers)
		if s.Makespan.N > 1 {
			row.StdDev = seconds(s.Makespan.StdDev)
		}
		if s.Makespan.Bounded() {
			row.Lo, row.Hi = seconds(s.Makespan.Lo), seconds(s.Makespan.Hi)
		}
	}
	if s.ServerTold() {
		row.ServerOK, row.ServerFailed, row.ServerReasons = &s.Told.OK, &s.Told.Failed, s.Told.Reasons
	}
	return row
}

func seconds(ns float64) *float64 {
	s := ns / 1e9
	return &s
}

// ratioJSON is an estimate. What is not known of it is absent.
type ratioJSON struct {
	Ratio *float64 `json:"ratio,omitempty"`
	Low   *float64 `json:"low,omitempty"`
	High  *float64 `json:"high,omitempty"`
}

func ratioOf(e analysis.Estimate) ratioJSON {
	return ratioJSON{positive(e.Ratio), positive(e.Lo), positive(e.Hi)}
}

// positive returns nil for a value that is not known, such as an end of an interval that is
// 0 or infinite.
func positive(value float64) *float64 {
	if value > 0 && !math.IsInf(value, 1) {
		return &value
	}
	return nil
}

type effectJSON struct {
	Op     bench.Op `json:"op"`
	Pool   string   `json:"pool"`
	Base   string   `json:"base"`
	Axis   string   `json:"axis,omitempty"` // absent for a whole op
	Level  string   `json:"level,omitempty"`
	Points int      `json:"points"`
	Passes int      `json:"passes"`
	N      int      `json:"n"`
	ratioJSON
	StandsOut bool `json:"stands_out"`
}

type levelJSON struct {
	Workers int `json:"workers"`
	ratioJSON
	Best bool     `json:"best"`
	Wait *float64 `json:"wait_s,omitempty"` // median
}

type workersJSON struct {
	Op      bench.Op    `json:"op"`
	Clients int         `json:"clients"`
	Enough  int         `json:"enough,omitempty"`
	Certain bool        `json:"certain"`
	Levels  []levelJSON `json:"levels"`
}

type pointJSON struct {
	placeJSON
	Base string `json:"base"`
	N    int    `json:"n"`
	ratioJSON
	P         *float64 `json:"p,omitempty"`
	StandsOut bool     `json:"stands_out"`
}

// runJSON is one of the runs that a report joins.
type runJSON struct {
	Folder  string    `json:"folder"`
	Time    time.Time `json:"time"`
	Commit  string    `json:"commit"`
	Program string    `json:"program"`
	// Unfinished says why not all of its plan was measured.
	Unfinished string   `json:"unfinished,omitempty"`
	Cells      int      `json:"cells"`
	Visits     int      `json:"visits"`
	Passes     int      `json:"passes"`
	Differs    []string `json:"differs,omitempty"` // as name=value, from other runs
	// Given are the flags of the run, as they were given.
	Given []string `json:"given,omitempty"`
}

func runsJSON(a *analysis.Analysis) []runJSON {
	var all []runJSON
	for i, p := range a.Parts {
		h := p.Head
		all = append(all, runJSON{p.Dir, h.Time, h.Commit, h.Program, p.Unfinished(), len(h.Plan.Cells), len(p.Results), a.Wholes[i], p.Differs, h.Given})
	}
	return all
}

// JSON writes one object: the run's environment and flags, its verdict, effects, numbers of
// workers and points, and each planned cell. Of joined runs it has what they have in common,
// and a list. All ratios are of throughputs.
func JSON(w io.Writer, a *analysis.Analysis) error {
	report := struct {
		Runs        []runJSON         `json:"runs,omitempty"`
		Commit      string            `json:"commit"`
		Environment map[string]string `json:"environment"`
		Target      map[string]string `json:"target,omitempty"`
		Flags       map[string]string `json:"flags"`
		Warnings    []bench.Warning   `json:"warnings,omitempty"`
		Verdict     []string          `json:"verdict"`
		Effects     []effectJSON      `json:"effects"`
		Workers     []workersJSON     `json:"workers"`
		Points      []pointJSON       `json:"points"`
		Cells       []cellJSON        `json:"cells"`
	}{
		runsJSON(a), a.Head.Commit, a.Head.Environment, a.Head.Target, a.Head.Flags, a.Head.Warnings,
		append([]string{}, a.Verdict...), effectsJSON(a.Effects), allWorkersJSON(a.Workers), pointsJSON(a.Points), cellsJSON(a),
	}
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", "  ")
	return encoder.Encode(report)
}

func effectsJSON(effects []analysis.Effect) []effectJSON {
	all := make([]effectJSON, len(effects))
	for i, e := range effects {
		all[i] = effectJSON{e.Op, e.Pool, e.Base, e.Axis, e.Level, e.Points, e.Passes, e.N, ratioOf(e.Estimate), e.StandsOut}
	}
	return all
}

func allWorkersJSON(workers []analysis.Workers) []workersJSON {
	all := make([]workersJSON, len(workers))
	for i, w := range workers {
		all[i] = workersJSON{w.Op, w.Clients, w.Enough, w.Certain, make([]levelJSON, len(w.Levels))}
		for j, l := range w.Levels {
			all[i].Levels[j] = levelJSON{l.Workers, ratioOf(l.Estimate), l.Best, positive(l.Wait / 1e9)}
		}
	}
	return all
}

func pointsJSON(points []analysis.Point) []pointJSON {
	all := make([]pointJSON, len(points))
	for i, p := range points {
		all[i] = pointJSON{placeJSON: placeOf(p.Cell), Base: p.Base, N: p.N, ratioJSON: ratioOf(p.Estimate), StandsOut: p.StandsOut}
		if Known(p.Estimate) {
			all[i].P = &p.P
		}
	}
	return all
}

func cellsJSON(a *analysis.Analysis) []cellJSON {
	all := []cellJSON{}
	for _, s := range a.Summaries() {
		all = append(all, cellOf(a, s))
	}
	return all
}
