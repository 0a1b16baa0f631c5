// Package session is one run of the benchmark: it plans the cells, visits them in the
// order that a schedule gives or that the testing package asks for, keeps what came of
// each visit, and says at the end what the run shows and what became of every cell.
package session
