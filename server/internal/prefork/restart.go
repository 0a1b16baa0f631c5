package prefork

import (
	"slices"
	"time"
)

// budget bounds how many workers are replaced within a window of time.
type budget struct {
	most   int
	window time.Duration
	spent  []time.Time
}

// spend reports whether one more may be replaced now.
func (b *budget) spend(now time.Time) bool {
	b.spent = slices.DeleteFunc(b.spent, func(t time.Time) bool { return now.Sub(t) >= b.window })
	if len(b.spent) >= b.most {
		return false
	}
	b.spent = append(b.spent, now)
	return true
}

// longestPause is short enough for a worker that is killed over and over to be
// back in no time, and long enough for one that can't live to cost little until
// the budget is spent.
const longestPause = 20 * time.Millisecond

// pause is how long a worker rests before it is launched again: not at all the
// first time, then 5 ms, and twice as long each time until it is the longest.
func pause(times int, longest time.Duration) time.Duration {
	if times <= 1 {
		return 0
	}
	return min(longest, 5*time.Millisecond<<min(times-2, 10))
}
