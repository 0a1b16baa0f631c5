package machine_test

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"poolbench/bench"
	"poolbench/bench/internal/machine"
)

func kindsIn(warnings []bench.Warning) []bench.WarningKind {
	var kinds []bench.WarningKind
	for _, w := range warnings {
		kinds = append(kinds, w.Kind)
	}
	return kinds
}

func TestRunWarnings(t *testing.T) {
	for _, row := range []struct {
		name string
		got  []bench.Warning
		want []bench.WarningKind
	}{
		{"a governor that saves power", machine.WarnGovernor(map[string]string{"cpu-governor": "powersave"}), []bench.WarningKind{bench.Governor}},
		{"one that does not", machine.WarnGovernor(map[string]string{"cpu-governor": "performance"}), nil},
		{"a machine without", machine.WarnGovernor(map[string]string{"cpu-governor": "unknown"}), nil},
		{"another filesystem", machine.WarnMovedStorage(map[string]string{"storage-filesystem": "ext4"}, map[string]string{"storage-filesystem": "tmpfs"}), []bench.WarningKind{bench.StorageMoved}},
		{"the same", machine.WarnMovedStorage(map[string]string{"storage-filesystem": "ext4"}, map[string]string{"storage-filesystem": "ext4"}), nil},
		{"one that is not known", machine.WarnMovedStorage(nil, map[string]string{"storage-filesystem": "ext4"}), nil},
		{"a server of our own", machine.WarnSharedCores(t.Context(), nil), []bench.WarningKind{bench.SharedCores}},
		{"a target on loopback", machine.WarnSharedCores(t.Context(), []string{"127.0.0.3:1"}), []bench.WarningKind{bench.SharedCores}},
		{"a target elsewhere", machine.WarnSharedCores(t.Context(), []string{"192.0.2.1:1"}), nil},
		{"one of two targets here", machine.WarnSharedCores(t.Context(), []string{"192.0.2.1:1", "127.0.0.1:1"}), []bench.WarningKind{bench.SharedCores}},
	} {
		t.Run(row.name, func(t *testing.T) { assert.Equal(t, row.want, kindsIn(row.got)) })
	}
}

// A machine that works during the observation is reported busy, with the share.
func TestWarnBusy(t *testing.T) {
	ended, end := context.WithCancel(t.Context())
	end()
	assert.Empty(t, machine.WarnBusy(ended))

	var done atomic.Bool
	var working sync.WaitGroup
	working.Go(func() {
		for !done.Load() {
		}
	})
	warnings := machine.WarnBusy(t.Context())
	done.Store(true)
	working.Wait()
	require.Len(t, warnings, 1)
	assert.Equal(t, bench.MachineBusy, warnings[0].Kind)
	assert.LessOrEqual(t, warnings[0].Value, 1.0)
	assert.Regexp(t, `^the machine was \d+ % busy in the 150 ms before the run: `, warnings[0].Text)
}
