package stats

// walsh returns the k-th smallest, from 1, of the Walsh averages of values that
// are sorted: the n(n+1)/2 averages of every two, each with itself too (J. Walsh,
// Some Significance Tests for the Median, Annals of Mathematical Statistics 20,
// 1949). It does not make them, as 10⁵ rounds have 5·10⁹.
func walsh(sorted []float64, k int) float64 {
	return bisect(sorted[0], sorted[len(sorted)-1], func(limit float64) bool { return walshUpTo(sorted, limit) >= k })
}

// bisect returns the least number in [low, high] that is reached, if each above it
// is too, as high has to be. It halves the range until there is no number between
// its ends.
func bisect(low, high float64, reached func(limit float64) bool) float64 {
	if reached(low) {
		return low
	}
	for {
		mid := low + (high-low)/2
		if mid <= low || mid >= high {
			return high
		}
		if reached(mid) {
			high = mid
		} else {
			low = mid
		}
	}
}

// walshUpTo counts the Walsh averages that are at most limit.
func walshUpTo(sorted []float64, limit float64) int {
	count, j := 0, len(sorted)-1
	for i, v := range sorted {
		for j >= i && (v+sorted[j])/2 > limit {
			j--
		}
		if j < i {
			break
		}
		count += j - i + 1
	}
	return count
}
