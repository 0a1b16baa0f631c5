// Package client talks to one server over one wire: it does an op and reports it as a
// sample ([Client]), moves a single file and measures nothing ([Transfer]), or asks what a
// server says about itself ([Stats]).
//
// Nothing here grows with the volume. An upload goes from the fixture's file to the socket
// inside the kernel. A download is checked as it streams through a buffer that the client
// borrows from a [Budget] when the first byte has come.
//
// An error of the server or of the way to it is a [bench.Failure] with its [bench.Reason]:
// see classify.go.
package client
