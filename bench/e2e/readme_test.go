package e2e_test

import (
	"flag"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"poolbench/bench"
	"poolbench/bench/plan"
)

// document is a page for readers.
type document struct{ path, text string }

// documents returns the README, which comes first, and the pages in docs.
func documents(t *testing.T) []document {
	t.Helper()
	pages, err := filepath.Glob(filepath.Join(root, "docs/*.md"))
	require.NoError(t, err)
	require.NotEmpty(t, pages)
	var all []document
	for _, path := range append([]string{filepath.Join(root, "README.md")}, pages...) {
		text, err := os.ReadFile(path)
		require.NoError(t, err)
		all = append(all, document{path, string(text)})
	}
	return all
}

// everything is the text of all documents.
func everything(t *testing.T) string {
	t.Helper()
	var text strings.Builder
	for _, d := range documents(t) {
		text.WriteString(d.text)
	}
	return text.String()
}

// The README is a door: who wants to know more finds a page for it.
func TestReadmeIsShort(t *testing.T) {
	t.Parallel()
	readme := documents(t)[0]
	assert.LessOrEqual(t, strings.Count(readme.text, "\n"), 200)
	for _, d := range documents(t)[1:] {
		assert.True(t, strings.Contains(readme.text, "](docs/"+filepath.Base(d.path)+")"), "no link to %s", d.path)
	}
}

// The documents explain every flag, unit and reason there is, and no flag that there is
// not.
func TestDocsAreComplete(t *testing.T) {
	t.Parallel()
	text := everything(t)
	assert.Regexp(t, `(?m)^ +upload +10MiB +50 +5 +thread +\d+ `, text, "a table from a run")
	var options plan.Options
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	pools := []string{"thread", "process", "goroutine"}
	options.Register(flags, pools, pools)
	flags.VisitAll(func(f *flag.Flag) {
		assert.Equal(t, 1, strings.Count(text, "\n| `-"+f.Name+"="), "rows for -%s", f.Name)
	})
	theirs := []string{"bench", "benchtime", "count", "cpu", "skip", "timeout"}
	for _, name := range submatches("`-([a-z][a-z-]*)", text) {
		assert.True(t, flags.Lookup(name) != nil || slices.Contains(theirs, name), "the documents name a flag -%s", name)
	}
	for _, call := range submatches("BENCHFLAGS='?([^'`\\s][^'`]*)['`]", text) {
		assert.NoError(t, flags.Parse(strings.Fields(call)), call)
	}
	for _, line := range slices.Concat(bench.UnitLines(), []string{"Unit ns/op", "Unit MB/s"}) {
		unit := strings.Fields(line)[1]
		assert.True(t, strings.Contains(text, "`"+unit+"`"), "no word of the unit %s", unit)
	}
	source, err := os.ReadFile(filepath.Join(root, "bench/reason.go"))
	require.NoError(t, err)
	reasons := submatches(` Reason += "(.+)"`, string(source))
	require.NotEmpty(t, reasons)
	for _, reason := range reasons {
		assert.True(t, strings.Contains(text, "`"+reason+"`"), "no word of the reason %s", reason)
	}
}

// What the documents say to make is in the Makefile.
func TestDocsTargets(t *testing.T) {
	t.Parallel()
	makefile, err := os.ReadFile(filepath.Join(root, "Makefile"))
	require.NoError(t, err)
	for _, targets := range submatches("`make ([a-z][a-z -]*)", everything(t)) {
		for target := range strings.FieldsSeq(targets) {
			assert.True(t, strings.Contains(string(makefile), "\n## "+target+": "), "make %s", target)
		}
	}
}

// Every link to a file leads to one, and to a heading that it has.
func TestDocsLinks(t *testing.T) {
	t.Parallel()
	for _, d := range documents(t) {
		for _, link := range submatches(`(?:\]\(|src=")([^)"]+)[)"]`, d.text) {
			if strings.HasPrefix(link, "https://") {
				continue
			}
			path, heading, _ := strings.Cut(link, "#")
			to := d.path
			if path != "" {
				to = filepath.Join(filepath.Dir(d.path), path)
			}
			text, err := os.ReadFile(to)
			if assert.NoError(t, err, "%s links to %s", d.path, link) && heading != "" {
				assert.Contains(t, headings(string(text)), heading, "%s links to %s", d.path, link)
			}
		}
	}
}

// headings returns the anchors of a document.
func headings(text string) []string {
	anchors := submatches(`(?m)^#+ (.*)$`, text)
	for i, title := range anchors {
		anchors[i] = strings.ReplaceAll(regexp.MustCompile(`[^a-z -]`).ReplaceAllString(strings.ToLower(title), ""), " ", "-")
	}
	return anchors
}

// The table of packages has a row for each folder with Go code, and no other.
func TestDocsPackages(t *testing.T) {
	t.Parallel()
	design, err := os.ReadFile(filepath.Join(root, "docs/design.md"))
	require.NoError(t, err)
	_, table, _ := strings.Cut(string(design), "\n## Packages\n")
	folders := map[string]bool{}
	require.NoError(t, filepath.WalkDir(root, func(path string, entry os.DirEntry, err error) error {
		if entry != nil && entry.IsDir() && (entry.Name() == "testdata" || entry.Name() == ".git") {
			return filepath.SkipDir
		}
		if strings.HasSuffix(path, ".go") {
			folder, err := filepath.Rel(root, filepath.Dir(path))
			require.NoError(t, err)
			folders[folder] = true
		}
		return err
	}))
	rows := submatches("(?m)^\\| `([^`]+)` \\|", table)
	for folder := range folders {
		assert.Contains(t, rows, folder, "a package without a row")
	}
	assert.Len(t, rows, len(folders), "a row without a package, or two of one")
}

// submatches returns what the pattern's group matches in a text.
func submatches(pattern, text string) []string {
	var found []string
	for _, match := range regexp.MustCompile(pattern).FindAllStringSubmatch(text, -1) {
		found = append(found, match[1])
	}
	return found
}
