package page

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"poolbench/bench/analysis"
	"poolbench/bench/journal"
)

// A run is repeated with the flags it was given, except those for that one time.
func TestCommands(t *testing.T) {
	const write = "go run ./bench/cmd/poolbench report 'my results' --format html > report.html"
	for _, row := range []struct {
		name string
		head journal.Head
		want []string
	}{
		{"nothing is known", journal.Head{Commit: "unknown"}, nil},
		{"a commit", journal.Head{Commit: "abc"}, []string{"git checkout abc"}},
		{"no flags", journal.Head{Given: []string{}}, []string{"go test -run '^$' ."}},
		{"those of the testing package before the package", journal.Head{Given: []string{"-clients=1,5", "-bench=Transfer/op=upload", "-cpu=2", "-benchtime=1s", "-count=3", "-pool=thread"}},
			[]string{"go test -run '^$' -bench=Transfer/op=upload -cpu=2 -benchtime=1s -count=3 . -clients=1,5 -pool=thread"}},
		{"those of that time", journal.Head{Given: []string{"-resume=true", "-plan", "--resume", "-plan=false", "-planned=1"}}, []string{"go test -run '^$' . -planned=1"}},
		{"for a shell", journal.Head{Given: []string{"-bench=(a|b)$", "-storage=it's"}, Flags: map[string]string{"results": "my results"}},
			[]string{`go test -run '^$' '-bench=(a|b)$' . '-storage=it'\''s'`, write}},
	} {
		t.Run(row.name, func(t *testing.T) {
			assert.Equal(t, row.want, commands(&analysis.Analysis{Run: journal.Run{Head: row.head}}))
		})
	}
}

// Joined runs are repeated one by one, and written together.
func TestCommandsOfJoinedRuns(t *testing.T) {
	part := func(dir, workers string) journal.Part {
		return journal.Part{Dir: dir, Run: journal.Run{Head: journal.Head{Given: []string{"-target-workers=" + workers}}}}
	}
	run, err := journal.Join(part("w1", "1"), part("w5", "5"))
	require.NoError(t, err)
	assert.Equal(t, []string{
		"go test -run '^$' . -target-workers=1", "go test -run '^$' . -target-workers=5",
		"go run ./bench/cmd/poolbench report w1 w5 --format html > report.html",
	}, commands(&analysis.Analysis{Run: run}))
}
