package child_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"poolbench/server/child"
)

func TestStorage(t *testing.T) {
	p, err := child.Start(t.Context(), config(t.TempDir()))
	require.NoError(t, err)
	storage := p.Storage()
	offer(t, p)
	upload := filepath.Join(storage.Dir(), "b.bin")
	require.NoError(t, os.WriteFile(upload, nil, 0o644))
	for i := range 50 {
		require.NoError(t, os.WriteFile(filepath.Join(storage.Dir(), fmt.Sprint(i)), nil, 0o644))
	}
	require.NoError(t, storage.Empty())
	assert.Equal(t, []string{"a.bin"}, names(t, storage.Dir()))
	// A second time, and in place of an upload: the original is not written to.
	offer(t, p)
	original := filepath.Join(t.TempDir(), "b.bin")
	require.NoError(t, os.WriteFile(original, []byte("original"), 0o644))
	for range 2 {
		require.NoError(t, os.WriteFile(upload+".new", []byte("uploaded"), 0o644))
		require.NoError(t, os.Rename(upload+".new", upload)) // as a server does it
		require.NoError(t, storage.Put(original))
		for _, path := range []string{original, upload} {
			data, err := os.ReadFile(path)
			require.NoError(t, err)
			assert.Equal(t, "original", string(data))
		}
	}
	// /proc is another filesystem, so this is a copy.
	require.NoError(t, storage.Put("/proc/self/status"))
	assert.FileExists(t, filepath.Join(storage.Dir(), "status"))
	assert.ErrorContains(t, storage.Put("/no/such/file"), "child: storage: stat /no/such/file")
	require.NoError(t, storage.Empty())
	assert.Equal(t, []string{"a.bin", "b.bin", "status"}, names(t, storage.Dir()))
	// A folder that is not empty cannot be removed.
	require.NoError(t, os.MkdirAll(filepath.Join(storage.Dir(), "c", "d"), 0o755))
	assert.ErrorContains(t, storage.Empty(), "child: storage: remove ")
	require.NoError(t, p.Stop())
	assert.ErrorContains(t, storage.Empty(), "child: storage: open ")
}

// A file is put once, until it or its source changes.
func TestStoragePutsOnce(t *testing.T) {
	p, err := child.Start(t.Context(), config(t.TempDir()))
	require.NoError(t, err)
	defer func() { assert.NoError(t, p.Stop()) }()
	path := filepath.Join(t.TempDir(), "a.bin")
	stored := filepath.Join(p.Storage().Dir(), "a.bin")
	watch, err := unix.InotifyInit1(unix.IN_CLOEXEC | unix.IN_NONBLOCK)
	require.NoError(t, err)
	defer unix.Close(watch)
	_, err = unix.InotifyAddWatch(watch, p.Storage().Dir(), unix.IN_CREATE)
	require.NoError(t, err)
	// put puts the file, and reports whether one was created.
	put := func() bool {
		require.NoError(t, p.Storage().Put(path))
		data, err := os.ReadFile(stored)
		require.NoError(t, err)
		want, err := os.ReadFile(path)
		require.NoError(t, err)
		assert.Equal(t, string(want), string(data))
		_, err = unix.Read(watch, make([]byte, 4096))
		return err == nil
	}
	require.NoError(t, os.WriteFile(path, []byte("hello"), 0o644))
	assert.True(t, put(), "first")
	assert.False(t, put(), "a second time")
	require.NoError(t, os.Remove(stored))
	assert.True(t, put(), "removed")

	since := time.Unix(1e9, 0)
	stamp := func(at time.Time) { require.NoError(t, os.Chtimes(path, at, at)) }
	stamp(since)
	assert.True(t, put(), "of another time")
	require.NoError(t, os.WriteFile(path, []byte("longer"), 0o644))
	stamp(since)
	assert.True(t, put(), "of another size")
	require.NoError(t, os.Rename(path, path+".old"))
	require.NoError(t, os.WriteFile(path, []byte("others"), 0o644))
	stamp(since)
	assert.True(t, put(), "another file of that time and size")
	assert.False(t, put(), "a second time")

	require.NoError(t, os.Remove(stored))
	require.NoError(t, os.MkdirAll(filepath.Join(stored, "folder"), 0o755))
	assert.ErrorContains(t, p.Storage().Put(path), "child: storage: remove "+stored, "a folder in its place")
}

// names returns the names in a folder, sorted.
func names(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	var names []string
	for _, entry := range entries {
		names = append(names, entry.Name())
	}
	return names
}
