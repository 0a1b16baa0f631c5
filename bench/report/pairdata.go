package report

import (
	"encoding/csv"
	"io"
	"strconv"
	"strings"

	"poolbench/bench"
	"poolbench/bench/journal"
)

// PairRow is a pair as programs read it. What was not measured is absent.
type PairRow struct {
	Cell        string           `json:"cell"`
	Base        string           `json:"base"`
	Op          bench.Op         `json:"op"`
	VolumeBytes int64            `json:"volume_bytes"` // of the data before Base64
	Clients     int              `json:"clients"`
	Workers     int              `json:"workers"`
	ClientPool  bench.ClientPool `json:"client_pool,omitempty"`
	Pool        string           `json:"pool"`
	Outcome     bench.Outcome    `json:"outcome"`
	Why         string           `json:"why,omitempty"` // it was skipped
	Rounds      int              `json:"rounds"`        // pairs of them
	Compared    int              `json:"compared"`      // those without a failure
	OK          int              `json:"ok"`            // ops of both sides
	Failed      int              `json:"failed"`
	// Reasons counts the failed ops of either side, by its name.
	Reasons map[string]map[string]int `json:"reasons,omitempty"`
	// BaseMakespan and Makespan are medians, in seconds, of the pairs of rounds
	// without a failure; Ratio is the pool's throughput by the base's.
	BaseMakespan *float64 `json:"base_makespan_s,omitempty"`
	Makespan     *float64 `json:"makespan_s,omitempty"`
	Ratio        *float64 `json:"ratio,omitempty"`
	Lo           *float64 `json:"ratio_lo,omitempty"`
	Hi           *float64 `json:"ratio_hi,omitempty"`
	PHolm        *float64 `json:"p_holm,omitempty"`
	Floor        *float64 `json:"floor,omitempty"` // a factor
	// Verdict is a word for programs, Says the same for people.
	Verdict bench.Verdict `json:"verdict,omitempty"`
	Says    string        `json:"says,omitempty"`
	Notes   []string      `json:"notes,omitempty"`
	// Warnings are those of either side.
	Warnings []bench.Warning `json:"warnings,omitempty"`
}

func pairRowOf(run journal.Run, c comparison) PairRow {
	ok, failed := c.Ops()
	row := PairRow{
		Cell: c.Cell.String(), Base: c.Base, Op: c.Cell.Op, VolumeBytes: int64(c.Cell.Volume), Clients: c.Cell.Clients, Workers: c.Cell.Workers,
		ClientPool: c.Cell.ClientPool, Pool: c.Cell.Pool, Outcome: c.Outcome(), Rounds: c.Rounds(), Compared: c.N, OK: ok, Failed: failed,
		Reasons: map[string]map[string]int{}, Warnings: c.warnings,
	}
	if row.Outcome == bench.Skipped {
		row.Why = WhyNot(run)
		return row
	}
	row.Verdict, row.Says = c.Verdict(), c.verdict()
	for i, side := range c.Sides() {
		name := []string{"base", "pool"}[i]
		for failure, n := range side.Failures() {
			if row.Reasons[name] == nil {
				row.Reasons[name] = map[string]int{}
			}
			row.Reasons[name][failure.String()] = n
		}
		for _, note := range summaryOf(side).notes() {
			row.Notes = append(row.Notes, sideName(c.Pair, i)+": "+note)
		}
	}
	if c.N > 0 {
		row.BaseMakespan, row.Makespan, row.Ratio = seconds(c.base.Median), seconds(c.pool.Median), &c.Ratio
	}
	if c.Bounded() {
		row.Lo, row.Hi = &c.Lo, &c.Hi
	}
	if c.N > 0 && !c.Same() {
		row.PHolm = &c.PHolm
	}
	if c.Floor > 0 {
		row.Floor = &c.Floor
	}
	return row
}

// PairRows returns a row for each planned pair, in the order of the plan.
func PairRows(run journal.Run) []PairRow {
	var rows []PairRow
	for _, c := range compare(run) {
		rows = append(rows, pairRowOf(run, c))
	}
	return rows
}

// PairsCSV writes a line for each planned pair, with a head, as CSV does for each
// cell.
func PairsCSV(w io.Writer, run journal.Run) error {
	c := csv.NewWriter(w)
	_ = c.Write([]string{"op", "volume_bytes", "clients", "workers", "client_pool", "pool", "base", "outcome", "why", "rounds", "compared", "ok", "failed",
		"base_makespan_s", "makespan_s", "ratio", "ratio_lo", "ratio_hi", "p_holm", "floor", "verdict", "says", "reasons"}) // Flush has its error
	for _, p := range compare(run) {
		r := pairRowOf(run, p)
		var reasons []string
		for i, side := range p.Sides() {
			for _, reason := range side.Reasons() {
				reasons = append(reasons, sideName(p.Pair, i)+": "+reason)
			}
		}
		_ = c.Write([]string{string(r.Op), strconv.FormatInt(r.VolumeBytes, 10), strconv.Itoa(r.Clients), strconv.Itoa(r.Workers),
			string(r.ClientPool), r.Pool, r.Base, string(r.Outcome), r.Why, strconv.Itoa(r.Rounds), strconv.Itoa(r.Compared),
			strconv.Itoa(r.OK), strconv.Itoa(r.Failed), pointed(r.BaseMakespan), pointed(r.Makespan), pointed(r.Ratio),
			pointed(r.Lo), pointed(r.Hi), pointed(r.PHolm), pointed(r.Floor), string(r.Verdict), r.Says, strings.Join(reasons, "; ")})
	}
	c.Flush()
	return c.Error()
}
