package figure

import (
	"fmt"
	"slices"

	"poolbench/bench"
	"poolbench/bench/internal/digits"
	"poolbench/bench/journal"
	"poolbench/bench/report/reference"
	"poolbench/bench/stats"
)

// references returns a figure of the mean time of a client, in the reference table
// and now, for each op.
func references(totals []journal.Total) []Figure {
	var figures []Figure
	for _, op := range bench.Ops() {
		of := published(totals, op)
		f := rowsOf(of)
		f.Name, f.Group = name(bench.Cell{}, "reference", string(op)), Reference
		f.Title = fmt.Sprintf("Mean time of a client, in the reference table and now: %s", op)
		f.X = Axis{Name: "mean time of a client", Unit: "s", Log: true}
		f.marked, f.void = "some failed", "nothing to compare"
		both, missing := 0, 0
		for _, pool := range poolsOf(of) {
			then, now := f.thenAndNow(of, pool)
			for i := range then.Points {
				if then.Points[i].Void == "" && now.Points[i].Void == "" {
					both++
				}
				if then.Points[i].Void != "" {
					missing++
				}
			}
			f.Series = append(f.Series, then, now)
		}
		if both == 0 {
			continue
		}
		f.Alt = fmt.Sprintf("%s. %s. Both have a time of %s.", f.Title, extremes(f.Series, "s"), digits.Count(both, "cell"))
		f.Note = notes(
			"the reference is of another program on another machine: compare how the times go from cell to cell, not how long they are",
			remark(missing > 0, fmt.Sprintf("%s without a time in the table that a transfer took", digits.Count(missing, "cell"))),
		)
		figures = append(figures, f)
	}
	return figures
}

// published are those of an op whose cell, of one pool at least, is in the table.
func published(totals []journal.Total, op bench.Op) []journal.Total {
	keys := map[bench.Cell]bool{}
	for _, r := range reference.Rows() {
		keys[anyPool(r.Cell)] = true
	}
	pools := map[string]bool{}
	for _, r := range reference.Rows() {
		pools[r.Cell.Pool] = true
	}
	return slices.DeleteFunc(slices.Clone(totals), func(t journal.Total) bool {
		key := anyPool(t.Cell)
		key.ClientPool = ""
		return t.Cell.Op != op || !keys[key] || !pools[t.Cell.Pool]
	})
}

// thenAndNow returns a point in each for every cell of a pool.
func (f Figure) thenAndNow(totals []journal.Total, pool string) (then, now Series) {
	then = Series{Name: pool + ", reference", Pool: pool, look: hollow}
	now = Series{Name: pool + ", now", Pool: pool, look: filled}
	for _, t := range totals {
		if t.Cell.Pool != pool {
			continue
		}
		row := rowName(t.Cell)
		at := Point{Y: float64(slices.Index(f.Y.Rows, row) + 1), Label: row}
		then.Points = append(then.Points, wasOf(t.Cell, at))
		now.Points = append(now.Points, isOf(t, at))
	}
	return then, now
}

// wasOf is the point of the table.
func wasOf(cell bench.Cell, at Point) Point {
	row, there := reference.Lookup(cell)
	switch {
	case !there:
		at.Void = "not in the table"
	case row.OK == 0:
		at.Void = fmt.Sprintf("all %s failed", digits.Count(row.Failed, "client"))
	case !row.Moved():
		at.Void = "the table counts a missing file as a success"
	default:
		at.X = row.Seconds
		at.Mark = failedOf(row.Failed, row.OK+row.Failed, "client")
	}
	return at
}

// isOf is the point of the run.
func isOf(t journal.Total, at Point) Point {
	ok, failed := t.Ops()
	mean, err := stats.Mean(latenciesOf(t))
	switch {
	case len(t.Rounds) == 0:
		at.Void = "not measured"
	case err != nil && ok > 0:
		at.Void = stoodStill
	case err != nil:
		at.Void = fmt.Sprintf("all %s failed", digits.Count(failed, "op"))
	default:
		at.X = mean
		at.Mark = failedOf(failed, ok+failed, "op")
	}
	return at
}

func failedOf(failed, all int, thing string) string {
	return remark(failed > 0, fmt.Sprintf("%d of %s failed", failed, digits.Count(all, thing)))
}
