// Package stats is the arithmetic of poolbench, over gonum's stat and x/perf's
// benchmath, in one place: what a number is called here has one definition.
//
// A [Summary] is what there is to say of one sample: [Median] with an interval
// that assumes no distribution, mean, standard deviation, and which values are
// outliers. [Paired] compares two sides that were measured in the same rounds,
// [Unpaired] two that were not, and [Holm] corrects the p-values of all cells for
// being many; [MinPairedP] and [MinUnpairedP] say what no number of values so small
// could have shown. [Quantile] is for latencies, [Fairness] for what each client got,
// [FitUSL] for how throughput goes with the number of workers or clients.
//
// Clients of one round are not independent, so a value that gets an interval or a
// test is of a round: a makespan, not a latency.
//
// No function changes the values that it is given. A value that is NaN or infinite
// is an error. What is too little for a number makes a warning beside it or, for
// a quantile, an error that is [ErrTooFew].
package stats
