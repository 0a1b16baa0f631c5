package bench

import (
	"fmt"
	"os"
	"runtime"
	"slices"
	"strconv"
)

// ServerSide is what configuration lines say of the server.
type ServerSide struct {
	Target     string // empty for a server of our own
	GOMAXPROCS int    // 0 if it is not known
	// WorkerGOMAXPROCS is that of worker processes; 0 if there can be none.
	WorkerGOMAXPROCS int
	Storage          string // the folder that storages are made in; empty for the temporary disk
	Discard          bool
}

// ConfigLines returns the run's constants as configuration lines of a benchmark's
// output. benchstat splits its tables where one of them differs, so nothing is
// here that may differ between runs that are to be compared, but the commit.
func (o *Options) ConfigLines(server ServerSide) []string {
	lines := [][2]string{
		{"commit", Commit(".")},
		{"kernel", Kernel()},
		{"cpus", strconv.Itoa(runtime.NumCPU())},
		{"server-gomaxprocs", orUnknown(server.GOMAXPROCS)},
		{"load-gomaxprocs", strconv.Itoa(runtime.GOMAXPROCS(0))},
		{"client-pool", listText(o.ClientPools)},
		{"storage", server.storage()},
		{"loop", "closed"},
		{"verify", choiceText(o.Verify, "on", "off")},
		{"sink", choiceText(o.SinkFile, "file", "discard")},
		{"warmup", strconv.Itoa(o.Warmup)},
		{"op-timeout", o.OpTimeout.String()},
		{"cell-timeout", o.CellTimeout.String()},
	}
	if server.WorkerGOMAXPROCS > 0 {
		lines = append(lines, [2]string{"worker-gomaxprocs", strconv.Itoa(server.WorkerGOMAXPROCS)})
	}
	if slices.Contains(o.ClientPools, ProcessClients) {
		lines = append(lines, [2]string{"client-gomaxprocs", strconv.Itoa(ClientGOMAXPROCS)})
	}
	if server.Target != "" {
		lines = append(lines, [2]string{"target", server.Target})
	}
	text := make([]string, len(lines))
	for i, line := range lines {
		text[i] = fmt.Sprintf("%s: %s", line[0], line[1])
	}
	return text
}

func (s ServerSide) storage() string {
	switch {
	case s.Target != "":
		return "unknown"
	case s.Discard:
		return "discard"
	case s.Storage != "":
		return Filesystem(s.Storage)
	}
	return Filesystem(os.TempDir())
}

func orUnknown(n int) string {
	if n <= 0 {
		return "unknown"
	}
	return strconv.Itoa(n)
}
