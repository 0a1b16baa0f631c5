// Package analysis answers the run's questions: which pool is faster, where, and how many
// workers are enough. [New] computes everything once, for all writers.
//
// A run of passes is a comparison. In a pass the pools of a point are visited next to each
// other, which gives one log ratio of their throughputs per point and pass. An [Effect]
// pools the ratios of an op, or of an op at one level of an axis, by [stats.Pool]. A
// [Point] is one point alone, which stands out if it differs from its op's effect.
// [Workers] pools the same kind of ratios between numbers of workers within a pool. A
// [Limit] says what held a cell back.
//
// Claims about pools hold jointly, for all claims and all looks of a run: at
// [stats.Confidence] none of them is wrong. [stats.Alpha] is divided among the looks, and
// among the effects of ops, levels and points: see interim.go. Within its share, an effect
// of an op is claimed by its interval, and a level or a point by [stats.Holm]. Each answer
// about workers holds by itself.
//
// Of joined runs, each pool is compared within each run, and the ratios of all runs are
// pooled. See [journal.Join].
//
// If the testing package paced the run, with -benchtime or -count, there are no effects:
// the cells were measured one after another, and every ratio would include what the machine
// did in between.
package analysis
