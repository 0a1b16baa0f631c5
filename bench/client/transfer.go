package client

import (
	"cmp"
	"context"
	"hash/crc32"
	"io"
	"time"

	"poolbench/fixtures"
	"poolbench/protocol"
)

// Transfer says how single files are moved, one after another, by somebody who
// wants them there and measures nothing. Errors of the server and of the way to
// it are *ExchangeErrors; if the context was cancelled, the error is its cause.
type Transfer struct {
	Addr string
	// Idle is how long connecting may take, and for how long nothing may move then.
	// The wait for a worker is part of that. Zero is 30 s.
	Idle time.Duration
	// Progress, which may be nil, is told how many bytes of the file have moved
	// and how many there are, by the goroutine that moves them.
	Progress func(moved, size int64)
}

// TextSize is the length of the Base64 text of so many bytes, which is what an
// upload has on the wire.
func TextSize(size int64) int64 { return fixtures.Spec{Size: fixtures.Size(size)}.TextSize() }

func (t Transfer) visit(ctx context.Context, do func(x *exchange, moved func()) error) error {
	return perform(ctx, t.Addr, cmp.Or(t.Idle, 30*time.Second), do)
}

func (t Transfer) progress(moved, size int64) {
	if t.Progress != nil {
		t.Progress(moved, size)
	}
}

// Put stores size bytes of data under a name on the server, with the CRC-32C
// that a server of this wire holds them to. It ends without having sent the last
// block if the data are not so many, or not those of the checksum.
func (t Transfer) Put(ctx context.Context, name string, data io.Reader, size int64, crc32c uint32) error {
	return t.visit(ctx, func(x *exchange, moved func()) error {
		text := newEncoder(data, size, crc32c)
		text.moved = func(n int64) {
			moved()
			t.progress(n, size)
		}
		if err := text.check(); err != nil {
			return err
		}
		q := protocol.Request{
			Verb: protocol.VerbUpload, Name: name, Size: TextSize(size), CRC32C: crc32c, HasCRC32C: true,
		}
		if err := x.upload(q, text); err != nil {
			return err
		}
		t.progress(size, size)
		return x.expectClose()
	})
}

// Get writes what the server has under a name to w, and returns how many bytes
// that were and their CRC-32C. Without an error they are as many as the server
// announced, and the server has closed after the last of them.
func (t Transfer) Get(ctx context.Context, name string, w io.Writer) (size int64, crc32c uint32, err error) {
	err = t.visit(ctx, func(x *exchange, moved func()) error {
		announced, err := x.ask(name)
		if err != nil {
			return err
		}
		size = announced
		t.progress(0, size)
		err = x.receive(size, make([]byte, min(bufferSize, size)), func(piece []byte) error {
			moved()
			crc32c = crc32.Update(crc32c, protocol.Castagnoli, piece)
			if _, err := w.Write(piece); err != nil {
				return &localError{err}
			}
			t.progress(x.Wire, size)
			return nil
		})
		if err != nil {
			return err
		}
		return x.expectClose()
	})
	return size, crc32c, err
}

// Size returns the size of what the server has under a name, and takes none of
// it.
func (t Transfer) Size(ctx context.Context, name string) (size int64, err error) {
	err = t.visit(ctx, func(x *exchange, _ func()) error {
		size, err = x.ask(name)
		return err
	})
	return size, err
}
