package target

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

func TestRateOf(t *testing.T) {
	const step = 5 * time.Millisecond
	// what has been moved at the i-th step
	simulate := func(moved func(i int64) int64) (readings []reading) {
		for i := range int64(201) {
			readings = append(readings, reading{time.Second + time.Duration(i)*step, moved(i)})
		}
		return readings
	}
	for _, row := range []struct {
		name     string
		readings []reading
		want     float64
	}{
		{"nothing was read", []reading{{}}, 0},
		{"nothing was moved", simulate(func(int64) int64 { return 0 }), 0},
		{"a steady link", simulate(func(i int64) int64 { return 5000 * i }), 1e6},
		{"a burst into buffers before it", simulate(func(i int64) int64 { return min(i, 1)*4e6 + 5000*i }), 1e6},
		{"a slow start", simulate(func(i int64) int64 { return 5000 * max(0, i-60) }), 1e6},
		{"all at once", []reading{{0, 0}, {time.Second / 4, 1e6}}, 4e6},
		{"all in the first half", simulate(func(i int64) int64 { return min(i, 10) * 1e5 }), 1e6},
	} {
		assert.InDelta(t, row.want, rateOf(row.readings), 1, row.name)
	}
}
