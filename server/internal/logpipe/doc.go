// Package logpipe passes the log of a process to another, which writes it as its own.
package logpipe
