package compare

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"poolbench/bench/internal/digits"
	"poolbench/bench/journal"
	"poolbench/bench/stats"
)

// Status is the decision of a gate, as an exit status.
type Status int

// The statuses. Mismatch takes precedence over all others, because nothing follows from
// inputs that do not match. Regressed takes precedence over TooLittle, because a regression
// that is shown stands.
const (
	Passed    Status = 0
	Regressed Status = 3
	TooLittle Status = 4 // too few values to find any regression
	Mismatch  Status = 5 // the inputs are not of the same thing
)

// GateOptions configure a gate.
type GateOptions struct {
	// MaxRegression is how much longer the same work may take, as a share: 0.1 is a tenth.
	// A rate that falls to 1/1.1 also counts as worse by 0.1.
	MaxRegression float64
	Units         []string // nil means ns/op
	Paired        bool
}

// Verdict is the decision of a gate and the reasons.
type Verdict struct {
	Status Status
	Lines  []string // for the log; the last sums up
	// Regressions is the number of cells × units that are significantly worse by more than
	// allowed. Compared is how many were compared.
	Regressions, Compared int
}

func (v *Verdict) say(format string, args ...any) {
	v.Lines = append(v.Lines, fmt.Sprintf(format, args...))
}

// Gate decides whether NEW is worse than BASE.
//
// It is Regressed if a unit of a cell is [Worse], with all cells × units of the gate as the
// family of [stats.Holm], and the estimate is worse by more than the limit; or if a cell
// has more failed ops per round than before, which needs no statistics; or if a cell that
// had values has none. The geometric mean of all cells is one more row. It is TooLittle if
// a cell has so few values that even the clearest difference in that cell alone would not
// be significant. Passed means that no regression was shown, not that there is none.
func Gate(base, next *Input, o GateOptions) (Verdict, error) {
	if o.Units == nil {
		o.Units = []string{"ns/op"}
	}
	if differ := mismatches(base, next); len(differ) > 0 {
		return mismatched(differ...), nil
	}
	if err := directed(base, next, o.Units); err != nil {
		return Verdict{}, err
	}
	t, err := compare(base, next, Options{o.Units, o.Paired})
	var mismatch *MismatchError
	if errors.As(err, &mismatch) {
		return mismatched(mismatch.Msg), nil
	}
	if err != nil {
		return Verdict{}, err
	}
	v := Verdict{Compared: len(t.Rows)}
	v.say("gate: %s × %s, BASE %s, NEW %s, limit %s", digits.Count(len(base.cells), "cell"), strings.Join(o.Units, ", "), base.Path, next.Path, percent(o.MaxRegression))
	v.regressions(t, o.MaxRegression)
	failing, gone := v.failures(t), v.gone(t)
	if v.Regressions+failing+gone > 0 {
		v.Status = Regressed
		v.say("regressed: %d of %d compared worse by more than %s, significant at %v after Holm; %d with more failed ops; %d without values",
			v.Regressions, v.Compared, percent(o.MaxRegression), stats.Alpha, failing, gone)
		return v, nil
	}
	v.quiet(t, o.MaxRegression)
	return v, nil
}

// mismatched is the verdict about inputs that are different things.
func mismatched(why ...string) Verdict {
	v := Verdict{Status: Mismatch}
	for _, reason := range why {
		v.say("mismatch: %s", reason)
	}
	v.say("not compared: BASE and NEW are not of the same thing")
	return v
}

// mismatches says what makes the inputs different things.
func mismatches(base, next *Input) []string {
	if mismatch := kinds(base, next); mismatch != nil {
		return []string{mismatch.Msg}
	}
	var all []string
	for _, d := range differences(base, next) {
		if d.Name != journal.TargetPrefix+"version" { // which may be what is gated, as a commit may
			all = append(all, d.String())
		}
	}
	return append(all, alone(missing(base, next), missing(next, base))...)
}

// directed returns an error if neither input says which direction of a unit is worse.
func directed(base, next *Input, units []string) error {
	for _, unit := range units {
		if known(base, next, unit) && better(base, next, unit) == 0 {
			return fmt.Errorf("compare: neither input says which way %s is better: add a line \"Unit %s better=lower\" to NEW, or better=higher", unit, unit)
		}
	}
	return nil
}

// known reports whether either input has a value of a unit.
func known(base, next *Input, unit string) bool {
	return slices.Contains(base.units, unit) || slices.Contains(next.units, unit)
}

