// Package compare compares two runs of a benchmark, and decides whether the second is
// worse.
//
// An [Input] is a results folder or the output of go test -bench. A value is one visit to a
// cell, if it is from a folder; one round, if the testing package paced that run; or one
// line, if it is from a text. The three are never mixed. [Compare] makes a [Row] for each
// cell and unit that both have, and [Gate] a [Verdict].
//
// [stats.Unpaired] and [stats.Paired] say what the numbers of a row are and assume. Two
// things are to be added. The interval is of one comparison by itself; only p-values are
// corrected. And whatever the machine did between the two runs is in every value of one
// side: a test can tell that the runs differ, but not why. [stats.Holm] decides by the
// p-values alone which rows differ, with all tested rows of a table as the family, at
// [stats.Alpha].
package compare
