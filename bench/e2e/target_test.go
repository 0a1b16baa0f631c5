package e2e_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"poolbench/fixtures"
	"poolbench/server"
	"poolbench/server/servertest"
)

// onlyLocal are the units of what only the server's machine knows.
var onlyLocal = []string{"server-cpu-ns/op", "server-peak-B"}

// Two servers that somebody else runs are compared in turn, as two pools are.
func TestSeveralTargets(t *testing.T) {
	t.Parallel()
	var addresses []string
	for _, pool := range []server.Pool{server.Thread, server.Process} {
		addresses = append(addresses, servertest.Start(t, server.Config{Pool: pool, Workers: 2}).Addr().String())
	}
	results := t.TempDir()
	got := remote(t, "thread="+addresses[0]+",fork="+addresses[1], "-clients=1,2", "-passes=4", "-results="+results)
	assert.Equal(t, 0, got.status, "%s%s", got.stdout, got.stderr)
	run := samples(t, results)
	holdRows(t, results, run)
	for _, r := range run.Results {
		assert.Equal(t, 2, r.Cell.Workers)
	}
	assert.Equal(t, map[string]int{"thread": 16, "fork": 16}, visits(run))
	assert.Equal(t, "process", run.Head.Target["fork-pool"])
	assert.Contains(t, got.stdout, "\n# target "+addresses[1]+": ")
	assert.Regexp(t, `\n# +upload +all +fork +2 +4 `, got.stdout, "an effect")
}

// A server that somebody else runs gives the rows that one of our own does, but
// for what only its machine knows, and gets the files that it lacks once.
func TestRowsOfATarget(t *testing.T) {
	t.Parallel()
	for _, pool := range server.Pools() {
		t.Run(string(pool), func(t *testing.T) {
			flags := []string{"-volume=1KiB,1MiB", "-clients=1,2", "-passes=2"}
			own := run(t, append(flags, "-workers=3", "-pool="+string(pool))...).rows(t)
			dir := t.TempDir()
			target := servertest.Start(t, server.Config{Storage: dir, Pool: pool, Workers: 3}).Addr().String()
			results := t.TempDir()
			got := remote(t, target, append(flags, "-target-pool=other", "-target-workers=77", "-results="+results)...)
			assert.Zero(t, got.status, got.stdout)
			rows := got.rows(t)
			require.Len(t, rows, len(own))
			for i, row := range rows {
				assert.Equal(t, string(own[i].Name), string(row.Name))
				assert.ElementsMatch(t, units(own[i]), append(units(row), onlyLocal...))
				assert.Zero(t, value(row, "fail/op"))
			}
			assert.Contains(t, got.stdout, "# target "+target+": version ")
			head := samples(t, results).Head
			assert.Equal(t, string(pool), head.Target["pool"])
			assert.Equal(t, "3", head.Target["workers"])
			assert.Equal(t, "STATS", head.Target["told-by"])
			assert.NotContains(t, head.Environment, "storage-filesystem")
			assert.Contains(t, got.stdout, ": the target did not have file_1kb.txt: 1368 bytes were uploaded\n")
			assert.Contains(t, got.stdout, ": the target did not have file_1mb.txt: 1398104 bytes were uploaded\n")
			assert.Equal(t, 2, strings.Count(got.stdout, "bytes were uploaded"), "once for each volume")
			entries, err := os.ReadDir(dir)
			require.NoError(t, err)
			assert.Len(t, entries, 4, "two fixtures, and a file for each client")
			assert.NotContains(t, remote(t, target, "-op=download").stdout, "bytes were uploaded", "they are there")
		})
	}
}

// A server that knows nothing of the extensions gives rows without its figures,
// and the output says so.
func TestRowsOfAnOldTarget(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	target := servertest.StartOld(t, dir)
	got := remote(t, target, "-volume=1KiB,1MiB", "-passes=2")
	assert.Zero(t, got.status, got.stdout)
	assert.Contains(t, got.stdout, "# target "+target+": has no STATS, so the rows lack the server's metrics")
	rows := got.rows(t)
	require.Len(t, rows, 4*2)
	for _, row := range rows {
		assert.Contains(t, string(row.Name), "/clients=2/workers=unknown/pool=remote")
		assert.Zero(t, value(row, "fail/op"))
		assert.Positive(t, value(row, "MB/s"))
		for _, unit := range append(onlyLocal, "storage-ns/op") {
			assert.NotContains(t, units(row), unit)
		}
	}
	assert.Contains(t, got.stdout, "the target did not have file_1mb.txt: 1398104 bytes were uploaded\n")
	before := uploads(t, dir)
	assert.Len(t, before, 2, "one of each client, however long the run")
	labelled := remote(t, target, "-op=upload", "-target-pool=thread", "-target-workers=50").rows(t)
	require.Len(t, labelled, 1)
	assert.Equal(t, "Transfer/op=upload/volume=1KiB/clients=2/workers=50/pool=thread", nameOf(labelled[0]))
	after := uploads(t, dir)
	require.Len(t, after, 4, "and two of this one")
	for _, name := range after {
		if slices.Contains(before, name) {
			continue
		}
		stored, err := os.Stat(name)
		require.NoError(t, err)
		assert.EqualValues(t, fixtures.KiB, stored.Size())
	}
}