// quiet concludes that no regression was shown, or that none could have been.
func (v *Verdict) quiet(t *Table, limit float64) {
	few, all := v.few(t)
	unknown := slices.DeleteFunc(slices.Clone(t.Units), func(unit string) bool { return known(t.Base, t.New, unit) })
	switch {
	case len(unknown) > 0:
		v.Status = TooLittle
		v.say("not enough data: there is nothing to compare: neither input has a value of %s; BASE has %s", strings.Join(unknown, ", "), strings.Join(t.Base.units, ", "))
	case few > 0:
		v.Status = TooLittle
		v.say("not enough data: %d of %d could not have been significant at %v after Holm, whatever the difference; %d %s on either side suffice",
			few, all, stats.Alpha, valuesNeeded(all, t.Paired), t.New.Kind)
	default:
		farthest := slices.MaxFunc(t.Rows, func(a, b Row) int { return cmp.Compare(a.slowdown(), b.slowdown()) })
		v.say("passed: none of %d compared is shown to be worse by more than %s; the farthest is %s: %s", all, percent(limit), farthest.Cell, farthest)
	}
}

// regressions notes the rows that are significantly worse, and counts those beyond the
// limit.
func (v *Verdict) regressions(t *Table, limit float64) {
	for _, r := range t.Rows {
		if r.Word != Worse {
			continue
		}
		kind := "within the limit"
		if !(r.slowdown()-1 <= limit) {
			kind = "regression"
			v.Regressions++
		}
		v.say("%s: %s: %s", kind, r.Cell, r)
	}
}

// failures counts the cells with more failed ops than before.
func (v *Verdict) failures(t *Table) int {
	const unit = "fail/op"
	n := 0
	for _, c := range t.Base.cells {
		was, err := stats.Mean(c.of(unit))
		is, err2 := stats.Mean(t.New.find(c.name).of(unit))
		if err == nil && err2 == nil && is > was {
			v.say("failures: %s: %s failed ops per round in BASE, %s in NEW", c.name, number(was, unit), number(is, unit))
			n++
		}
	}
	return n
}

// gone counts the cells × units that no longer have values.
func (v *Verdict) gone(t *Table) int {
	n := 0
	for _, a := range t.Absent {
		switch {
		case a.New > 0:
			continue
		case a.NewN == 0:
			v.say("gone: %s: %s has %d values in BASE, and NEW has skipped the cell", a.Cell, a.Unit, a.Base)
		default:
			v.say("gone: %s: %s has %d values in BASE, and none of the %d %s of NEW has one", a.Cell, a.Unit, a.Base, a.NewN, t.New.Kind)
		}
		n++
	}
	return n
}

// few counts the cells × units with too few values to find anything, out of all that should
// have values.
func (v *Verdict) few(t *Table) (few, all int) {
	all = len(t.Rows)
	for _, a := range t.Absent {
		if a.New > 0 {
			v.say("too few: %s: %v", a.Cell, a)
			few++
			all++
		}
	}
	for _, r := range t.Rows {
		if r.Cell != allCells && !stats.Claimable(r.minP, all, stats.Alpha) {
			v.say("too few: %s: %s: %d and %d %s", r.Cell, r.Unit, r.Base.N, r.New.N, t.New.Kind)
			few++
		}
	}
	return few, all
}

// valuesNeeded returns how many values per side could show a difference in one of this many
// rows.
func valuesNeeded(rows int, paired bool) int {
	n := 1
	for !stats.Claimable(minP(n, n, paired), rows, stats.Alpha) {
		n++
	}
	return n
}

// String formats a row for a log.
func (r Row) String() string {
	if r.Word == Equal {
		return fmt.Sprintf("%s %s in all of %d and %d values", r.Unit, number(r.Base.Median, r.Unit), r.Base.N, r.New.N)
	}
	text := fmt.Sprintf("%s %s → %s", r.Unit, number(r.Base.Median, r.Unit), number(r.New.Median, r.Unit))
	if _, ok := r.Ratio(); ok {
		text += fmt.Sprintf(", %s (%s %s)", changeOf(r), intervalName, interval(r.Change))
	}
	if r.Better > 0 {
		text += ", which is " + percent(r.slowdown()-1) + " longer"
	}
	return fmt.Sprintf("%s, p %s after Holm, %d and %d values", text, probability(r.Holm, r), r.Base.N, r.New.N)
}
