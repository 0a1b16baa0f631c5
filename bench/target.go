package bench

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"time"

	"poolbench/protocol"
)

// figuresTimeout bounds the asking of a server for its figures, which is not
// done while it has other work.
const figuresTimeout = 5 * time.Second

// maxFigures bounds the figures, so that a server that means something else by
// STATS can't fill the memory. A worker takes less than 2 KiB of them.
const maxFigures = 64 << 20

// Target is the server that is measured.
type Target struct {
	Addr string
	// Processes are the server's, if they run on this machine and belong to the
	// measurement; nil if their use of the machine is not known.
	Processes Processes
	// Tells says whether the server answers STATS.
	Tells bool
}

// Figures asks the server what it says about itself. A server that speaks only
// the wire's older part answers with protocol.ErrUnknownCommand.
func (t Target) Figures(ctx context.Context) (protocol.Stats, error) {
	ctx, cancel := context.WithTimeout(ctx, figuresTimeout)
	defer cancel()
	stats, err := t.figures(ctx)
	if err != nil {
		return protocol.Stats{}, fmt.Errorf("figures of %s: %w", t.Addr, err)
	}
	return stats, nil
}

func (t Target) figures(ctx context.Context) (protocol.Stats, error) {
	var stats protocol.Stats
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", t.Addr)
	if err != nil {
		return stats, err
	}
	defer conn.Close()
	stop := context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Unix(1, 0)) })
	defer stop()
	header, err := protocol.Request{Verb: protocol.VerbStats}.AppendTo(nil)
	if err != nil {
		return stats, err
	}
	if _, err := conn.Write(header); err != nil {
		return stats, err
	}
	r := bufio.NewReader(conn)
	size, err := protocol.ReadSize(r)
	if err != nil {
		return stats, err
	}
	if size > maxFigures {
		return stats, fmt.Errorf("%d bytes are too many", size)
	}
	body := make([]byte, size)
	if n, err := io.ReadFull(r, body); err != nil {
		return stats, &protocol.TruncatedError{Part: protocol.Payload, Off: int64(n), Want: size}
	}
	return stats, json.Unmarshal(body, &stats)
}
