package e2e_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"poolbench/bench"
	"poolbench/fixtures"
)

// Four cells of a run fail, each in its own way, in each pass: every visit has its row
// and the right reason, and the others are as if nothing had been.
func TestFourFaults(t *testing.T) {
	t.Parallel()
	const passes = 3
	storage := t.TempDir()
	if err := unix.Mount("tmpfs", storage, "tmpfs", 0, "size=450m"); err != nil {
		t.Skip("cannot mount a small filesystem here:", err)
	}
	t.Cleanup(func() { assert.NoError(t, unix.Unmount(storage, 0)) })
	results := t.TempDir()
	// The number of workers says which cell a server is for. The three that are
	// downloaded from hold 70 MB each, for a pass, and the one that is killed what it had
	// got.
	cmd := command(t.Context(), "-results="+results, "-storage="+storage, "-warmup=0", "-client-pool=process", fmt.Sprintf("-passes=%d", passes),
		"-volume=50MiB", "-clients=2,8", "-workers=2,3,4,5,6", "-pool=thread", "-test.bench="+strings.Join([]string{
			"Transfer/op=upload/volume=.*/clients=2/workers=(2|6)", // two files have room
			"Transfer/op=upload/volume=.*/clients=8/workers=3",     // eight have not
			"Transfer/op=download/volume=.*/clients=2/workers=(4|5|6)",
		}, "|"))
	stop := make(chan struct{})
	sabotaged := make(chan map[int]int)
	r := start(t, cmd)
	go func() { sabotaged <- sabotage(r.cmd.Process.Pid, stop) }()
	got := r.end(t)
	close(stop)
	for workers, n := range <-sabotaged {
		assert.GreaterOrEqual(t, n, passes, "cells of %d workers were not all spoilt", workers)
	}
	assert.Equal(t, 1, got.status)
	assert.Empty(t, got.stderr)
	assert.Len(t, got.rows(t), 6*passes)
	assert.Contains(t, got.stdout, "\n# exit status 1 because ops failed")

	cells := map[string]bench.Result{}
	run := samples(t, results)
	assert.Empty(t, run.Why)
	for _, r := range run.Results {
		key := fmt.Sprintf("%s %d", r.Cell.Op, r.Cell.Workers)
		cells[key] = cells[key].Add(r)
	}
	require.Len(t, cells, 6)
	for _, row := range []struct {
		name    string
		cell    string
		reasons string // of every op that failed
		failed  [2]int // how many at least and at most
	}{
		{"a server that is killed", "upload 2", `^server died: signal: killed; the op: (reset|cut short|refused)`, [2]int{2 * passes, 2 * passes}},
		{"a disk that is full", "upload 3", `^server said no: "Server file error"$`, [2]int{passes, 8 * passes}},
		{"a client that is killed", "download 4", `^client killed: signal: killed`, [2]int{passes, passes}},
		{"a byte that is flipped", "download 5", `^checksum mismatch: crc32c `, [2]int{2 * passes, 2 * passes}},
		{"an upload", "upload 6", `^$`, [2]int{}},
		{"a download", "download 6", `^$`, [2]int{}},
	} {
		t.Run(row.name, func(t *testing.T) {
			result := cells[row.cell]
			require.Len(t, result.Rounds, passes)
			_, failed := result.Ops()
			assert.GreaterOrEqual(t, failed, row.failed[0])
			assert.LessOrEqual(t, failed, row.failed[1])
			for failure := range result.Failures() {
				assert.Regexp(t, row.reasons, failure.String())
			}
			for _, reason := range result.Reasons() {
				assert.Regexp(t, `\n# failed: `+regexp.QuoteMeta("op="+strings.Fields(row.cell)[0])+`/.*: `+regexp.QuoteMeta(reason)+`\n`, got.stdout)
			}
		})
	}
	assert.Regexp(t, `\n# server: op=upload/.*/workers=3/pool=thread: \d+ × storage full\n`, got.stdout)
	left, err := os.ReadDir(storage)
	require.NoError(t, err)
	assert.Empty(t, left)
}

// sabotage spoils what the cells with 2, 4 and 5 workers do until it is told to
// stop, and returns how often it has, by the number of workers.
func sabotage(benchmark int, stop chan struct{}) map[int]int {
	spoilt, done := map[int]int{2: 0, 4: 0, 5: 0}, map[int]bool{}
	size := fixtures.Spec{Size: 50 * fixtures.MiB}.TextSize()
	for {
		select {
		case <-stop:
			return spoilt
		default:
		}
		for _, server := range find(benchmark, "POOLBENCH_SERVER=") {
			workers := workersOf(server)
			if done[server] || !slices.Contains([]int{2, 4, 5}, workers) {
				continue
			}
			switch workers {
			case 2:
				done[server] = served(server, size/10) && unix.Kill(server, unix.SIGKILL) == nil
			case 4:
				done[server] = sockets(server) > 1 && killClient(benchmark)
			case 5:
				done[server] = flip(server, size)
			}
			if done[server] {
				spoilt[workers]++
			}
		}
		time.Sleep(time.Millisecond) // leaves the processors to the run
	}
}

var workersField = regexp.MustCompile(`"Workers":(\d+)`)

// workersOf returns how many workers a server was told to have, or 0 if it is no
// more.
func workersOf(pid int) (workers int) {
	environ, _ := os.ReadFile(fmt.Sprintf("/proc/%d/environ", pid))
	if match := workersField.FindSubmatch(environ); match != nil {
		_, _ = fmt.Sscan(string(match[1]), &workers)
	}
	return workers
}

// served reports whether a server has read so many bytes.
func served(pid int, bytes int64) bool {
	var read int64
	text, _ := os.ReadFile(fmt.Sprintf("/proc/%d/io", pid))
	_, _ = fmt.Sscanf(string(text), "rchar: %d", &read)
	return read >= bytes
}

// killClient kills a client that is in the middle of an op, if there is one.
func killClient(benchmark int) bool {
	for _, client := range find(benchmark, "POOLBENCH_CLIENT=") {
		if sockets(client) > 0 {
			return unix.Kill(client, unix.SIGKILL) == nil
		}
	}
	return false
}

// flip changes a byte near the end of the fixture that a server is sending, if it is.
func flip(pid int, size int64) bool {
	for _, path := range opened(pid) {
		if filepath.Base(path) != (fixtures.Spec{Size: 50 * fixtures.MiB}).Name() {
			continue
		}
		file, err := os.OpenFile(path, os.O_RDWR, 0)
		if err != nil {
			continue
		}
		one := make([]byte, 1)
		_, err = file.ReadAt(one, size-10)
		one[0] = map[bool]byte{true: 'B', false: 'A'}[one[0] == 'A']
		if err == nil {
			_, err = file.WriteAt(one, size-10)
		}
		return file.Close() == nil && err == nil
	}
	return false
}

// sockets counts those of a process. A server that is being visited has more than the
// one at which it listens.
func sockets(pid int) (n int) {
	for _, name := range opened(pid) {
		if strings.HasPrefix(name, "socket:") {
			n++
		}
	}
	return n
}

// opened returns the names of what a process has open.
func opened(pid int) (names []string) {
	links, _ := filepath.Glob(fmt.Sprintf("/proc/%d/fd/*", pid))
	for _, link := range links {
		if name, err := os.Readlink(link); err == nil {
			names = append(names, name)
		}
	}
	return names
}
