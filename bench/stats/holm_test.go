package stats_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"

	"poolbench/bench/stats"
)

func TestHolm(t *testing.T) {
	for _, row := range []struct {
		name     string
		ps, want []float64
	}{
		{"none", []float64{}, []float64{}},
		{"one is as it was", []float64{0.03}, []float64{0.03}},
		// 4·0.005, 3·0.01, 2·0.03, and 1·0.04, which is less than the one before.
		{"four", []float64{0.01, 0.04, 0.03, 0.005}, []float64{0.03, 0.06, 0.06, 0.02}},
		{"at most 1", []float64{0.6, 0.7}, []float64{1, 1}},
		{"equal ones", []float64{0.01, 0.01, 0.01}, []float64{0.03, 0.03, 0.03}},
		{"exactly none and all", []float64{1, 0}, []float64{1, 0}},
	} {
		t.Run(row.name, func(t *testing.T) {
			before := slices.Clone(row.ps)
			assert.InDeltaSlice(t, row.want, stats.Holm(row.ps), 1e-15)
			assert.Equal(t, before, row.ps)
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
		adjusted := stats.Holm(ps)
		if len(ps) == 0 {
			return
		}
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
