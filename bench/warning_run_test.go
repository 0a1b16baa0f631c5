package bench_test

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"poolbench/bench"
)

func kindsIn(warnings []bench.Warning) []bench.WarningKind {
	var kinds []bench.WarningKind
	for _, w := range warnings {
		kinds = append(kinds, w.Kind)
	}
	return kinds
}

func TestWarningsOfARun(t *testing.T) {
	for _, row := range []struct {
		name string
		got  []bench.Warning
		want []bench.WarningKind
	}{
		{"a governor that saves power", bench.WarnOfGovernor(map[string]string{"cpu-governor": "powersave"}), []bench.WarningKind{bench.Governor}},
		{"one that does not", bench.WarnOfGovernor(map[string]string{"cpu-governor": "performance"}), nil},
		{"a machine without", bench.WarnOfGovernor(map[string]string{"cpu-governor": "unknown"}), nil},
		{"another filesystem", bench.WarnOfMovedStorage(map[string]string{"storage-filesystem": "ext4"}, map[string]string{"storage-filesystem": "tmpfs"}), []bench.WarningKind{bench.StorageMoved}},
		{"the same", bench.WarnOfMovedStorage(map[string]string{"storage-filesystem": "ext4"}, map[string]string{"storage-filesystem": "ext4"}), nil},
		{"one that is not known", bench.WarnOfMovedStorage(nil, map[string]string{"storage-filesystem": "ext4"}), nil},
		{"a server of our own", bench.WarnOfSharedCores(t.Context(), ""), []bench.WarningKind{bench.SharedCores}},
		{"a target on loopback", bench.WarnOfSharedCores(t.Context(), "127.0.0.3:1"), []bench.WarningKind{bench.SharedCores}},
		{"a target elsewhere", bench.WarnOfSharedCores(t.Context(), "192.0.2.1:1"), nil},
	} {
		t.Run(row.name, func(t *testing.T) { assert.Equal(t, row.want, kindsIn(row.got)) })
	}
}

// A machine that works while it is watched is busy, and by how much is said.
func TestWarnOfBusyMachine(t *testing.T) {
	ended, end := context.WithCancel(t.Context())
	end()
	assert.Empty(t, bench.WarnOfBusyMachine(ended))

	var done atomic.Bool
	var working sync.WaitGroup
	working.Go(func() {
		for !done.Load() {
		}
	})
	warnings := bench.WarnOfBusyMachine(t.Context())
	done.Store(true)
	working.Wait()
	require.Len(t, warnings, 1)
	assert.Equal(t, bench.MachineBusy, warnings[0].Kind)
	assert.LessOrEqual(t, warnings[0].Value, 1.0)
	assert.Regexp(t, `^the machine was \d+ % busy in the 150 ms before the run: `, warnings[0].Text)
}
