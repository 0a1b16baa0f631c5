package journal

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"poolbench/bench"
)

// Part is one of several runs that were joined.
type Part struct {
	Dir string
	Run
	// Differs names what may influence values and is not the same in all parts, as
	// name=value.
	Differs []string

	passes, servers int // numbers of those in the parts before
}

// ReadAll reads the last run in each folder, and joins them if there are several. It is an
// error if two have the same run: a folder was named twice, or copied.
func ReadAll(dirs ...string) (Run, error) {
	var parts []Part
	for _, dir := range dirs {
		run, err := Read(dir)
		if err != nil {
			return Run{}, err
		}
		same := func(p Part) bool { return p.Head.Time.Equal(run.Head.Time) && p.Head.Plan.Hash == run.Head.Plan.Hash }
		if i := slices.IndexFunc(parts, same); i >= 0 {
			return Run{}, fmt.Errorf("journal: %s and %s have the same run", parts[i].Dir, dir)
		}
		parts = append(parts, Part{Dir: dir, Run: run})
	}
	return Join(parts...)
}

// Join joins runs into one with the cells and the visits of all. A single one stays as it
// is. No two parts have a pass or a server in common, so that nothing compares visits of
// different runs as if they had been made next to each other.
//
// It is an error if a table of all cells could not say what its rows have in common: if the
// runs are of different machines, or differ in how they measured. It is also one if they
// visited the same cell and differ in anything that may influence its values.
func Join(parts ...Part) (Run, error) {
	if len(parts) == 1 {
		return parts[0].Run, nil
	}
	if err := errors.Join(matching(parts), overlapping(parts)); err != nil {
		return Run{}, err
	}
	parts = slices.Clone(parts)
	tellApart(parts)
	all := Run{Ended: true}
	passes, servers := 0, 0
	var why []string
	for i := range parts {
		p := &parts[i]
		p.passes, p.servers = passes, servers
		results := p.Counted(p.Results)
		for _, r := range results {
			passes, servers = max(passes, r.Pass), max(servers, r.Server)
		}
		all.Results = append(all.Results, results...)
		if reason := p.Unfinished(); reason != "" {
			why = append(why, p.Dir+": "+reason)
		}
	}
	all.Parts, all.Why, all.Head = parts, strings.Join(why, "; "), headOf(parts)
	return all, nil
}

// Counted returns results of the part with the numbers of passes and servers that they have
// in the whole.
func (p Part) Counted(results []bench.Result) []bench.Result {
	counted := slices.Clone(results)
	for i := range counted {
		if r := &counted[i]; r.Pass > 0 {
			r.Pass += p.passes
		}
		if r := &counted[i]; r.Server > 0 {
			r.Server += p.servers
		}
	}
	return counted
}

// Dirs returns the folders of the parts that visited a cell.
func (r Run) Dirs(cell bench.Cell) []string {
	var dirs []string
	for _, p := range r.Parts {
		if p.visited(cell) {
			dirs = append(dirs, p.Dir)
		}
	}
	return dirs
}

// WhyNot returns why a planned cell was not measured.
func (r Run) WhyNot(cell bench.Cell) string {
	if r.Parts == nil {
		return cmp.Or(r.Unfinished(), "the run ended before it")
	}
	var all []string
	for _, p := range r.Parts {
		if slices.Contains(p.Head.Plan.Cells, cell) {
			all = append(all, p.Dir+": "+p.Run.WhyNot(cell))
		}
	}
	return strings.Join(all, "; ")
}

func (r Run) visited(cell bench.Cell) bool {
	return slices.ContainsFunc(r.Results, func(result bench.Result) bool { return result.Cell == cell })
}

// matching returns an error if parts differ in what holds for every row of a table.
func matching(parts []Part) error {
	first := parts[0]
	for _, p := range parts[1:] {
		differ := slices.DeleteFunc(Differing(first.Head.Config(), p.Head.Config()), func(name string) bool { return !common(name) })
		if len(differ) > 0 {
			return fmt.Errorf("journal: one report cannot hold %s", unlike(first, p, differ))
		}
	}
	return nil
}

// common reports whether a part of the configuration has to be the same in all parts: what
// makes another machine, and the flags that decide how a cell is measured. The flags that
// select cells are in the cells' names, and those that say which servers there are, and how
// to talk to them, are told by folder.
func common(name string) bool {
	flag, isFlag := strings.CutPrefix(name, "-")
	if !isFlag {
		return slices.Contains([]string{pace, "cpu-model", "cpus", "gomaxprocs", "cpu-quota"}, name)
	}
	return !selects(flag) && !slices.Contains([]string{"server", "target", "wire"}, flag)
}

// selects reports whether a flag selects cells whose names say so. A client pool is in the
// name only if there are several.
func selects(flag string) bool {
	return slices.ContainsFunc(bench.Axes(), func(a bench.Axis) bool { return a.Key == flag && !a.Optional })
}

