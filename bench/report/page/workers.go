package page

import (
	"cmp"
	"fmt"
	"slices"

	"poolbench/bench/analysis"
	"poolbench/bench/internal/digits"
	"poolbench/bench/report"
)

// workersTable returns the table of how many workers are enough, with a row for each op and
// number of clients.
func workersTable(a *analysis.Analysis) plainTable {
	var numbers []int
	for _, w := range a.Workers {
		for _, l := range w.Levels {
			numbers = append(numbers, l.Workers)
		}
	}
	slices.Sort(numbers)
	numbers = slices.Compact(numbers)
	t := plainTable{
		Caption: "Throughput against the best number of workers, over volumes and pools, with its 95 % interval; wait: the median with enough workers",
		Columns: []column{{Head: "op", Word: true}, {Head: "clients"}, {Head: "enough"}},
	}
	for _, n := range numbers {
		t.Columns = append(t.Columns, column{Head: count(n, "worker")})
	}
	t.Columns = append(t.Columns, column{Head: "wait"})
	for _, w := range a.Workers {
		if len(w.Levels) < 2 {
			continue
		}
		fields := []string{string(w.Op), fmt.Sprint(w.Clients), howMany(w)}
		for _, n := range numbers {
			fields = append(fields, againstBest(w, n))
		}
		wait := none
		if ns := w.At().Wait; ns > 0 {
			wait = digits.Duration(ns)
		}
		t.Rows = append(t.Rows, plainRow{Fields: append(fields, wait)})
	}
	return t
}

// howMany returns how many workers are enough.
func howMany(w analysis.Workers) string {
	switch {
	case w.Enough == 0:
		return none
	case w.Certain:
		return fmt.Sprint(w.Enough)
	}
	return fmt.Sprintf("%d, probably", w.Enough)
}

// againstBest returns the throughput with a number of workers, against the best number.
func againstBest(w analysis.Workers, workers int) string {
	i := slices.IndexFunc(w.Levels, func(l analysis.Level) bool { return l.Workers == workers })
	switch {
	case i < 0:
		return none
	case w.Levels[i].Best:
		return "best"
	}
	e := w.Levels[i].Estimate
	text := cmp.Or(report.Change(e), "?")
	if interval := report.Interval(e); interval != "" {
		text += " (" + interval + ")"
	}
	return text
}

// workersIntro explains the table of workers.
func workersIntro(a *analysis.Analysis) string {
	within := "about as much as the best"
	if p := a.Head.Plan.Precision; p > 0 {
		within = fmt.Sprintf("within %s of the best", digits.Percent(p))
	}
	return fmt.Sprintf("Enough is the smallest number of workers whose throughput is estimated to be %s. It is marked “probably” as long as its interval reaches farther than that.", within)
}
