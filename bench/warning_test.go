package bench_test

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"poolbench/bench"
)

func kindsOf(warnings []bench.Warning) []bench.WarningKind {
	var kinds []bench.WarningKind
	for _, w := range warnings {
		kinds = append(kinds, w.Kind)
	}
	return kinds
}

func TestOtherLoad(t *testing.T) {
	samples := make([]bench.Sample, 4)
	for i := range samples {
		samples[i] = op(i, 1000, ms)
	}
	samples[3].Failure = bench.Failure{Reason: bench.Refused}
	for _, row := range []struct {
		name string
		told *bench.Told
		want float64 // 0 is no warning
	}{
		{"a server that does not tell", nil, 0},
		{"as many as ours", &bench.Told{OK: 3, Failed: 1}, 0},
		{"fewer, because one did not reach it", &bench.Told{OK: 3}, 0},
		{"more", &bench.Told{OK: 8, Failed: 2}, 6},
		{"not told of all visits", &bench.Told{OK: 8, Partial: true}, 0},
	} {
		t.Run(row.name, func(t *testing.T) {
			got := bench.Result{Rounds: []bench.Round{{Samples: samples}}, Told: row.told}.Warnings(bench.Machine{})
			got = slices.DeleteFunc(got, func(w bench.Warning) bool { return w.Kind != bench.OtherLoad })
			if row.want == 0 {
				assert.Empty(t, got)
				return
			}
			require.Len(t, got, 1)
			assert.InDelta(t, row.want, got[0].Value, 1e-9)
			assert.Equal(t, "the server served 6 transfers of somebody else's besides the 4 of this run: read times as shared with that load", got[0].Text)
		})
	}
}

func TestWarnings(t *testing.T) {
	good := func(clients int, makespan, load, server, steal time.Duration) bench.Round {
		samples := make([]bench.Sample, clients)
		for i := range samples {
			samples[i] = op(i, 1000, makespan)
		}
		return bench.Round{Samples: samples, Makespan: makespan, LoadCPU: load, ServerCPU: server, MachineUse: bench.MachineUse{Steal: steal}}
	}
	times := func(n int, round bench.Round) []bench.Round {
		rounds := make([]bench.Round, n)
		for i := range rounds {
			rounds[i] = round
		}
		return rounds
	}
	two := bench.Machine{CPUs: 2, GOMAXPROCS: 2, ClientPool: bench.ThreadClients}
	quota := bench.Machine{CPUs: 2, Quota: 0.5}
	throttled := good(5, 100*ms, 10*ms, 10*ms, 0)
	throttled.Throttled = 50 * ms
	for _, row := range []struct {
		name    string
		machine bench.Machine
		clients int
		rounds  []bench.Round
		want    []bench.WarningKind
		value   float64 // of the first
	}{
		{"nothing to warn of", two, 5, times(6, good(5, 100*ms, 50*ms, 60*ms, 0)), nil, 0},
		{"five rounds", two, 5, times(5, good(5, 100*ms, 50*ms, 60*ms, 0)), []bench.WarningKind{bench.FewRounds}, 5},
		{"nothing measured", two, 5, nil, nil, 0},
		{"one client on one of two processors", two, 1, times(6, good(1, 100*ms, 95*ms, 20*ms, 0)), []bench.WarningKind{bench.LoadSaturated}, 0.95},
		{"the same clients, had they been five", two, 5, times(6, good(5, 100*ms, 95*ms, 20*ms, 0)), nil, 0},
		// Of 200 ms the server used 90, the clients 105 of the remaining 110.
		{"what the server leaves", two, 5, times(6, good(5, 100*ms, 105*ms, 90*ms, 0)), []bench.WarningKind{bench.LoadSaturated}, 105. / 110},
		{"a server that takes all", two, 5, times(6, good(5, 100*ms, 10*ms, 190*ms, 0)), nil, 0},
		{"bound by GOMAXPROCS", bench.Machine{CPUs: 8, GOMAXPROCS: 1, ClientPool: bench.ThreadClients}, 5, times(6, good(5, 100*ms, 95*ms, 0, 0)), []bench.WarningKind{bench.LoadSaturated}, 0.95},
		{"processes are not", bench.Machine{CPUs: 8, GOMAXPROCS: 1, ClientPool: bench.ProcessClients}, 5, times(6, good(5, 100*ms, 95*ms, 0, 0)), nil, 0},
		{"a machine that is not known", bench.Machine{}, 1, times(6, good(1, 100*ms, 95*ms, 0, 100*ms)), nil, 0},
		{"steal", two, 5, times(6, good(5, 200*ms, 50*ms, 60*ms, 20*ms)), []bench.WarningKind{bench.Steal}, 0.05},
		{"a tick of steal", two, 5, append(times(5, good(5, 200*ms, 50*ms, 60*ms, 0)), good(5, 200*ms, 50*ms, 60*ms, 10*ms)), nil, 0},
		{"too short for a tick to tell", two, 5, times(6, good(5, 10*ms, 5*ms, 6*ms, 10*ms)), nil, 0},
		{"a quota", quota, 5, times(6, throttled), []bench.WarningKind{bench.Throttled}, 0.25},
		{"somebody else's quota", two, 5, times(6, throttled), nil, 0},
		{"all", two, 1, times(5, good(1, 200*ms, 200*ms, 200*ms, 20*ms)), []bench.WarningKind{bench.LoadSaturated, bench.Steal, bench.FewRounds}, 1},
	} {
		t.Run(row.name, func(t *testing.T) {
			got := bench.Result{Cell: bench.Cell{Clients: row.clients}, Rounds: row.rounds}.Warnings(row.machine)
			require.Equal(t, row.want, kindsOf(got))
			if got != nil {
				assert.InDelta(t, row.value, got[0].Value, 1e-9)
			}
		})
	}
}
