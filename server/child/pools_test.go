package child_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"poolbench/protocol"
	"poolbench/server"
	"poolbench/server/child"
	"poolbench/server/servertest"
)

// The workers of a pool of processes end with their server, however that ends, and leave no
// file.
func TestPoolOfProcessesEndsWithItsServer(t *testing.T) {
	for _, row := range []struct {
		name string
		end  func(t *testing.T, p *child.Process)
	}{
		{"stopped", func(t *testing.T, p *child.Process) { require.NoError(t, p.Stop()) }},
		{"killed", func(t *testing.T, p *child.Process) {
			require.NoError(t, unix.Kill(p.PID(), unix.SIGKILL))
			<-p.Done()
		}},
	} {
		t.Run(row.name, func(t *testing.T) {
			c := config(t.TempDir())
			c.Server.Pool, c.Server.Workers = server.Process, 20
			p, err := child.Start(t.Context(), c)
			require.NoError(t, err)
			var stats protocol.Stats
			_, body, _ := strings.Cut(ask(t, p.Addr(), "STATS json\r\n\r\n"), "\r\n\r\n")
			require.NoError(t, json.Unmarshal([]byte(body), &stats))
			require.Len(t, stats.PIDs, 1+20)
			assert.Equal(t, p.PID(), stats.PIDs[0])
			assert.Equal(t, 1, stats.GOMAXPROCS)
			conn, err := net.Dial("tcp", p.Addr())
			require.NoError(t, err)
			defer conn.Close()
			_, err = io.WriteString(conn, "UPLOAD a.bin 400\r\n\r\nQUJD")
			require.NoError(t, err)
			uploads := func() bool {
				entries, err := os.ReadDir(p.Storage().Dir())
				return err == nil && len(entries) == 1
			}
			require.Eventually(t, uploads, 10*time.Second, time.Millisecond)
			var workers []int
			for _, pid := range stats.PIDs[1:] {
				fd, err := unix.PidfdOpen(pid, 0)
				require.NoError(t, err)
				defer unix.Close(fd)
				workers = append(workers, fd)
			}

			row.end(t, p)
			for _, worker := range workers {
				assert.True(t, servertest.Ended(t, worker, 10*time.Second), "a worker is still alive")
			}
			if row.name == "killed" {
				assertEmpty(t, p.Storage().Dir())
				assert.Error(t, p.Stop())
			}
			assertEmpty(t, c.StorageIn)
		})
	}
}

// Each worker of the thread pool has a thread of its own.
func TestThreadsOfThePools(t *testing.T) {
	const workers = 60
	for _, row := range []struct {
		pool server.Pool
		want bool
	}{{server.Thread, true}, {server.Goroutine, false}} {
		t.Run(string(row.pool), func(t *testing.T) {
			c := config(t.TempDir())
			c.Server.Pool, c.Server.Workers = row.pool, workers
			p, err := child.Start(t.Context(), c)
			require.NoError(t, err)
			threads := func() int {
				tasks, err := os.ReadDir(fmt.Sprintf("/proc/%d/task", p.PID()))
				require.NoError(t, err)
				return len(tasks)
			}
			if row.want {
				assert.Eventually(t, func() bool { return threads() >= workers }, 10*time.Second, time.Millisecond)
			} else {
				assert.Less(t, threads(), workers)
			}
			require.NoError(t, p.Stop())
		})
	}
}
