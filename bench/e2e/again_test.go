package e2e_test

import (
	"html"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"poolbench/bench/analysis"
	"poolbench/bench/report/page"
)

// The command that the page has makes such a run again.
func TestCommandOfThePage(t *testing.T) {
	t.Parallel()
	results := filepath.Join(t.TempDir(), "it's my results")
	first := run(t, "-passes=2", "-seed=3", "-control", "-client-pool=process", "-test.cpu=1", "-results="+results,
		"-test.bench=Transfer/op=(upload|download)/volume=1KiB$", "-test.skip=BenchmarkTransfer/op=download")
	require.Zero(t, first.status, first.stderr)
	before := samples(t, results)
	var text strings.Builder
	require.NoError(t, page.Write(&text, analysis.New(before)))
	command := regexp.MustCompile(`(?m)^go test .*$`).FindString(html.UnescapeString(text.String()))
	require.NotEmpty(t, command)
	cmd := exec.CommandContext(t.Context(), "sh", "-c", command)
	cmd.Dir = root
	output, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s\n%s", command, output)
	again := samples(t, results)
	assert.True(t, again.Head.Time.After(before.Head.Time))
	assert.Equal(t, before.Head.Plan, again.Head.Plan)
	assert.Equal(t, before.Head.Given, again.Head.Given)
	assert.Len(t, again.Results, len(before.Results))
}