// overlapping returns an error if a cell was visited in two parts that differ in anything
// that may influence its values.
func overlapping(parts []Part) error {
	for i, p := range parts {
		for _, other := range parts[:i] {
			at := slices.IndexFunc(p.Results, func(r bench.Result) bool { return other.visited(r.Cell) })
			differ := slices.DeleteFunc(Differing(other.everything(), p.everything()), func(name string) bool {
				flag, isFlag := strings.CutPrefix(name, "-")
				return isFlag && selects(flag)
			})
			if at >= 0 && len(differ) > 0 {
				return fmt.Errorf("journal: %v was measured in both of %s: poolbench compare compares them", p.Results[at].Cell, unlike(other, p, differ))
			}
		}
	}
	return nil
}

// everything is the configuration with the program.
func (p Part) everything() map[string]string {
	all := p.Head.Config()
	all["program"] = p.Head.Program
	return all
}

// unlike names two parts and what differs between them.
func unlike(a, b Part, names []string) string {
	was, is := a.everything(), b.everything()
	var all []string
	for _, name := range names {
		all = append(all, fmt.Sprintf("%s is %q and %q", name, was[name], is[name]))
	}
	return fmt.Sprintf("%s and %s, which differ: %s", a.Dir, b.Dir, strings.Join(all, "; "))
}

// headOf returns what the heads of the parts have in common, with the cells of all.
func headOf(parts []Part) Head {
	first := parts[0].Head
	head := Head{
		Kind: kindRun, Schema: Schema, Time: first.Time, Warnings: warnings(parts),
		Environment: same(parts, func(h Head) map[string]string { return h.Environment }),
		Target:      same(parts, func(h Head) map[string]string { return h.Target }),
		Flags:       same(parts, func(h Head) map[string]string { return h.Flags }),
	}
	var commits, programs, pools []string
	var cells []bench.Cell
	for _, p := range parts {
		commits, programs = with(commits, p.Head.Commit), with(programs, p.Head.Program)
		if p.Head.Time.Before(head.Time) {
			head.Time = p.Head.Time
		}
		for _, c := range p.Head.Plan.Cells {
			pools, cells = with(pools, c.Pool), with(cells, c)
		}
	}
	head.Commit, head.Program = strings.Join(commits, ", "), strings.Join(programs, ", ")
	head.Plan = Plan{
		Count: first.Plan.Count, Precision: first.Plan.Precision,
		Flags: same(parts, func(h Head) map[string]string { return h.Plan.Flags }),
	}
	if pools != nil {
		head.Plan.Base = bench.Matrix{Pools: pools}.Base()
	}
	head.Plan = head.Plan.Of(inOrder(cells, pools))
	return head
}

// with returns a list with a value, once.
func with[T comparable](list []T, value T) []T {
	if slices.Contains(list, value) {
		return list
	}
	return append(list, value)
}

// tellApart notes in each part what is not the same in all.
func tellApart(parts []Part) {
	configs := valuesOf(parts, Head.Config)
	for _, name := range Differing(configs...) {
		for i, config := range configs {
			if config[name] != "" {
				parts[i].Differs = append(parts[i].Differs, name+"="+config[name])
			}
		}
	}
}

// inOrder returns cells in the order of a matrix, with ascending numbers.
func inOrder(cells []bench.Cell, pools []string) []bench.Cell {
	slices.SortStableFunc(cells, func(a, b bench.Cell) int {
		return cmp.Or(
			cmp.Compare(slices.Index(pools, a.Pool), slices.Index(pools, b.Pool)), cmp.Compare(a.ClientPool, b.ClientPool),
			cmp.Compare(slices.Index(bench.Ops(), a.Op), slices.Index(bench.Ops(), b.Op)),
			cmp.Compare(a.Workers, b.Workers), cmp.Compare(a.Volume, b.Volume), cmp.Compare(a.Clients, b.Clients),
		)
	})
	return cells
}

// warnings returns those of all parts. One that not all have names its folder.
func warnings(parts []Part) []bench.Warning {
	var all []bench.Warning
	for _, p := range parts {
		for _, w := range p.Head.Warnings {
			everywhere := !slices.ContainsFunc(parts, func(other Part) bool { return !slices.Contains(other.Head.Warnings, w) })
			if !everywhere {
				w.Text = p.Dir + ": " + w.Text
			}
			all = with(all, w)
		}
	}
	return all
}

// same returns the values that are the same in all heads.
func same(parts []Part, of func(Head) map[string]string) map[string]string {
	values := valuesOf(parts, of)
	all := maps.Clone(values[0])
	for _, name := range Differing(values...) {
		delete(all, name)
	}
	return all
}

func valuesOf(parts []Part, of func(Head) map[string]string) []map[string]string {
	values := make([]map[string]string, len(parts))
	for i, p := range parts {
		values[i] = of(p.Head)
	}
	return values
}
