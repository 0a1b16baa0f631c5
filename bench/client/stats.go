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

// StatsTimeout bounds connecting to a server that is asked for its STATS, and the
// asking, which is not done while it has other work.
const StatsTimeout = 5 * time.Second

// maxStats bounds the answer, so that a server that means something else by STATS
// can't fill the memory. A worker takes less than 2 KiB of it.
const maxStats = 64 << 20

// Stats asks the server at an address what it says about itself. An error is an
// *ExchangeError; a server that speaks only the wire's older part answers with
// protocol.ErrUnknownCommand.
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
			return &protocol.SyntaxError{Part: protocol.Header, Msg: fmt.Sprintf("figures of %d bytes are too many", size)}
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
			return &protocol.SyntaxError{Part: protocol.Payload, Msg: "no figures: " + err.Error()}
		}
		return nil
	})
	if err != nil {
		return protocol.Stats{}, err
	}
	return stats, nil
}
