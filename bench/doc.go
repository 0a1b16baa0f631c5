// Package bench is the vocabulary of the benchmark: axes, cells, samples, rounds, results
// and what they amount to. It opens no socket and no file.
//
// A [Cell] is one combination of op × volume × clients × workers × pool, and a [Matrix] the
// cells of a run. A point is a cell without its pool. In a [Round] every client does one op
// at once; each op ends as a [Sample], whatever became of it. A [Result] is what came of a
// stay at a cell; its metrics are the units of a benchmark line.
//
// A run goes through the packages in this order:
//
//  1. plan reads the flags, makes the matrix, and says which cell is visited next.
//  2. target starts the cell's server, or finds somebody else's.
//  3. measure stays at the cell: it prepares the clients of load, lets them start at once,
//     and reads the clocks of both sides. Each client does its op by package client.
//  4. journal keeps the samples, and session writes the row and the progress.
//  5. analysis computes what the run shows, once.
//  6. report and compare write it; they compute nothing.
//
// Imports run one way. A package imports what stands in its row and nothing else of this
// module:
//
//	bench              stats fixtures protocol
//	stats
//	client             bench fixtures protocol
//	load               bench client internal/oom internal/proc
//	measure            bench client load internal/machine internal/proc fixtures protocol
//	plan               bench fixtures protocol
//	target             bench client measure plan internal/machine internal/proc fixtures protocol server server/child
//	journal            bench internal/machine
//	analysis           bench journal stats internal/digits
//	report             bench analysis stats internal/digits
//	report/reference   bench fixtures
//	report/figure      bench journal analysis report stats internal/digits
//	report/page        bench plan journal analysis report report/figure report/reference stats internal/digits
//	compare            bench plan journal stats internal/digits
//	session            bench client load measure plan target journal analysis report internal/digits internal/machine internal/proc fixtures
//	cmd/poolbench      client journal analysis compare report report/figure report/page fixtures/progress protocol
//	internal/digits    fixtures
//	internal/machine   bench
//	internal/oom
//	internal/proc
//	e2e
//	protocol
//	fixtures           protocol
//	server             protocol server/internal/prefork
//	server/child       server
package bench
