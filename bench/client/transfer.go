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

// Transfer moves single files without measuring. Errors of the server and the network are
// *ExchangeErrors. If the context was cancelled, the error is its cause.
type Transfer struct {
	Addr string // as bench.Wire.Address makes it
	// Idle bounds connecting, and then how long nothing may move, the wait for a worker
	// included. Zero means 30 s.
	Idle time.Duration
	// Progress, if not nil, is called with the bytes moved so far and the size of the file,
	// from the goroutine that moves them. The size is -1 if a server does not announce it.
	Progress func(moved, size int64)
}

// TextSize returns the length of the Base64 text of size bytes, which is what goes over the
// wire.
func TextSize(size int64) int64 { return fixtures.Spec{Size: fixtures.Size(size)}.TextSize() }

// Stored returns the size and the CRC-32C of what a server at addr stores of an upload of
// the fixture: the data if its wire encodes them, otherwise the text.
func Stored(addr string, fixture fixtures.File) (size int64, crc32c uint32) {
	if w, _ := wireOf(addr); w.encodes() {
		return int64(fixture.Size), fixture.Data
	}
	return fixture.TextSize(), fixture.Text
}

func (t Transfer) perform(ctx context.Context, do func(x *exchange, moved func()) error) error {
	return perform(ctx, t.Addr, cmp.Or(t.Idle, 30*time.Second), do)
}

func (t Transfer) progress(moved, size int64) {
	if t.Progress != nil {
		t.Progress(moved, size)
	}
}

// Put stores size bytes of data under name on the server, which checks crc32c if it and the
// wire know checksums. If the data differ from size or crc32c, Put fails without sending the
// last block.
func (t Transfer) Put(ctx context.Context, name string, data io.Reader, size int64, crc32c uint32) error {
	return t.perform(ctx, func(x *exchange, moved func()) error {
		text := newEncoder(data, size, crc32c, x.wire.encodes())
		text.moved = func(n int64) {
			moved()
			t.progress(n, size)
		}
		if err := text.check(); err != nil {
			return err
		}
		if err := x.wire.upload(x, name, text, text.length(), &crc32c); err != nil {
			return err
		}
		t.progress(size, size)
		return x.expectClose()
	})
}

// Get writes the server's file of that name to w, and returns its size and CRC-32C. Without
// an error the size is what the server announced, if it did, and the server closed after
// the last byte.
func (t Transfer) Get(ctx context.Context, name string, w io.Writer) (size int64, crc32c uint32, err error) {
	err = t.perform(ctx, func(x *exchange, moved func()) error {
		announced, payload, err := x.wire.download(x, name)
		if err != nil {
			return err
		}
		size = announced
		t.progress(0, size)
		buffer := make([]byte, bufferSize)
		if size >= 0 {
			buffer = buffer[:min(bufferSize, size)]
		}
		err = x.receive(payload, size, buffer, func(piece []byte) error {
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
		size = x.Wire
		return x.expectClose()
	})
	return size, crc32c, err
}

// Size returns the size of the server's file of that name without downloading it, -1 if the
// server does not announce it.
func (t Transfer) Size(ctx context.Context, name string) (size int64, err error) {
	err = t.perform(ctx, func(x *exchange, _ func()) error {
		size, _, err = x.wire.download(x, name)
		return err
	})
	return size, err
}
