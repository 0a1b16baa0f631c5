package machine_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"poolbench/bench/internal/machine"
)

func TestEnvironment(t *testing.T) {
	env := machine.Environment("/proc", filepath.Join(t.TempDir(), "not", "made", "yet"))
	assert.Equal(t, "proc", env["storage-filesystem"])
	assert.NotEqual(t, "unknown", env["fixtures-filesystem"])
	assert.Regexp(t, `^Linux `, env["kernel"])
	assert.Regexp(t, `^\d+ \d+ \d+$`, env["tcp-rmem"])
	assert.Regexp(t, `^\d+\.\d GiB$`, env["memory"])
	for name, value := range env {
		assert.NotEmpty(t, value, name)
		assert.NotContains(t, value, "\n", name)
	}
	program, err := machine.Program()
	require.NoError(t, err)
	assert.Regexp(t, `^[0-9a-f]{64}$`, program)
}

func TestCommit(t *testing.T) {
	t.Setenv("GIT_CEILING_DIRECTORIES", "/") // the temporary folder may lie in a work tree
	assert.Equal(t, "unknown", machine.Commit(t.TempDir()))
}

func TestFilesystem(t *testing.T) {
	assert.Equal(t, "proc", machine.Filesystem("/proc/self"))
	assert.Equal(t, "unknown", machine.Filesystem(filepath.Join(t.TempDir(), "gone")))
	link := filepath.Join(t.TempDir(), "link")
	require.NoError(t, os.Symlink("/proc", link))
	assert.Equal(t, "proc", machine.Filesystem(link))
	blank := filepath.Join(t.TempDir(), "a b")
	require.NoError(t, os.Mkdir(blank, 0o755))
	if err := unix.Mount("ramfs", blank, "ramfs", 0, ""); err != nil {
		t.Skip("cannot mount a filesystem here:", err)
	}
	t.Cleanup(func() { assert.NoError(t, unix.Unmount(blank, 0)) })
	assert.Equal(t, "ramfs", machine.Filesystem(blank))
}
