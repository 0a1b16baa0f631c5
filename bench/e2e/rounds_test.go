package e2e_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Every cell is measured once before one is measured again, each time in another
// order, and that is the seed's.
func TestRounds(t *testing.T) {
	const cells, rounds = 16, 3
	names := func(flags ...string) (turns [][]string) {
		got := finish(t, command(t.Context(), append(append([]string{"-rounds=3"}, matrix...), flags...)...))
		assert.Zero(t, got.status, got.stderr)
		assert.Regexp(t, `\n# +upload +1KiB +2 +1 +thread +3 `, got.stdout, "three rounds are one line of the table")
		rows := got.rows(t)
		require.Len(t, rows, rounds*cells)
		for turn := range slices.Chunk(rows, cells) {
			var names []string
			for _, row := range turn {
				assert.Equal(t, 1, row.Iters)
				names = append(names, nameOf(row))
			}
			turns = append(turns, names)
		}
		return turns
	}
	turns := names()
	all := slices.Sorted(slices.Values(turns[0]))
	assert.Len(t, slices.Compact(slices.Clone(all)), cells)
	for i, turn := range turns {
		assert.Equal(t, all, slices.Sorted(slices.Values(turn)), "turn %d", i)
	}
	assert.NotEqual(t, turns[0], turns[1])
	assert.NotEqual(t, turns[1], turns[2])
	assert.Equal(t, turns, names("-seed=1"))
	assert.NotEqual(t, turns, names("-seed=2"))
}
