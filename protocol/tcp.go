package protocol

import (
	"net"
	"time"

	"golang.org/x/sys/unix"
)

// TCP is what the kernel knows about the sending side of a connection, or of several:
// TCP_INFO of tcp(7). The receiving side knows only how often it sent something again, and
// the round trip. Times count from the connection's start; zero is unknown or none.
type TCP struct {
	// Busy is how long there was data to send or to be acknowledged. In some of that time
	// the receiver's window was full (RwndLimited), or our own buffer was (SndbufLimited).
	// In the rest it was the network that let no more through.
	Busy          time.Duration `json:"busy_ns,omitempty"`
	RwndLimited   time.Duration `json:"rwnd_limited_ns,omitempty"`
	SndbufLimited time.Duration `json:"sndbuf_limited_ns,omitempty"`
	Retransmits   int64         `json:"retransmits,omitempty"`          // segments sent again, those that open the connection too
	MinRTT        time.Duration `json:"min_rtt_ns,omitempty"`           // the least round trip
	DeliveryRate  int64         `json:"delivery_bytes_per_s,omitempty"` // the last that the kernel estimated
}

// TCPOf returns what the kernel knows about an open connection; zero if it does not tell.
func TCPOf(conn *net.TCPConn) TCP {
	raw, err := conn.SyscallConn()
	if err != nil {
		return TCP{}
	}
	var info *unix.TCPInfo
	_ = raw.Control(func(fd uintptr) { info, err = unix.GetsockoptTCPInfo(int(fd), unix.IPPROTO_TCP, unix.TCP_INFO) })
	if err != nil || info == nil {
		return TCP{}
	}
	return TCP{
		Busy:          time.Duration(info.Busy_time) * time.Microsecond,
		RwndLimited:   time.Duration(info.Rwnd_limited) * time.Microsecond,
		SndbufLimited: time.Duration(info.Sndbuf_limited) * time.Microsecond,
		Retransmits:   int64(info.Total_retrans),
		MinRTT:        time.Duration(info.Min_rtt) * time.Microsecond,
		DeliveryRate:  int64(info.Delivery_rate),
	}
}

// Add returns what is known about both: sums, the lesser round trip, and no rate.
func (t TCP) Add(other TCP) TCP {
	rtt := t.MinRTT
	if rtt == 0 || other.MinRTT > 0 && other.MinRTT < rtt {
		rtt = other.MinRTT
	}
	return TCP{
		Busy: t.Busy + other.Busy, RwndLimited: t.RwndLimited + other.RwndLimited, SndbufLimited: t.SndbufLimited + other.SndbufLimited,
		Retransmits: t.Retransmits + other.Retransmits, MinRTT: rtt,
	}
}

// Since returns how much the sums have grown since an earlier reading.
func (t TCP) Since(before TCP) TCP {
	return TCP{
		Busy: t.Busy - before.Busy, RwndLimited: t.RwndLimited - before.RwndLimited, SndbufLimited: t.SndbufLimited - before.SndbufLimited,
		Retransmits: t.Retransmits - before.Retransmits,
	}
}
