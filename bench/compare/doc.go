// Package compare holds two runs of a benchmark against each other, and decides
// whether the second is worse.
//
// An [Input] is a folder of results or what go test -bench has printed. A value is
// one visit to a cell, if it was read from a folder, one round, if the testing package
// paced that run, and one line, if it is from a text: the three are never mixed. [Compare]
// makes a [Row] of each cell and unit that both have, and [Gate] a [Verdict].
//
// What the numbers of a row are and assume stands at [stats.Unpaired] and
// [stats.Paired]. Two things a reader has to add. The interval is of one comparison
// by itself; only the p-values are corrected for being many, by [stats.Holm], over
// all rows of a table. And two runs one after the other differ by whatever the
// machine did in between, in every value of a side alike: a test of such values
// answers whether the two runs differ, and not why. A word is taken from the
// corrected p-value alone, at 1 - [stats.Confidence].
package compare
