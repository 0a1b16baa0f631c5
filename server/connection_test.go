package server

import (
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// sink stands for a TCP connection, which uses sendfile(2) when what it is to
// read from is a file, bare or behind an io.LimitedReader.
type sink struct {
	io.Writer
	from io.Reader
}

func (s *sink) ReadFrom(r io.Reader) (int64, error) {
	s.from = r
	return io.Copy(io.Discard, r)
}

func TestCopyFileAllowsSendfile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.bin")
	require.NoError(t, os.WriteFile(path, make([]byte, 1000), 0o644))
	for _, row := range []struct {
		name string
		n    int64
		want int64
		err  error
	}{
		{"part of the file", 999, 999, nil},
		{"all of it", 1000, 1000, nil},
		{"more than there is", 1001, 1000, io.EOF},
	} {
		t.Run(row.name, func(t *testing.T) {
			file, err := os.Open(path)
			require.NoError(t, err)
			defer file.Close()
			var s sink
			n, err := copyFile(&s, file, row.n)
			assert.Equal(t, row.err, err)
			assert.Equal(t, row.want, n)
			limited, ok := s.from.(*io.LimitedReader)
			require.True(t, ok, "the connection would get a %T", s.from)
			assert.Same(t, file, limited.R)
		})
	}
}
