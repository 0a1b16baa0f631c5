// Package analysis answers what a run was made for: which pool is faster, where, and
// how many workers are enough. [New] computes all of it once, from what the run has
// kept, for every writer.
//
// A run of passes is a comparison. In a pass the pools of a point are visited next to
// each other, which gives a log ratio of their throughputs for each point and pass.
// An [Effect] pools those of an op, or of an op at one level of an axis, by
// [stats.Pool]. A [Point] is one point by itself, which stands out if it differs from
// its op's effect. [Workers] are the same ratios between numbers of workers inside a
// pool.
//
// What is claimed of pools holds for all claims and all looks of a run together: with
// 95 % confidence none of them is wrong. The 5 % are shared out over the effects of ops,
// levels and points, and over the looks: see looks.go. Each answer on workers holds by
// itself.
//
// A run that the testing package paced, with -benchtime or -count, measures one cell
// after the other: what the machine did meanwhile is in every ratio, and there is no
// effect.
package analysis
