// Package logpipe passes the log of a worker process to its supervisor, which writes it as
// its own.
package logpipe
