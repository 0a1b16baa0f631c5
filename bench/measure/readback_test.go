package measure_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"poolbench/bench"
	"poolbench/fixtures"
	"poolbench/server"
)

// spoiler is a server over HTTP that confirms what it gets, and spoils what the client with
// number 1 has sent.
type spoiler struct {
	spoil func(data []byte) []byte // nil is no file
	mu    sync.Mutex
	files map[string][]byte
}

func (s *spoiler) ServeHTTP(w http.ResponseWriter, q *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if q.Method == http.MethodPut {
		data, _ := io.ReadAll(q.Body)
		if strings.HasSuffix(q.URL.Path, "_001.bin") {
			data = s.spoil(data)
		}
		s.files[q.URL.Path] = data
		w.WriteHeader(http.StatusCreated)
		return
	}
	data := s.files[q.URL.Path]
	if data == nil {
		http.NotFound(w, q)
		return
	}
	_, _ = w.Write(data)
}

// An upload that is not stored as it was sent fails its op, though the server has confirmed
// it.
func TestReadBack(t *testing.T) {
	file := fixture(t, 10*fixtures.KiB)
	for _, row := range []struct {
		name  string
		spoil func(data []byte) []byte
		want  string // of the second op; empty if it succeeds
	}{
		{"as it was sent", func(data []byte) []byte { return data }, ""},
		{"a byte is another", func(data []byte) []byte { data[5] ^= 1; return data }, `^checksum mismatch: crc32c [0-9a-f]{8} is stored of an upload of [0-9a-f]{8}$`},
		{"shorter", func(data []byte) []byte { return data[:100] }, `^size mismatch: 100 bytes are stored of an upload of 13656$`},
		{"gone", func([]byte) []byte { return nil }, `^not stored: .*404`},
	} {
		t.Run(row.name, func(t *testing.T) {
			s := httptest.NewServer(&spoiler{spoil: row.spoil, files: map[string][]byte{}})
			defer s.Close()
			c := config(t, bench.Upload, bench.HTTPWire.Address(s.Listener.Addr().String()), 2, file)
			assert.Empty(t, measured(t, c, 1).Failures(), "nobody looks")
			c.ReadBack = true
			result := measured(t, c, 1)
			require.Len(t, result.Rounds, 1)
			assert.True(t, result.Rounds[0].Samples[0].OK(), result.Reasons())
			if row.want == "" {
				assert.Empty(t, result.Failures())
				return
			}
			assert.Regexp(t, row.want, result.Rounds[0].Samples[1].Failure.String())
		})
	}
}

// A server that decodes what it gets stores the data, not the text.
func TestReadBackOfData(t *testing.T) {
	file := fixture(t, 10*fixtures.KiB)
	addr, _ := start(t, server.Config{}, file)
	c := config(t, bench.Upload, addr, 3, file)
	c.ReadBack = true
	assert.Empty(t, measured(t, c, 2).Failures())
	c.Fixture.Data++
	assert.Len(t, measured(t, c, 1).Reasons(), 1, "its checksum is looked at")
}