// uploads returns the files that runs have left on a target.
func uploads(t *testing.T, dir string) []string {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(dir, "poolbench_upload_*_00[01].bin"))
	require.NoError(t, err)
	return names
}

// What cannot be measured is refused before anything is begun.
func TestTargetsThatAreNone(t *testing.T) {
	t.Parallel()
	web := httptest.NewServer(nil)
	t.Cleanup(web.Close)
	for _, row := range []struct{ name, addr, want string }{
		{"nobody", servertest.Nobody(t), "refused the connection: nothing listens there: start it, or wait for it by -target-wait"},
		{"a web server", web.Listener.Addr().String(), `speaks another protocol: answered "HTTP/1.1 400 Bad Request"`},
		{"no host", "no-such-host.invalid:8889", "its name could not be looked up: lookup no-such-host.invalid"},
	} {
		t.Run(row.name, func(t *testing.T) {
			results := filepath.Join(t.TempDir(), "results")
			holdMistake(t, remote(t, row.addr, "-results="+results), "poolbench: -target="+row.addr+": "+row.want)
			assert.NoDirExists(t, results)
		})
	}
}

// A link that is too slow for the timeout of an op is known before the run.
func TestSlowLink(t *testing.T) {
	t.Parallel()
	addr := listen(t, func(conn *net.TCPConn) {
		fmt.Fprint(conn, "OK Ready to receive\r\n\r\n")
		for err := error(nil); err == nil; time.Sleep(10 * time.Millisecond) {
			_, err = io.CopyN(io.Discard, conn, 1000)
		}
	})
	got := remote(t, addr, "-op=upload", "-volume=64KiB", "-warmup=0", "-op-timeout=10ms")
	assert.Equal(t, 1, got.status)
	head, _, _ := strings.Cut(got.stdout, "\nBenchmark")
	assert.Regexp(t, `\n# warning: in 1 of 1 cells ops cannot end within -op-timeout=10ms: at .*B/s, which a short trial moved, a round of op=upload/.* takes .*: allow more time, or plan smaller cells\n`, head)
}

// Cells that were to come when a target goes away take no time, and are skipped if it does
// not come back.
func TestTargetThatGoesAway(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	texts := map[string][]byte{}
	for _, size := range []fixtures.Size{1, 2, 3, 4} {
		file, err := fixtures.Ensure(t.Context(), cache, fixtures.Spec{Size: size * fixtures.KiB}, nil)
		require.NoError(t, err)
		texts[file.Name()], err = os.ReadFile(file.Path)
		require.NoError(t, err)
	}
	go func() {
		for left := 3; left >= 0; left-- { // STATS, a size, and two clients
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			if left == 0 {
				_ = listener.Close() // before the last client is served and the next cell begins
			}
			go func() {
				defer conn.Close()
				line, _ := bufio.NewReader(conn).ReadString('\n')
				words := append(strings.Fields(line), "", "")
				if text, there := texts[words[1]]; there {
					fmt.Fprintf(conn, "OK %d\r\n\r\n%s", len(text), text)
				} else {
					fmt.Fprint(conn, "ERROR Unknown command\r\n\r\n")
				}
			}()
		}
	}()
	got := remote(t, listener.Addr().String(), "-op=download", "-volume=1KiB,2KiB,3KiB,4KiB", "-warmup=0", "-passes=2")
	assert.Equal(t, 1, got.status)
	rows := got.rows(t)
	require.Len(t, rows, 1)
	assert.Zero(t, value(rows[0], "fail/op"))
	assert.Equal(t, 3, strings.Count(got.stdout, "# not begun: op=download/volume="))
	assert.Equal(t, 3, strings.Count(got.stdout, ": refused: the cell was not begun: it is visited again at the end of the pass\n")+strings.Count(got.stdout, ": refused: it is visited again at the end of the pass\n"))
	assert.Regexp(t, `(\n# skipped: op=download/.*: the target was away: refused: the cell was not begun){3}\n`, got.stdout)
	assert.Contains(t, got.stdout, "# exit status 1 because not all was measured that was planned")
}
