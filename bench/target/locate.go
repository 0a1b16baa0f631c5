package target

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"time"

	"poolbench/bench"
	"poolbench/bench/client"
)

// firstTimeout bounds the attempt to learn what is wrong with a first address.
const firstTimeout = time.Second

// locate looks up the host's name in an address as bench.Wire.Address makes it, so that no op
// has to, and returns the address with the place to connect to.
func locate(ctx context.Context, addr string) (found, note string) {
	place, note := lookUp(ctx, bench.Place(addr))
	return bench.AtPlace(addr, place), note
}

// lookUp looks up a host's name, and returns the address to connect to. If there are several
// it is the one that a net.Dialer reaches. If that is not the first and the first is dead,
// the note says so. Addresses and localhost stay as they are, and so does a name that nothing
// can be learnt about.
func lookUp(ctx context.Context, addr string) (found, note string) {
	host, port, err := net.SplitHostPort(addr)
	if _, number := netip.ParseAddr(host); err != nil || number == nil || host == "localhost" {
		return addr, ""
	}
	known, err := net.DefaultResolver.LookupNetIP(ctx, "ip", host)
	if err != nil || len(known) == 0 {
		return addr, ""
	}
	first := net.JoinHostPort(known[0].Unmap().String(), port)
	if len(known) == 1 {
		return first, ""
	}
	dialer := net.Dialer{Timeout: connectTimeout}
	conn, err := dialer.DialContext(ctx, "tcp", addr)
	if err != nil {
		return addr, ""
	}
	_ = conn.Close()
	if found = conn.RemoteAddr().String(); found != first {
		if err := client.Connect(ctx, first, firstTimeout); err != nil {
			note = fmt.Sprintf("%s has %d addresses, of which the first, %s, is dead (%v): %s is measured", host, len(known), first, err, found)
		}
	}
	return found, note
}
