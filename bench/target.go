package bench

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"poolbench/protocol"
)

// figuresTimeout bounds connecting to a server that is asked for its figures, and
// the asking, which is not done while it has other work.
const figuresTimeout = 5 * time.Second

// maxFigures bounds the figures, so that a server that means something else by
// STATS can't fill the memory. A worker takes less than 2 KiB of them.
const maxFigures = 64 << 20

// Target is the server that is measured.
type Target struct {
	Addr string
	// Processes are the server's, if it runs on this machine; zero if their use of
	// the machine is not known.
	Processes Tree
	// Tells says whether the server answers STATS.
	Tells bool
}

// Figures asks the server what it says about itself. An error is an
// *ExchangeError; a server that speaks only the wire's older part answers with
// protocol.ErrUnknownCommand.
func (t Target) Figures(ctx context.Context) (protocol.Stats, error) {
	var stats protocol.Stats
	err := visit(ctx, t.Addr, figuresTimeout, func(x *exchange, _ func()) error {
		if err := x.request(protocol.Request{Verb: protocol.VerbStats}); err != nil {
			return err
		}
		size, err := protocol.ReadSize(x.r)
		if err != nil {
			return err
		}
		if size > maxFigures {
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
