// Package session is one run of the benchmark: it plans the cells, gets each its
// server and its fixture, measures it, keeps what came of it, and says at the end
// what became of every cell that was planned. It knows no server: a [Host] starts
// them.
package session
