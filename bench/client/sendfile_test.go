package client_test

import (
	"fmt"
	"os"
	"runtime"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"poolbench/bench"
	"poolbench/fixtures"
	"poolbench/server"
	"poolbench/server/servertest"
)

// calls returns how many system calls this thread has made that read, and how many bytes
// they read. The kernel counts sendfile(2) among them.
func calls(t *testing.T) (n, bytes int64) {
	t.Helper()
	text, err := os.ReadFile("/proc/thread-self/io")
	if err != nil {
		t.Skip("the kernel does not count system calls:", err)
	}
	_, err = fmt.Sscanf(string(text), "rchar: %d\nwchar: %d\nsyscr: %d", &bytes, new(int64), &n)
	require.NoError(t, err)
	return n, bytes
}

// An upload goes from the file to the socket inside the kernel. That took about 20 calls,
// where copying 16 MiB through a buffer of 32 KiB takes 512.
func TestUploadUsesSendfile(t *testing.T) {
	file, _ := fixture(t, 12*fixtures.MiB)
	for name, addr := range map[string]string{
		"lab":  servertest.Start(t, server.Config{Discard: true}).Addr().String(),
		"http": serve(t, store(t.TempDir())),
	} {
		t.Run(name, func(t *testing.T) {
			runtime.LockOSThread()
			defer runtime.UnlockOSThread()
			before, had := calls(t)
			s := op(t.Context(), bench.Upload, addr, file, 0)
			require.True(t, s.OK(), "%v", s.Failure)
			n, has := calls(t)
			assert.GreaterOrEqual(t, has-had, file.TextSize(), "it is counted")
			assert.Less(t, n-before, file.TextSize()/(32<<10)/2)
		})
	}
}
