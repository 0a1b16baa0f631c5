package protocol

import (
	"fmt"
	"hash/crc32"
	"net"
	"strings"
)

// CheckAddr fails if an address is not a host and a port.
func CheckAddr(addr string) error {
	if host, port, err := net.SplitHostPort(addr); err != nil || host == "" || port == "" {
		return fmt.Errorf("%q is not a host and a port: write it like lab.example:8889", addr)
	}
	return nil
}

// CheckName fails if a name can't be said on the wire, or if a server would store
// the file under another.
func CheckName(name string) error {
	_, err := Request{Verb: VerbGet, Name: name}.AppendTo(nil)
	if err != nil || name == "." || name == ".." || strings.Contains(name, "/") {
		return fmt.Errorf("%.60q is no name for a server's file: it wants printable characters without a blank or a slash", name)
	}
	return nil
}

// Castagnoli is the table of the wire's checksum, CRC-32C.
var Castagnoli = crc32.MakeTable(crc32.Castagnoli)
