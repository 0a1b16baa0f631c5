package server

import (
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"poolbench/server/internal/counters"
)

// A sweep removes temporary files without a lock, and nothing else.
func TestSweep(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"a.bin", temporaryPrefix + "LEFT", "x" + temporaryPrefix} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte("abc"), 0o644))
	}
	require.NoError(t, os.Mkdir(filepath.Join(dir, temporaryPrefix+"FOLDER"), 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(dir, temporaryPrefix+"FOLDER", "a"), nil, 0o644))
	s, err := openStorage(dir, false)
	require.NoError(t, err)
	defer s.close()
	u, err := s.create("b.bin", new(counters.Worker))
	require.NoError(t, err)

	removed, err := s.sweep()
	require.NoError(t, err)
	assert.Equal(t, 1, removed)
	assert.FileExists(t, filepath.Join(dir, u.temporary))
	assert.FileExists(t, filepath.Join(dir, "a.bin"))
	assert.FileExists(t, filepath.Join(dir, "x"+temporaryPrefix))
	assert.NoFileExists(t, filepath.Join(dir, temporaryPrefix+"LEFT"))
	require.NoError(t, u.commit())
	assert.FileExists(t, filepath.Join(dir, "b.bin"))
}

// Uploads succeed while another server sweeps the folder.
func TestSweepDuringUploads(t *testing.T) {
	t.Parallel()
	s, err := openStorage(t.TempDir(), false)
	require.NoError(t, err)
	defer s.close()
	var uploads, sweeper sync.WaitGroup
	stop := make(chan struct{})
	sweeper.Go(func() {
		for {
			select {
			case <-stop:
				return
			default:
				_, err := s.sweep()
				assert.NoError(t, err)
			}
		}
	})
	for range 2 {
		uploads.Go(func() {
			for range 500 {
				u, err := s.create("a.bin", new(counters.Worker))
				if assert.NoError(t, err) {
					_, err = u.Write([]byte("abc"))
					assert.NoError(t, err)
					assert.NoError(t, u.commit())
				}
			}
		})
	}
	uploads.Wait()
	close(stop)
	sweeper.Wait()
}

// A file is locked by one upload, and by none if a sweep was quicker.
func TestLock(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.bin")
	open := func() *os.File {
		file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o644)
		require.NoError(t, err)
		t.Cleanup(func() { _ = file.Close() })
		return file
	}
	file := open()
	assert.True(t, lock(file))
	assert.True(t, lock(file), "its own")
	assert.False(t, lock(open()), "another's")
	require.NoError(t, os.Remove(path))
	assert.False(t, lock(file), "removed")
	require.NoError(t, file.Close())
	assert.True(t, lock(file), "unknown, so create does not try for ever")
}

// Abandoning removes the temporary file, and nothing after a commit.
func TestAbandon(t *testing.T) {
	dir := t.TempDir()
	s, err := openStorage(dir, false)
	require.NoError(t, err)
	defer s.close()
	u, err := s.create("a.bin", new(counters.Worker))
	require.NoError(t, err)
	require.NoError(t, u.commit())
	other := filepath.Join(dir, u.temporary)
	require.NoError(t, os.WriteFile(other, nil, 0o644))
	u.abandon()
	assert.FileExists(t, other)

	u, err = s.create("b.bin", new(counters.Worker))
	require.NoError(t, err)
	u.abandon()
	assert.NoFileExists(t, filepath.Join(dir, u.temporary))
	assert.NoError(t, u.commit(), "nothing is left to commit")
	assert.NoFileExists(t, filepath.Join(dir, "b.bin"))
}

// The time that the storage takes is counted. Discarding takes none.
func TestStorageTime(t *testing.T) {
	for _, discard := range []bool{false, true} {
		s, err := openStorage(t.TempDir(), discard)
		require.NoError(t, err)
		var c counters.Worker
		u, err := s.create("a.bin", &c)
		require.NoError(t, err)
		created := c.StorageNS.Load()
		_, err = u.Write([]byte("abc"))
		require.NoError(t, err)
		written := c.StorageNS.Load()
		require.NoError(t, u.commit())
		assert.Equal(t, !discard, created > 0)
		assert.Equal(t, !discard, written > created)
		assert.Equal(t, !discard, c.StorageNS.Load() > written)
		require.NoError(t, s.close())
	}
}
