package counters

import (
	"slices"
	"sync/atomic"
	"time"
)

// Histogram is how long requests took.
type Histogram struct {
	Count int64
	Sum   time.Duration
	// Buckets counts the requests that took no longer than each upper bound, so
	// every bucket includes the ones below it.
	Buckets map[time.Duration]int64
}

// histogram counts durations. The last bucket is for those above every bound.
type histogram struct {
	buckets [len(bounds) + 1]atomic.Int64
	ns      atomic.Int64 // their sum
}

// bounds are the buckets' upper bounds. A transfer takes milliseconds on loopback and
// minutes through a lab's network.
var bounds = [...]time.Duration{
	time.Millisecond, 2500 * time.Microsecond, 5 * time.Millisecond,
	10 * time.Millisecond, 25 * time.Millisecond, 50 * time.Millisecond,
	100 * time.Millisecond, 250 * time.Millisecond, 500 * time.Millisecond,
	time.Second, 2500 * time.Millisecond, 5 * time.Second,
	10 * time.Second, 25 * time.Second, 50 * time.Second,
	100 * time.Second, 250 * time.Second, 500 * time.Second,
}

func (h *histogram) observe(d time.Duration) {
	i, _ := slices.BinarySearch(bounds[:], d) // a bound belongs to its own bucket
	h.buckets[i].Add(1)
	h.ns.Add(int64(d))
}

// addTo adds the histogram to a sum over all workers.
func (h *histogram) addTo(sum *Histogram) {
	var below int64
	for i, bound := range bounds {
		below += h.buckets[i].Load()
		sum.Buckets[bound] += below
	}
	sum.Count += below + h.buckets[len(bounds)].Load()
	sum.Sum += time.Duration(h.ns.Load())
}
