package stats_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"poolbench/bench/stats"
)

// adjusted returns the p-values of Holm's claims.
func adjusted(ps []float64) []float64 {
	var adjusted []float64
	for _, claim := range stats.Holm(ps, stats.Alpha) {
		adjusted = append(adjusted, claim.P)
	}
	return adjusted
}

func TestHolm(t *testing.T) {
	for _, row := range []struct {
		name     string
		ps, want []float64
		made     []bool // at 0.05
	}{
		{"none", nil, nil, nil},
		{"one is as it was", []float64{0.03}, []float64{0.03}, []bool{true}},
		// 4·0.005, 3·0.01, 2·0.03, and 1·0.04, which is less than the one before.
		{"four", []float64{0.01, 0.04, 0.03, 0.005}, []float64{0.03, 0.06, 0.06, 0.02}, []bool{true, false, false, true}},
		{"at most 1", []float64{0.6, 0.7}, []float64{1, 1}, []bool{false, false}},
		{"equal ones", []float64{0.01, 0.01, 0.01}, []float64{0.03, 0.03, 0.03}, []bool{true, true, true}},
		{"exactly none and all", []float64{1, 0}, []float64{1, 0}, []bool{false, true}},
		{"at the level", []float64{0.025, 0.05}, []float64{0.05, 0.05}, []bool{true, true}},
	} {
		t.Run(row.name, func(t *testing.T) {
			before := slices.Clone(row.ps)
			claims := stats.Holm(row.ps, 0.05)
			require.Len(t, claims, len(row.want))
			for i, claim := range claims {
				assert.InDelta(t, row.want[i], claim.P, 1e-15)
				assert.Equal(t, row.made[i], claim.Made, "adjusted to %v", claim.P)
			}
			assert.Equal(t, before, row.ps)
		})
	}
}

// An effect is claimable in a family if Holm claims it where all others have a p-value of 1.
func TestClaimable(t *testing.T) {
	for _, row := range []struct {
		name   string
		p      float64
		family int
		want   bool
	}{
		{"six pairs of one cell", stats.MinPairedP(6), 1, true},
		{"five pairs of one cell", stats.MinPairedP(5), 1, false},
		{"ten pairs of 54 cells", stats.MinPairedP(10), 54, false},
		{"twelve pairs of 54 cells", stats.MinPairedP(12), 54, true},
		{"at the level", 0.025, 2, true},
	} {
		t.Run(row.name, func(t *testing.T) {
			assert.Equal(t, row.want, stats.Claimable(row.p, row.family, stats.Alpha))
			ps := slices.Repeat([]float64{1}, row.family)
			ps[0] = row.p
			assert.Equal(t, row.want, stats.Holm(ps, stats.Alpha)[0].Made)
		})
	}
}

// FuzzHolm reads each byte, of at most 200, as a p-value in 255ths.
func FuzzHolm(f *testing.F) {
	f.Add([]byte{})
	f.Add([]byte{1, 0, 255, 3, 3, 8})
	f.Fuzz(func(t *testing.T, bytes []byte) {
		ps := make([]float64, min(len(bytes), 200))
		for i, b := range bytes[:len(ps)] {
			ps[i] = float64(b) / 255
		}
		if len(ps) == 0 {
			return
		}
		adjusted := adjusted(ps)
		for i, p := range ps {
			if a := adjusted[i]; a < p || a > 1 || a > min(1, p*float64(len(ps)))+1e-15 {
				t.Fatalf("%v became %v in a family of %d", p, a, len(ps))
			}
			for j, q := range ps {
				if p < q && adjusted[i] > adjusted[j] || p == q && adjusted[i] != adjusted[j] {
					t.Fatalf("%v became %v, and %v %v", p, adjusted[i], q, adjusted[j])
				}
			}
		}
		smallest, lowest := slices.Min(ps), slices.Min(adjusted)
		if want := min(1, smallest*float64(len(ps))); lowest != want {
			t.Fatalf("the smallest of %d, %v, became %v, not %v", len(ps), smallest, lowest, want)
		}
	})
}
