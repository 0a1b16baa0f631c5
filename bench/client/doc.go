// Package client talks to one server over one wire. [Client] does an op and reports it as a
// sample. [Transfer] moves a single file and measures nothing. [Stats] asks a server for
// its counters.
//
// A server's address says what its wire is; [bench.Wire.Address] makes it. All wires share
// an exchange, which connects, sends, receives, measures and gives up in one way. A new one
// is an implementation of the interface in wire.go.
//
// Memory does not grow with the volume. An upload goes from the fixture's file to the
// socket inside the kernel. A download is checked while it streams through a buffer that
// the client borrows from a [Budget] when the first byte arrives.
//
// A failure of the server or of the network becomes a [bench.Failure] with a
// [bench.Reason]; see error.go.
package client
