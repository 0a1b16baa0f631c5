// Package stats is the arithmetic of poolbench, on top of gonum's stat and x/perf's
// benchmath. Every number has one definition, here.
//
// A [Summary] describes one sample: its [Median] with an interval that assumes no
// distribution, mean, standard deviation and outliers. [Paired] compares two sides measured
// in the same rounds, and [Unpaired] two that were not. [Pool] finds what the ratios of
// many points have in common. [Quantiles] are for latencies, [Fairness] for the clients'
// shares, and [FitUSL] for throughput over the number of workers or clients.
//
// [Holm] is the rule by which every difference is claimed that goes by a p-value. An
// interval of [Pooled] can be made for any share of [Alpha].
//
// Clients of one round are not independent. So a value with an interval or a test must be
// of a whole round: a makespan, not a latency.
//
// No function changes its arguments. NaN and infinite values are errors. Too few values for
// an interval leave it unbounded; too few for an estimate are the error [ErrTooFew].
package stats
