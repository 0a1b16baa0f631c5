// Package analysis answers the run's questions: which pool is faster, where, and how many
// workers are enough. [New] computes everything once, for all writers.
//
// A run of passes is a comparison. In a pass the pools of a point are visited next to each
// other, which gives one log ratio of their throughputs per point and pass. An [Effect]
// pools the ratios of an op, or of an op at one level of an axis, by [stats.Pool]. A
// [Point] is one point alone, which stands out if it differs from its op's effect.
// [Workers] pools the same kind of ratios between numbers of workers within a pool.
//
// Claims about pools hold jointly, for all claims and all looks of a run: with 95 %
// confidence none of them is wrong. The 5 % are divided among the effects of ops, levels
// and points, and among the looks: see interim.go. Each answer about workers holds by
// itself.
//
// If the testing package paced the run, with -benchtime or -count, the cells were measured
// one after another. Every ratio would include what the machine did in between, so there
// are no effects.
package analysis
