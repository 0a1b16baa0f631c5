package session

import (
	"fmt"
	"os"
	"runtime"
	"slices"
	"strconv"

	"poolbench/bench"
	"poolbench/bench/internal/machine"
	"poolbench/bench/load"
	"poolbench/bench/plan"
	"poolbench/bench/target"
)

// configLines returns a run's constants as configuration lines of the benchmark's output.
// benchstat splits its tables wherever one of them differs. So apart from the commit they
// hold only what is the same in runs that are to be compared. flags has the text of every
// flag by name.
func configLines(commit string, flags map[string]string, server target.Side, clientPools []bench.ClientPool) []string {
	var lines []string
	add := func(key, value string) { lines = append(lines, key+": "+value) }
	add("commit", commit)
	add("kernel", machine.Kernel())
	add("cpus", strconv.Itoa(runtime.NumCPU()))
	add("cpu-quota", machine.QuotaWords())
	add("server-gomaxprocs", orUnknown(server.GOMAXPROCS))
	add("load-gomaxprocs", strconv.Itoa(runtime.GOMAXPROCS(0)))
	add("client-pool", flags["client-pool"])
	add("storage", storageOf(server))
	add("loop", "closed")
	for _, name := range plan.Flags(plan.Measured) {
		if !ofCell[name] && !ofServer[name] {
			add(name, flags[name])
		}
	}
	if flags["server"] != "" {
		add("server", flags["server"])
	}
	if server.WorkerGOMAXPROCS > 0 {
		add("worker-gomaxprocs", strconv.Itoa(server.WorkerGOMAXPROCS))
	}
	if slices.Contains(clientPools, bench.ProcessClients) {
		add("client-gomaxprocs", strconv.Itoa(load.ClientGOMAXPROCS))
	}
	if server.Target != "" {
		add("target", server.Target)
	}
	return lines
}

// ofCell are the flags that appear in a row's name, and ofServer those that have lines of
// their own.
var (
	ofCell = func() map[string]bool {
		keys := map[string]bool{}
		for _, axis := range bench.Axes() {
			keys[axis.Key] = true
		}
		return keys
	}()
	ofServer = map[string]bool{"target": true, "server": true, "storage": true, "worker-gomaxprocs": true}
)

// storageOf returns where a server's storage is: the type of its filesystem, or discard.
func storageOf(s target.Side) string {
	switch {
	case s.Target != "":
		return "unknown"
	case s.Discard:
		return "discard"
	case s.Storage != "":
		return machine.Filesystem(s.Storage)
	}
	return machine.Filesystem(os.TempDir())
}

func orUnknown(n int) string {
	if n <= 0 {
		return "unknown"
	}
	return fmt.Sprint(n)
}
