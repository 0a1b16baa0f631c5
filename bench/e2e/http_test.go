package e2e_test

import (
	"os/exec"
	"testing"

	"github.com/stretchr/testify/assert"

	"poolbench/bench"
)

// apache is where Debian puts it.
const apache = "/usr/sbin/apache2"

// Apache with processes and with threads is measured over HTTP, beside ours.
func TestApache(t *testing.T) {
	if _, err := exec.LookPath(apache); err != nil {
		t.Skip("no Apache:", err)
	}
	t.Parallel()
	results := t.TempDir()
	got := runMatrix(t, "-servers=docs/servers/apache.toml", "-pool=thread,apache-prefork,apache-worker", "-volume=100KiB", "-results="+results)
	run := holdServed(t, got, results)
	for _, r := range run.Results {
		assert.Empty(t, r.Notes, r.Cell.String())
		assert.Equal(t, r.Cell.Pool == "thread", r.Told != nil, "STATS")
		for _, s := range r.Rounds[0].Samples {
			assert.Equal(t, r.Cell.Op == bench.Download || r.Cell.Pool == "thread", s.FirstByte > 0, r.Cell.String())
		}
	}
	assert.Equal(t, map[string]int{"thread": 8, "apache-prefork": 8, "apache-worker": 8}, visits(run))
	assert.Contains(t, got.stdout, "\nverify: on\n")
	assert.Contains(t, got.stdout, "\nwire: lab,http\n")
	assert.Contains(t, got.stdout, "\n# verify: uploads to apache-prefork, apache-worker count as not verified, ")
	assert.Regexp(t, "\n# verdict: .*apache-worker servers", got.stdout)
}

// A server that answers no HTTP leaves rows that say what it said.
func TestWrongWire(t *testing.T) {
	t.Parallel()
	got := finish(t, command(t.Context(), append(lab(t)[:1], "-workers=1", "-wire=http")...))
	assert.Equal(t, 1, got.status, got.stderr)
	assert.Contains(t, got.stdout, "\nverify: downloads\n")
	assert.Regexp(t, `\n# failed: op=download.*: 2 × protocol error: header, byte 0: malformed HTTP `, got.stdout)
}
