package bench_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"poolbench/bench"
)

func TestWire(t *testing.T) {
	tests := []struct {
		text, address string // the address is empty if there is no such wire
		checks        bool
	}{
		{"lab", "host:1", true},
		{"http", "http://host:1/", false},
		{"http/", "http://host:1/", false},
		{"http/a b/c", "http://host:1/a%20b/c/", false},
		{"http/?#%41", "http://host:1/%3F%23%2541/", false},
		{"", "", false},
		{"ftp", "", false},
		{"https", "", false},
		{"lab/x", "", false},
	}
	for _, test := range tests {
		t.Run(test.text, func(t *testing.T) {
			wire, err := bench.ParseWire(test.text)
			if test.address == "" {
				assert.ErrorContains(t, err, "unknown; known are lab, http")
				return
			}
			assert.NoError(t, err)
			assert.Equal(t, test.address, wire.Address("host:1"))
			assert.Equal(t, test.checks, wire.ChecksUploads())
			assert.Equal(t, "host:1", bench.Place(test.address))
			there := bench.AtPlace(test.address, "192.0.2.1:1")
			assert.Equal(t, "192.0.2.1:1", bench.Place(there))
			assert.Equal(t, test.address != "host:1", strings.HasPrefix(there, test.address), there)
			assert.Equal(t, there, bench.AtPlace(there, "192.0.2.1:1"))
			assert.Equal(t, "192.0.2.2:1", bench.Place(bench.AtPlace(there, "192.0.2.2:1")))
			assert.Equal(t, test.address, bench.AtPlace(test.address, "host:1"))
		})
	}
	assert.Equal(t, "host:1", bench.Wire("").Address("host:1"))
	assert.True(t, bench.Wire("").ChecksUploads())
}
