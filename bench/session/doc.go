// Package session is one run of the benchmark: it plans the cells, visits them in the order
// of a schedule or of the testing package, keeps each result, and reports at the end what
// the run shows and what happened to every cell.
package session
