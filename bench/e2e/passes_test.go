package e2e_test

import (
	"path/filepath"
	"regexp"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"poolbench/bench"
)

// In a pass every cell has a visit, the pools of a point next to each other and downloads
// before uploads, few clients before many. What is printed is kept, and the page is written.
func TestPasses(t *testing.T) {
	t.Parallel()
	const cells, passes, pools = 24, 2, 3
	results := filepath.Join(t.TempDir(), "my results") // with a blank
	got := run(t, "-pool=thread,process,goroutine", "-clients=1,3", "-workers=2", "-volume=1KiB,1MiB", "-passes=2", "-results="+results)
	assert.Zero(t, got.status, got.stderr)
	assert.Empty(t, got.stderr)
	rows := got.rows(t)
	require.Len(t, rows, cells*passes)
	orders := map[string][][]string{} // of the pools, by point
	for pass := range slices.Chunk(rows, cells) {
		block := "" // op and clients
		for at := range slices.Chunk(pass, pools) {
			var order []string
			match := regexp.MustCompile(`^Transfer/(op=((?:up|down)load)/volume=1[KM]iB/clients=([13])/workers=2)/pool=([a-z]+)$`)
			first := match.FindStringSubmatch(nameOf(at[0]))
			for _, row := range at {
				holdUnits(t, row)
				assert.Equal(t, 1, row.Iters)
				parts := match.FindStringSubmatch(nameOf(row))
				require.NotNil(t, parts, nameOf(row))
				assert.Equal(t, first[1], parts[1])
				order = append(order, parts[4])
			}
			assert.ElementsMatch(t, []string{"thread", "process", "goroutine"}, order)
			assert.GreaterOrEqual(t, first[2]+first[3], block)
			block = first[2] + first[3]
			orders[first[1]] = append(orders[first[1]], order)
		}
	}
	assert.Len(t, orders, cells/pools)
	for point, order := range orders {
		require.Len(t, order, passes, point)
		slices.Reverse(order[1])
		assert.Equal(t, order[0], order[1], "forth and back at %s", point)
	}

	assert.Contains(t, got.stdout, "\n# plan: 24 cells, each visited 2 times, in passes\n")
	assert.Regexp(t, `\n# pass 1: 24 visits in \d.*\nBenchmark(.*\n)*# pass 2: 24 visits in \d.*\nPASS\n`, got.stdout)
	assert.Contains(t, got.stdout, "\n# warning: server and clients share this machine's processors, of which there are ")
	assert.Contains(t, got.stdout, "\n# warning R: 24 of 24 cells: too few whole rounds")
	for _, op := range bench.Ops() {
		for _, pool := range []string{"process", "goroutine"} {
			assert.Regexp(t, `\n# +`+string(op)+` +all +`+pool+` +4 +2 `, got.stdout)
		}
	}
	assert.Regexp(t, `(?s)\nPASS\n# +op +volume .*\n# +op +of +pool .*\n# verdict: Uploads: .*\n# verdict: All 96 ops succeeded.*\n# 24 cells, 96 ops, 0 failed\n$`, got.stdout)
	assert.NotContains(t, got.stdout, "servers' log")
	holdText(t, got, results)
	run := samples(t, results)
	holdRows(t, results, run)
	servers := map[int]bool{}
	for i, r := range run.Results {
		assert.Equal(t, 1+i/cells, r.Pass)
		servers[r.Server] = true
	}
	assert.Len(t, servers, pools*passes, "a server lives for a pass")
}

// However little time there is, the first pass is whole.
func TestBudgetThatIsTooSmall(t *testing.T) {
	t.Parallel()
	got := runMatrix(t, "-budget=1ms")
	assert.Zero(t, got.status, got.stderr)
	assert.Len(t, got.rows(t), 16)
	assert.Regexp(t, `\n# plan: 16 cells; a whole pass, then more until .* are over or every answer is precise to 5 %\n`, got.stdout)
	assert.Contains(t, got.stdout, "\n# verdict: First impressions, of one pass: Uploads: ")
	assert.Contains(t, got.stdout, "\n# 16 cells, 24 ops, 0 failed\n")
	assert.NotContains(t, got.stdout, "broken off")
}

// The control is a server like the base's, and has an effect like any pool.
func TestControl(t *testing.T) {
	t.Parallel()
	got := run(t, "-control", "-clients=1,2", "-passes=2")
	assert.Zero(t, got.status, got.stderr)
	rows := got.rows(t)
	require.Len(t, rows, 2*2*2*2, "pools, ops, clients, passes")
	control := 0
	for _, row := range rows {
		holdUnits(t, row)
		if regexp.MustCompile(`/pool=control$`).MatchString(nameOf(row)) {
			control++
		}
	}
	assert.Equal(t, len(rows)/2, control)
	for _, op := range bench.Ops() {
		assert.Regexp(t, `\n# +`+string(op)+` +all +control +2 +2 `, got.stdout)
	}
	assert.Contains(t, got.stdout, "throughput: the pool against thread in the same pass")
}
