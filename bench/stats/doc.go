// Package stats is the arithmetic of poolbench, on top of gonum's stat and x/perf's
// benchmath. Every number has one definition, here.
//
// A [Summary] describes one sample: its [Median] with an interval that assumes no
// distribution, mean, standard deviation and outliers. [Paired] compares two sides measured
// in the same rounds, and [Unpaired] two that were not. [Holm] corrects p-values for the
// number of cells; [MinPairedP] and [MinUnpairedP] give the smallest p-value that so few
// values can have. [Quantile] is for latencies, [Fairness] for the clients' shares, and
// [FitUSL] for throughput over the number of workers or clients.
//
// Clients of one round are not independent. So a value with an interval or a test must be
// of a whole round: a makespan, not a latency.
//
// No function changes its arguments. NaN and infinite values are errors. Too few values for
// a number give a warning beside it or, for a quantile, the error [ErrTooFew].
package stats
