package measure

import (
	"fmt"
	"io"

	"poolbench/bench"
	"poolbench/bench/client"
)

// readBack fetches what a round has uploaded, outside of what is timed, and fails the ops
// whose files are not what was sent. Servers that cannot check an upload are held to their
// word by it.
func (r *Visit) readBack(round *bench.Round) {
	if !r.config.ReadBack || r.config.Cell.Op != bench.Upload {
		return
	}
	transfer := client.Transfer{Addr: r.config.Target.Addr, Idle: r.config.OpTimeout}
	size, sum := client.Stored(r.config.Target.Addr, r.config.Fixture)
	for i := range round.Samples {
		s := &round.Samples[i]
		if !s.OK() {
			continue
		}
		name := r.client(s.Client).Name
		switch got, gotSum, err := transfer.Get(r.ctx, name, io.Discard); {
		case err != nil:
			s.Failure = bench.Failure{Reason: bench.NotStored, Detail: err.Error()}
		case got != size:
			s.Failure = bench.Failure{Reason: bench.SizeMismatch, Detail: fmt.Sprintf("%d bytes are stored of an upload of %d", got, size)}
		case gotSum != sum:
			s.Failure = bench.Failure{Reason: bench.ChecksumMismatch, Detail: fmt.Sprintf("crc32c %08x is stored of an upload of %08x", gotSum, sum)}
		}
	}
}
