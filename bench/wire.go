package bench

import (
	"cmp"
	"errors"
	"net/url"
	"strings"
)

// Wire says how clients talk to a server: [LabWire], [HTTPWire], or the latter with a base
// path, such as http/files. The zero value is LabWire.
type Wire string

// The wires.
const (
	LabWire  Wire = "lab"  // that of package protocol
	HTTPWire Wire = "http" // PUT and GET
)

// ParseWire parses a wire as a user writes it.
func ParseWire(text string) (Wire, error) {
	text = strings.TrimRight(text, "/")
	if w := Wire(text); w == LabWire || w == HTTPWire || strings.HasPrefix(text, string(HTTPWire)+"/") {
		return w, nil
	}
	return "", errors.New("unknown; known are lab, http, and http with a base path, such as http/files")
}

// Address returns the address by which clients reach a server at host:port over the wire.
// Over HTTP it is a URL.
func (w Wire) Address(hostport string) string {
	base, ok := strings.CutPrefix(string(w), string(HTTPWire))
	if !ok {
		return hostport
	}
	u := url.URL{Scheme: string(HTTPWire), Host: hostport, Path: base + "/"}
	return u.String()
}

// Place returns the host and port to which clients connect at an address that
// [Wire.Address] or [AtPlace] has made.
func Place(addr string) string {
	rest, ok := strings.CutPrefix(addr, string(HTTPWire)+"://")
	if !ok {
		return addr
	}
	rest, place, _ := strings.Cut(rest, "#")
	host, _, _ := strings.Cut(rest, "/")
	return cmp.Or(place, host)
}

// AtPlace returns the address of the same server for clients that connect to hostport. Over
// HTTP they still ask for the host that addr names, and the place is the URL's fragment.
func AtPlace(addr, hostport string) string {
	switch Place(addr) {
	case hostport:
		return addr
	case addr: // the lab's wire
		return hostport
	}
	addr, _, _ = strings.Cut(addr, "#")
	return addr + "#" + hostport
}

// ChecksUploads reports whether a server can check the checksum of an upload.
func (w Wire) ChecksUploads() bool { return w == "" || w == LabWire }
