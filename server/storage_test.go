package server

import (
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// What nobody holds is removed; an upload under way, a client's file and what is
// no file are not.
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
	u, err := s.create("b.bin", new(workerCounters))
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

// Uploads that begin while another server sweeps the folder all come through.
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
				u, err := s.create("a.bin", new(workerCounters))
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
