package report

import (
	"encoding/json"
	"io"
	"math"

	"poolbench/bench"
	"poolbench/bench/analysis"
)

// ratioJSON is an estimate without what is not there: all of it, or the interval.
type ratioJSON struct {
	Ratio *float64 `json:"ratio,omitempty"`
	Low   *float64 `json:"low,omitempty"`
	High  *float64 `json:"high,omitempty"`
}

func ratioOf(e analysis.Estimate) ratioJSON {
	return ratioJSON{positive(e.Ratio), positive(e.Lo), positive(e.Hi)}
}

// positive leaves out what is not known: 0 or infinite as the end of an interval.
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
	Axis   string   `json:"axis,omitempty"` // absent of an effect over all of an op
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
	Wait *float64 `json:"wait_s,omitempty"` // the median
}

type workersJSON struct {
	Op      bench.Op    `json:"op"`
	Clients int         `json:"clients"`
	Enough  int         `json:"enough,omitempty"`
	Certain bool        `json:"certain"`
	Levels  []levelJSON `json:"levels"`
}

type pointJSON struct {
	Place
	Base string `json:"base"`
	N    int    `json:"n"`
	ratioJSON
	P         *float64 `json:"p,omitempty"`
	StandsOut bool     `json:"stands_out"`
}

// JSON writes an object with the run's plan and environment, its verdict, effects,
// numbers of workers and points, and a Row for each planned cell. Ratios are of
// throughputs.
func JSON(w io.Writer, a *analysis.Analysis) error {
	report := struct {
		Commit      string            `json:"commit"`
		Environment map[string]string `json:"environment"`
		Flags       map[string]string `json:"flags"`
		Warnings    []bench.Warning   `json:"warnings,omitempty"`
		Verdict     []string          `json:"verdict"`
		Effects     []effectJSON      `json:"effects"`
		Workers     []workersJSON     `json:"workers"`
		Points      []pointJSON       `json:"points"`
		Cells       []Row             `json:"cells"`
	}{
		a.Head.Commit, a.Head.Environment, a.Head.Flags, a.Head.Warnings,
		append([]string{}, a.Verdict...), effectsJSON(a.Effects), allWorkersJSON(a.Workers), pointsJSON(a.Points), Rows(a),
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
		all[i] = pointJSON{Place: placeOf(p.Cell), Base: p.Base, N: p.N, ratioJSON: ratioOf(p.Estimate), StandsOut: p.StandsOut}
		if Known(p.Estimate) {
			all[i].P = &p.P
		}
	}
	return all
}
