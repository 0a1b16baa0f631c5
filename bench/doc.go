// Package bench is the vocabulary of the benchmark: axes, cells, samples, rounds, results
// and the numbers derived from them. It opens no sockets and no files.
//
// A [Cell] has one value on each axis, and a [Matrix] spans the cells of a run. A point is
// a cell without its pool. In a [Round] every client does one op at once, and each op ends
// as a [Sample], whether it succeeded or not. A [Result] holds the rounds of a visit to a
// cell. Its metrics are the units of a benchmark line.
//
// A run goes through the packages in this order:
//
//  1. plan reads the flags, makes the matrix, and picks the cell to visit next.
//  2. target starts the cell's server, or finds a remote one.
//  3. measure makes the visit: it prepares the clients of load, starts them at once, and
//     reads the clocks of both sides. Each client does its op through package client.
//  4. journal stores the samples; session writes the row and the progress.
//  5. analysis computes the run's answers, once.
//  6. report and compare format them and compute nothing.
//
// Imports run one way. A package imports what its row lists, and nothing else of this
// module:
//
//	bench              stats fixtures protocol internal/digits
//	stats
//	client             bench fixtures protocol
//	load               bench client internal/oom internal/proc server/role
//	measure            bench client load internal/machine internal/proc fixtures protocol
//	plan               bench fixtures protocol
//	target             bench client measure plan internal/guard internal/machine internal/proc fixtures protocol server server/child
//	journal            bench plan internal/machine
//	analysis           bench journal stats internal/digits protocol
//	report             bench journal analysis stats internal/digits
//	report/reference   bench fixtures
//	report/figure      bench journal analysis report stats internal/digits
//	report/page        bench plan journal analysis report report/figure report/reference stats internal/digits
//	compare            bench journal stats internal/digits
//	session            bench client load measure plan target journal analysis report internal/digits internal/machine internal/proc fixtures
//	cmd/poolbench      client journal analysis compare report report/figure report/page fixtures/progress protocol
//	internal/digits    fixtures
//	internal/guard     internal/proc server/role
//	internal/machine   bench
//	internal/oom
//	internal/proc
//	e2e
//	protocol
//	fixtures           protocol
//	server             protocol server/internal/counters server/internal/logpipe server/internal/prefork
//	server/child       server server/role
//	server/role
//	server/internal/counters protocol server/internal/prefork
//	server/internal/logpipe
//	server/internal/prefork
package bench
