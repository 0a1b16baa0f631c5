package protocol

import (
	"errors"
	"hash/crc32"
	"io"
)

// Castagnoli is the table of the wire's checksum, CRC-32C.
var Castagnoli = crc32.MakeTable(crc32.Castagnoli)

// The sizes of a PayloadReader's two buffers. Measured for uploads of 10 MiB to memory,
// blocks of 64, 128, 256 and 512 KiB gave 0.90, 0.84, 1.00 and 1.09 GB/s. Larger blocks
// wait less often for the socket, but every worker holds one.
const (
	textBlock = 256 << 10
	dataBlock = textBlock/4*3 + 3 // a group of the block before may end in this one
)

// PayloadReader reads the Base64 payload of one upload and yields the decoded bytes. What
// it yields, and which fault it finds where, depends on the payload alone and not on how
// it was split into reads. It never reads beyond the payload.
//
// A fault is a *SyntaxError, an early end a *TruncatedError; any other error is the
// underlying reader's own. What was decoded before an error is yielded first.
//
// The zero PayloadReader is at the end of an empty payload; Reset begins another. It
// keeps its buffers, about 448 KiB, from payload to payload. It is used by one goroutine
// at a time.
type PayloadReader struct {
	r    io.Reader
	size int64
	off  int64 // bytes of Base64 taken from r

	group groupReader
	text  []byte
	data  []byte
	next  []byte // of data, not yet yielded
	err   error  // comes after next
}

// Reset begins a payload of size bytes of Base64 from r.
func (p *PayloadReader) Reset(r io.Reader, size int64) {
	if p.text == nil {
		p.text, p.data = make([]byte, textBlock), make([]byte, dataBlock)
	}
	*p = PayloadReader{r: r, size: size, text: p.text, data: p.data}
}

// Taken returns how many bytes of Base64 p has taken from its reader.
func (p *PayloadReader) Taken() int64 { return p.off }

// Read yields decoded bytes.
func (p *PayloadReader) Read(b []byte) (int, error) {
	if err := p.fill(); err != nil {
		return 0, err
	}
	n := copy(b, p.next)
	p.next = p.next[n:]
	return n, nil
}

// WriteTo writes all decoded bytes to w, block by block from p's own buffer. The
// error is nil at the end of a faultless payload.
func (p *PayloadReader) WriteTo(w io.Writer) (written int64, err error) {
	for {
		switch err := p.fill(); {
		case errors.Is(err, io.EOF):
			return written, nil
		case err != nil:
			return written, err
		}
		n, err := w.Write(p.next)
		written += int64(n)
		p.next = p.next[n:]
		if err != nil {
			return written, err
		}
	}
}

// fill decodes until there is something to yield, or returns why there is not.
func (p *PayloadReader) fill() error {
	for empty := 0; len(p.next) == 0 && p.err == nil; {
		if p.off == p.size {
			p.err = p.group.finish()
			break
		}
		n, err := p.r.Read(p.text[:min(textBlock, p.size-p.off)])
		if empty++; n > 0 {
			empty = 0
		}
		p.off += int64(n)
		decoded, bad := p.group.decode(p.data, p.text[:n])
		p.next = p.data[:decoded]
		switch {
		case bad != nil:
			p.err = bad
		case p.off == p.size:
			// The payload is complete. An error that came with its last bytes is
			// about what follows.
		case errors.Is(err, io.EOF):
			p.err = &TruncatedError{Part: Payload, Off: p.off, Want: p.size}
		case err != nil:
			p.err = err
		case empty == 100:
			p.err = io.ErrNoProgress
		}
	}
	if len(p.next) > 0 {
		return nil
	}
	return p.err
}
