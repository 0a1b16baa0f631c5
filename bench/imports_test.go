package bench_test

import (
	"maps"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const module = "poolbench/"

// table reads from doc.go which package may import which. A name is looked up under bench
// first, then at the top of the module.
func table(t *testing.T, known map[string][]string) map[string][]string {
	t.Helper()
	text, err := os.ReadFile("doc.go")
	require.NoError(t, err)
	path := func(name string) string {
		inner := module + "bench/" + name
		if _, ok := known[inner]; name != "bench" && ok {
			return inner
		}
		return module + name
	}
	rows := map[string][]string{}
	_, text2, _ := strings.Cut(string(text), "nothing else of this\n// module:\n")
	for line := range strings.Lines(text2) {
		row, ok := strings.CutPrefix(line, "//\t")
		if !ok {
			continue
		}
		var imports []string
		words := strings.Fields(row)
		for _, name := range words[1:] {
			imports = append(imports, path(name))
		}
		slices.Sort(imports)
		rows[path(words[0])] = imports
	}
	return rows
}

// imports returns, for each package of ours that bench depends on, the packages of ours
// that it imports.
func imports(t *testing.T) map[string][]string {
	t.Helper()
	out, err := exec.Command("go", "list", "-deps", "-f", `{{.ImportPath}} {{join .Imports " "}}`, "poolbench/bench/...").Output()
	require.NoError(t, err)
	all := map[string][]string{}
	for line := range strings.Lines(string(out)) {
		words := strings.Fields(line)
		if strings.HasPrefix(words[0], module) {
			all[words[0]] = slices.DeleteFunc(words[1:], func(path string) bool { return !strings.HasPrefix(path, module) })
		}
	}
	return all
}

// Imports match the table in doc.go exactly.
func TestImports(t *testing.T) {
	got := imports(t)
	want := table(t, got)
	require.Greater(t, len(want), 20)
	for _, path := range slices.Sorted(maps.Keys(got)) {
		if strings.HasPrefix(path, module+"bench") {
			require.Contains(t, want, path, "package missing from the table")
		}
		if row, ok := want[path]; ok {
			assert.ElementsMatch(t, row, got[path], path)
		}
	}
	for path := range want {
		assert.Contains(t, got, path, "row without a package")
	}
}
