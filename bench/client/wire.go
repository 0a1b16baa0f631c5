package client

import (
	"io"
	"strings"

	"poolbench/bench"
	"poolbench/protocol"
)

// wire is a way to talk to a server. Its methods make a request over the connection of an
// exchange, once per exchange, and record its progress there. Errors that are not of the
// network are those of package protocol, whatever the wire.
type wire interface {
	// upload sends a payload of size bytes to be stored under a name, and returns when the
	// server has confirmed it. If sum is not nil, the server checks it if it can.
	upload(x *exchange, name string, payload io.Reader, size int64, sum *uint32) error
	// download requests a file and returns its size, -1 if the server does not announce it,
	// and the payload for the caller to read.
	download(x *exchange, name string) (size int64, payload io.Reader, err error)
	// stats asks the server for its counters. The error is protocol.ErrUnknownCommand if it
	// speaks the wire and has none.
	stats(x *exchange) (protocol.Stats, error)
	// begins reports whether text, which may be cut anywhere, can be the beginning of an
	// answer.
	begins(text string) bool
	// encodes reports whether an upload is Base64, which the server decodes. Otherwise it
	// stores what comes.
	encodes() bool
}

// wireOf returns the wire of an address as package bench makes it, and the host and port to
// connect to.
func wireOf(addr string) (w wire, hostport string) {
	rest, ok := strings.CutPrefix(addr, "http://")
	if !ok {
		return lab{}, addr
	}
	rest, _, _ = strings.Cut(rest, "#")
	host, base, _ := strings.Cut(rest, "/")
	return httpWire{host, "/" + base}, bench.Place(addr)
}
