package page

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"poolbench/bench"
	"poolbench/bench/internal/digits"
	"poolbench/bench/journal"
	"poolbench/bench/stats"
)

// howManyWorkers says for each op, at the most clients, what the smallest number of
// workers is whose throughput reaches that of the best, going by the intervals.
func howManyWorkers(totals []journal.Total) string {
	clients := 0
	for _, t := range totals {
		clients = max(clients, t.Cell.Clients)
	}
	var parts []string
	for _, op := range bench.Ops() {
		if text := enoughFor(totals, op, clients); text != "" {
			parts = append(parts, text)
		}
	}
	if parts == nil {
		return "How many workers are enough this run cannot say: it takes two numbers of them, with at least " +
			fmt.Sprintf("%d rounds without a failure each.", stats.IntervalNeeds())
	}
	return fmt.Sprintf("For %s, as far as the intervals tell, %s.", count(clients, "client"), strings.Join(parts, "; "))
}

// reach is how many workers are enough in one line of cells that differ in nothing
// else.
type reach struct {
	cell       bench.Cell // with that number
	rate, best stats.Center
	bestOf     int // workers
}

func enoughFor(totals []journal.Total, op bench.Op, clients int) string {
	lines := map[bench.Cell][]journal.Total{}
	var order []bench.Cell
	for _, t := range totals {
		if t.Cell.Op != op || t.Cell.Clients != clients {
			continue
		}
		line := t.Cell
		line.Workers = 0
		if lines[line] == nil {
			order = append(order, line)
		}
		lines[line] = append(lines[line], t)
	}
	var reaches []reach
	for _, line := range order {
		if r, ok := reachOf(lines[line]); ok {
			reaches = append(reaches, r)
		}
	}
	if reaches == nil {
		return ""
	}
	byWorkers := func(a, b reach) int { return cmp.Compare(a.cell.Workers, b.cell.Workers) }
	least, r := slices.MinFunc(reaches, byWorkers), slices.MaxFunc(reaches, byWorkers)
	text := fmt.Sprintf("%ss reach with %s what the best number reaches", op, count(r.cell.Workers, "worker"))
	if least.cell.Workers < r.cell.Workers {
		text = fmt.Sprintf("%ss need %d to %s, by volume and pool, to reach what the best number reaches", op, least.cell.Workers, count(r.cell.Workers, "worker"))
	}
	text += fmt.Sprintf(" (%s, %s: %s", digits.Size(r.cell.Volume), r.cell.Pool, rate(r.rate))
	if r.bestOf == r.cell.Workers {
		text += ", which is best)"
	} else {
		text += fmt.Sprintf("; best with %d: %s)", r.bestOf, rate(r.best))
	}
	if out := len(order) - len(reaches); out > 0 {
		text += fmt.Sprintf(", where it is known: for %d of %d volumes and pools a number of workers has too few rounds without a failure", out, len(order))
	}
	return text
}

// reachOf finds the smallest number of workers whose interval reaches that of the
// best. It reports false if there are fewer than two numbers, or one without an
// interval, which may be the best.
func reachOf(line []journal.Total) (reach, bool) {
	var all []reach
	for _, t := range line {
		center, err := stats.Median(t.Throughputs())
		if err != nil || !center.Bounded() || t.Cell.Workers == 0 {
			return reach{}, false
		}
		all = append(all, reach{cell: t.Cell, rate: center})
	}
	if len(all) < 2 {
		return reach{}, false
	}
	best := slices.MaxFunc(all, func(a, b reach) int { return cmp.Compare(a.rate.Median, b.rate.Median) })
	slices.SortFunc(all, func(a, b reach) int { return cmp.Compare(a.cell.Workers, b.cell.Workers) })
	i := slices.IndexFunc(all, func(r reach) bool { return r.rate.Hi >= best.rate.Lo })
	r := all[i]
	r.best, r.bestOf = best.rate, best.cell.Workers
	return r, true
}

func rate(c stats.Center) string {
	return fmt.Sprintf("%s MB/s, %s … %s", digits.Of(c.Median/1e6), digits.Of(c.Lo/1e6), digits.Of(c.Hi/1e6))
}
