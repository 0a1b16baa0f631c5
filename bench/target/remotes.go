package target

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"poolbench/bench"
	"poolbench/bench/plan"
	"poolbench/fixtures"
	"poolbench/server"
)

// Remotes are the servers of a run that somebody else runs, each a pool of its own.
type Remotes []*Remote

// FindAll finds several servers. What a server tells wins over its label if that is the
// word of a pool; any other label is a name, which stays. Two servers of one name are an
// error.
func FindAll(ctx context.Context, addresses []Address) (Remotes, error) {
	var all Remotes
	for _, at := range addresses {
		r, err := Find(ctx, at)
		if err != nil {
			return nil, err
		}
		r.call(at.Label)
		if i := slices.IndexFunc(all, func(other *Remote) bool { return other.Pool == r.Pool }); i >= 0 {
			return nil, fmt.Errorf("-target: %s and %s are both a pool %s: give each a name of its own, as in a=%s,b=%s",
				all[i].at.Addr, r.at.Addr, r.Pool, bench.Place(all[i].at.Addr), bench.Place(r.at.Addr))
		}
		all = append(all, r)
	}
	return all, nil
}

// call gives the server its name.
func (r *Remote) call(label string) {
	switch {
	case label == "" || label == r.Pool || !r.server.HasStats:
	case slices.Contains(server.Pools(), server.Pool(label)):
		r.Note += fmt.Sprintf("; it is called %s, and says that its pool is %s", label, r.Pool)
	default:
		r.Pool = label
	}
}

// of returns the server of a cell.
func (all Remotes) of(cell bench.Cell) *Remote {
	return all[slices.IndexFunc(all, func(r *Remote) bool { return r.Pool == cell.Pool })]
}

// Pools returns the names of the servers.
func (all Remotes) Pools() []string {
	names := make([]string, len(all))
	for i, r := range all {
		names[i] = r.Pool
	}
	return names
}

// Workers returns the numbers of workers, each once. 0 is unknown.
func (all Remotes) Workers() []int {
	var numbers []int
	for _, r := range all {
		if !slices.Contains(numbers, r.Workers) {
			numbers = append(numbers, r.Workers)
		}
	}
	return numbers
}

// Has reports whether a server is what the cell says.
func (all Remotes) Has(cell bench.Cell) bool { return all.of(cell).Workers == cell.Workers }

// Checks reports whether the server of a pool checks uploads: one that has STATS does.
func (all Remotes) Checks(pool string) bool { return all.of(bench.Cell{Pool: pool}).server.HasStats }

// Notes say where names and numbers come from, a line for each server.
func (all Remotes) Notes() []string {
	notes := make([]string, len(all))
	for i, r := range all {
		notes[i] = r.Note
	}
	if workers := all.Workers(); len(workers) > 1 {
		notes = append(notes, "the targets have different numbers of workers, so that no point has all of them: nothing is compared")
	}
	return notes
}

// Words returns what is known about the servers, by name; of several the names begin with
// their pools.
func (all Remotes) Words() map[string]string {
	if len(all) == 1 {
		return all[0].Words()
	}
	words := map[string]string{}
	for _, r := range all {
		for name, word := range r.Words() {
			words[r.Pool+"-"+name] = word
		}
	}
	return words
}

// Trial is as [Remote.Trial], over all servers: the lowest rates, and what is left on all.
func (all Remotes) Trial(ctx context.Context, cells []bench.Cell) (Trial, error) {
	sum := Trial{Rates: map[bench.Op]float64{}}
	for _, r := range all {
		own := slices.DeleteFunc(slices.Clone(cells), func(c bench.Cell) bool { return c.Pool != r.Pool })
		if len(own) == 0 {
			continue
		}
		t, err := r.Trial(ctx, own)
		sum.Left, sum.Lacks, sum.Fixed = sum.Left+t.Left, append(sum.Lacks, t.Lacks...), max(sum.Fixed, t.Fixed)
		if err != nil {
			return sum, err
		}
		for op, rate := range t.Rates {
			if lowest, there := sum.Rates[op]; !there || rate < lowest {
				sum.Rates[op] = rate
			}
		}
	}
	return sum, nil
}

// Server implements Target.
func (all Remotes) Server(ctx context.Context, cell bench.Cell, life plan.Lifetime, fixture fixtures.File) (*Server, bench.Failure) {
	return all.of(cell).Server(ctx, cell, life, fixture)
}

// Observe implements Target.
func (all Remotes) Observe(result bench.Result) { all.of(result.Cell).Observe(result) }

// Drop implements Target.
func (all Remotes) Drop(bench.Cell) {}

// Side implements Target. What is not the same for all servers is unknown.
func (all Remotes) Side() Side {
	side := all[0].Side()
	addresses := []string{side.Target}
	for _, r := range all[1:] {
		other := r.Side()
		addresses = append(addresses, other.Target)
		if other.GOMAXPROCS != side.GOMAXPROCS {
			side.GOMAXPROCS = 0
		}
		if other.WorkerGOMAXPROCS != side.WorkerGOMAXPROCS {
			side.WorkerGOMAXPROCS = 0
		}
	}
	side.Target = strings.Join(addresses, ",")
	return side
}

// Logs implements Target.
func (all Remotes) Logs() []string { return nil }

// Close implements Target.
func (all Remotes) Close() error { return nil }
