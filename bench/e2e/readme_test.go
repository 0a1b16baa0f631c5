package e2e_test

import (
	"bytes"
	"flag"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"poolbench/bench"
	"poolbench/bench/journal"
	"poolbench/bench/plan"
	"poolbench/bench/session"
)

func readme(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, "README.md"))
	require.NoError(t, err)
	return string(text)
}

// Every block of commands in the README is run, in one shell, in a copy of the
// work tree. The variables that the Makefile takes from the environment make
// the matrix small; the commands are those that a reader copies.
func TestReadmeCommands(t *testing.T) {
	t.Parallel()
	blocks := regexp.MustCompile("(?s)```sh\n(.*?)```").FindAllStringSubmatch(readme(t), -1)
	require.NotEmpty(t, blocks)
	var script strings.Builder
	script.WriteString("set -eu\n")
	for _, block := range blocks {
		script.WriteString(block[1])
	}
	cmd := exec.CommandContext(t.Context(), "sh", "-c", script.String())
	cmd.Dir = copyTree(t)
	cmd.Env = append(os.Environ(), "BENCHFLAGS=-passes=1 -volume=1KiB -clients=5 -workers=5 -warmup=0", "TESTFLAGS=-run=^$",
		"GOFLAGS=-trimpath") // what was built in another copy need not be again
	output, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s", output)
	assert.NotContains(t, string(output), "syntax error")
	for _, name := range []string{session.TextName, "report.html", journal.FileName} {
		assert.FileExists(t, filepath.Join(cmd.Dir, "results", name))
	}
	assert.FileExists(t, filepath.Join(cmd.Dir, "doc/file_100mb.txt"))
	assert.Contains(t, string(output), "vs base", "benchstat has compared something")
}

// copyTree copies what git would put into a clone, with the changes that are not
// committed yet.
func copyTree(t *testing.T) string {
	t.Helper()
	list := exec.CommandContext(t.Context(), "git", "ls-files", "-z", "--cached", "--others", "--exclude-standard")
	list.Dir = root
	names, err := list.Output()
	if err != nil {
		t.Skip("not a git work tree:", err)
	}
	dir := t.TempDir()
	for name := range bytes.SplitSeq(bytes.TrimRight(names, "\x00"), []byte{0}) {
		from, to := filepath.Join(root, string(name)), filepath.Join(dir, string(name))
		data, err := os.ReadFile(from)
		if os.IsNotExist(err) {
			continue // removed and not committed
		}
		require.NoError(t, err)
		require.NoError(t, os.MkdirAll(filepath.Dir(to), 0o755))
		info, err := os.Stat(from)
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(to, data, info.Mode()))
	}
	return dir
}

// The README explains every flag, unit and reason there is, and no flag that there
// is not.
func TestReadmeIsComplete(t *testing.T) {
	text := readme(t)
	assert.Regexp(t, `(?m)^ +upload +10MiB +50 +5 +thread +\d+ `, text, "a table from a run")
	var options plan.Options
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	options.Register(flags, []string{"thread"}, []string{"thread"})
	flags.VisitAll(func(f *flag.Flag) {
		assert.Contains(t, text, "| `-"+f.Name+"=", "flag -%s", f.Name)
	})
	for _, row := range regexp.MustCompile("(?m)^\\| `-([a-z-]+)=").FindAllStringSubmatch(text, -1) {
		assert.NotNil(t, flags.Lookup(row[1]), "the README has a flag -%s", row[1])
	}
	for _, line := range slices.Concat(bench.UnitLines(), []string{"Unit ns/op", "Unit MB/s"}) {
		assert.Contains(t, text, "`"+strings.Fields(line)[1]+"`", "unit")
	}
	source, err := os.ReadFile(filepath.Join(root, "bench/reason.go"))
	require.NoError(t, err)
	reasons := regexp.MustCompile(` Reason += "(.+)"`).FindAllStringSubmatch(string(source), -1)
	require.NotEmpty(t, reasons)
	for _, reason := range reasons {
		assert.Contains(t, text, "`"+reason[1]+"`", "reason")
	}
}

// What the README says how to write is in the Makefile.
func TestReadmeTargets(t *testing.T) {
	makefile, err := os.ReadFile(filepath.Join(root, "Makefile"))
	require.NoError(t, err)
	for _, target := range regexp.MustCompile("`make ([a-z-]+)").FindAllStringSubmatch(readme(t), -1) {
		assert.Contains(t, string(makefile), "\n## "+target[1]+": ", "make %s", target[1])
	}
}
