package client

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"poolbench/protocol"
)

// StatsTimeout bounds connecting to a server, and its silence, in [Stats]. No op is under
// way then.
const StatsTimeout = 5 * time.Second

// maxStats bounds the answer, so that a server with another meaning of STATS cannot fill
// the memory. A worker takes less than 2 KiB of it.
const maxStats = 64 << 20

// Stats asks the server at addr for its counters. The error is an *ExchangeError, or the
// context's cause if the context was cancelled. It wraps protocol.ErrUnknownCommand if the
// server has no STATS.
func Stats(ctx context.Context, addr string) (protocol.Stats, error) {
	var stats protocol.Stats
	err := perform(ctx, addr, StatsTimeout, func(x *exchange, _ func()) error {
		if err := x.request(protocol.Request{Verb: protocol.VerbStats}); err != nil {
			return err
		}
		size, err := protocol.ReadSize(x.r)
		if err != nil {
			return err
		}
		if size > maxStats {
			return &protocol.SyntaxError{Part: protocol.Header, Msg: fmt.Sprintf("an answer of %d bytes is too large", size)}
		}
		body := make([]byte, size)
		n, err := io.ReadFull(x.r, body)
		switch {
		case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
			return &protocol.TruncatedError{Part: protocol.Payload, Off: int64(n), Want: size}
		case err != nil:
			return err
		}
		if err := json.Unmarshal(body, &stats); err != nil {
			return &protocol.SyntaxError{Part: protocol.Payload, Msg: "not STATS: " + err.Error()}
		}
		return nil
	})
	if err != nil {
		return protocol.Stats{}, err
	}
	return stats, nil
}
