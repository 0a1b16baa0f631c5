package client

import (
	"encoding/base64"
	"errors"
	"fmt"
	"hash/crc32"
	"io"

	simd "github.com/segmentio/asm/base64"

	"poolbench/protocol"
)

// encodeBlock is how much data is encoded at a time. It is a multiple of 3, so that only
// the last block has padding.
const encodeBlock = 96 << 10

// encoder reads data as Base64, or as they are. It checks size and checksum before it yields
// the last block, so that data that have changed are never sent completely.
type encoder struct {
	data  io.Reader
	size  int64
	left  int64  // bytes of data still to read
	want  uint32 // CRC-32C
	sum   uint32
	block []byte
	text  []byte // nil if the data stay as they are
	next  []byte // part of text or block still to yield
	// moved is called at the start of each Read with the number of data bytes yielded so
	// far.
	moved func(n int64)
}

func newEncoder(data io.Reader, size int64, crc32c uint32, encode bool) *encoder {
	e := &encoder{data: data, size: size, left: size, want: crc32c, block: make([]byte, min(encodeBlock, size))}
	if encode {
		e.text = make([]byte, base64.StdEncoding.EncodedLen(len(e.block)))
	}
	return e
}

// length returns how many bytes it yields.
func (e *encoder) length() int64 {
	if e.text == nil {
		return e.size
	}
	return TextSize(e.size)
}

func (e *encoder) Read(p []byte) (int, error) {
	kept := len(e.next)
	if e.text != nil {
		kept = kept / 4 * 3
	}
	e.moved(max(0, e.size-e.left-int64(kept)))
	if len(e.next) == 0 {
		if e.left == 0 {
			return 0, io.EOF
		}
		if err := e.fill(); err != nil {
			return 0, err
		}
	}
	n := copy(p, e.next)
	e.next = e.next[n:]
	return n, nil
}

func (e *encoder) fill() error {
	block := e.block[:min(int64(len(e.block)), e.left)]
	n, err := io.ReadFull(e.data, block)
	e.left -= int64(n)
	switch {
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return &localError{fmt.Errorf("the data have changed: they end after %d of %d bytes", e.size-e.left, e.size)}
	case err != nil:
		return &localError{err}
	}
	e.sum = crc32.Update(e.sum, protocol.Castagnoli, block)
	if err := e.check(); err != nil {
		return err
	}
	if e.text == nil {
		e.next = block
		return nil
	}
	e.next = e.text[:base64.StdEncoding.EncodedLen(n)]
	simd.StdEncoding.Encode(e.next, block)
	return nil
}

// check fails if all data have been read and differ from what was announced.
func (e *encoder) check() error {
	if e.left > 0 {
		return nil
	}
	if n, err := io.ReadFull(e.data, make([]byte, 1)); n > 0 {
		return &localError{fmt.Errorf("the data have changed: they go on after %d bytes", e.size)}
	} else if !errors.Is(err, io.EOF) {
		return &localError{err}
	}
	if e.sum != e.want {
		return &localError{fmt.Errorf("the data have changed: their crc32c is %08x, and was %08x", e.sum, e.want)}
	}
	return nil
}
