package e2e_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// clone makes a repository of one commit, which is the tree as it is.
func clone(t *testing.T) string {
	t.Helper()
	dir := copyTree(t)
	for _, args := range [][]string{
		{"init", "--quiet"}, {"add", "--all"},
		{"-c", "user.name=t", "-c", "user.email=t@example.org", "commit", "--quiet", "--message=all"},
	} {
		cmd := exec.Command("git", args...)
		cmd.Dir = dir
		out, err := cmd.CombinedOutput()
		require.NoError(t, err, "%s", out)
	}
	return dir
}

// Two revisions are measured in turn, each by its own program, and what the gate
// says of them is the exit status. Nothing of it is left but the results.
func TestCompareRevisions(t *testing.T) {
	if testing.Short() {
		t.Skip("builds the benchmark twice")
	}
	t.Parallel()
	dir := clone(t)
	script := func(revision string, env ...string) outcome {
		cmd := exec.Command("bench/compare.sh", revision)
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), append([]string{"TMPDIR=" + t.TempDir(), "BENCHFLAGS=-volume=1KiB -clients=2 -workers=1 -pool=thread -op=upload"}, env...)...)
		return finish(t, cmd)
	}
	few := script("HEAD", "ROUNDS=2")
	assert.Equal(t, 4, few.status, "two rounds show nothing: %s", few.stderr+few.stdout)
	assert.Equal(t, "round 1 of 2\nround 2 of 2\n", few.stderr)

	for _, side := range []string{"base.txt", "new.txt"} {
		text, err := os.ReadFile(filepath.Join(dir, "results/compare", side))
		require.NoError(t, err)
		assert.Len(t, (outcome{stdout: string(text)}).rows(t), 2)
	}
	table, err := os.ReadFile(filepath.Join(dir, "results/compare/compare.md"))
	require.NoError(t, err)
	assert.Contains(t, string(table), "| ")
	trees, err := exec.Command("git", "-C", dir, "worktree", "list").Output()
	require.NoError(t, err)
	assert.Equal(t, 1, bytes.Count(trees, []byte("\n")), "%s", trees)

	for _, row := range []struct{ name, revision, env, want string }{
		{"no such revision", "elsewhere", "ROUNDS=2", "elsewhere is no revision of this repository"},
		{"none", "", "ROUNDS=2", "want one revision to compare with, as main or HEAD~1"},
		{"no limit", "HEAD", "MAX_REGRESSION=10", `poolbench: invalid argument "10"`},
		{"no round", "HEAD", "ROUNDS=0", "ROUNDS=0 is not a whole number from 1"},
	} {
		t.Run(row.name, func(t *testing.T) {
			got := script(row.revision, row.env)
			assert.Equal(t, 2, got.status)
			assert.Contains(t, got.stderr, row.want)
		})
	}
	bad := script("HEAD", "BENCHFLAGS=-pool=fibre")
	assert.Equal(t, 1, bad.status)
	assert.True(t, strings.Contains(bad.stderr, "known are thread"), bad.stderr)
}
