package measure_test

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"poolbench/bench"
	"poolbench/bench/internal/proc"
	"poolbench/bench/measure"
	"poolbench/fixtures"
	"poolbench/server/servertest"
)

// instead is an environment variable that makes the test binary do something other than
// load.Main.
const instead = "BENCH_TEST_INSTEAD"

func insteadOfMain() {
	switch os.Getenv(instead) {
	case "":
		return
	case "nothing":
	case "babble":
		fmt.Print(strings.Repeat("babble", 100))
		_, _ = io.Copy(io.Discard, os.Stdin)
	case "grow":
		grow()
		proc.FreeMemory()
		fmt.Println("grown")
		_, _ = io.Copy(io.Discard, os.Stdin)
	case "measure":
		_ = os.Unsetenv(instead) // otherwise its clients would inherit it
		measureInstead()
	case "crash":
		fmt.Fprint(os.Stderr, strings.Repeat("no ", 100), "\nnever\n")
		os.Exit(3)
	}
	os.Exit(0)
}

func TestClientsCannotStart(t *testing.T) {
	file := fixture(t, fixtures.KiB)
	c := config(t, bench.Download, servertest.Nobody(t), 2, file)
	c.ClientPool = bench.ProcessClients
	for _, row := range []struct{ instead, want string }{
		{"nothing", "2 × client error: its process exited by itself; does the program call load.Main?"},
		{"babble", "2 × client error: its process: gob: "},
		{"crash", `2 × client error: its process: exit status 3: "no no no `},
	} {
		t.Run(row.instead, func(t *testing.T) {
			t.Setenv(instead, row.instead)
			result := measured(t, c, 1)
			require.Len(t, result.Reasons(), 1)
			assert.Contains(t, result.Reasons()[0], row.want)
			assert.Less(t, len(result.Reasons()[0]), 300)
			assert.NotContains(t, result.Reasons()[0], "never")
			for _, s := range result.Rounds[0].Samples {
				assert.Positive(t, s.Done)
			}
		})
	}
	t.Run("no more files", func(t *testing.T) {
		var limit unix.Rlimit
		require.NoError(t, unix.Getrlimit(unix.RLIMIT_NOFILE, &limit))
		few := limit
		few.Cur = 3
		run := measure.Start(t.Context(), c)
		require.NoError(t, unix.Setrlimit(unix.RLIMIT_NOFILE, &few))
		run.Round(&moments{prepared: func() { require.NoError(t, unix.Setrlimit(unix.RLIMIT_NOFILE, &limit)) }})
		run.Round(nil)
		assert.Equal(t, []string{
			"2 × client error: its process could not be started: pipe2: too many open files",
			"2 × refused", // when they start again
		}, run.End().Reasons())
	})
	assert.Empty(t, children(t))
}

// A client process rejects a config it does not know, and does nothing without orders.
func TestClientMain(t *testing.T) {
	for _, row := range []struct{ role, want string }{
		{`{}`, ""},
		{`{"Colour":1}`, "load: POOLBENCH_CLIENT: json: unknown field \"Colour\"\n"},
		{``, "load: POOLBENCH_CLIENT: EOF\n"},
	} {
		cmd := exec.CommandContext(t.Context(), os.Args[0])
		cmd.Env = append(os.Environ(), "POOLBENCH_CLIENT="+row.role)
		output, err := cmd.CombinedOutput()
		assert.Equal(t, row.want, string(output))
		assert.Equal(t, row.want == "", err == nil, "%v", err)
	}
}

// A role applies to one process, not to its children.
func TestClientsInheritNoRole(t *testing.T) {
	t.Setenv("POOLBENCH_SERVER", "{}")
	t.Setenv("POOLBENCH_CLIENT", "{")
	c := config(t, bench.Download, servertest.Nobody(t), 1, fixture(t, fixtures.KiB))
	c.ClientPool = bench.ProcessClients
	assertFails(t, c, bench.Refused, "")
}
