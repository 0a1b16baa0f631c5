package client

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"poolbench/protocol"
)

// lab is the wire of package protocol. A file is uploaded as Base64, which the server
// decodes, and its checksum is that of the data.
type lab struct{}

func (lab) upload(x *exchange, name string, payload io.Reader, size int64, sum *uint32) error {
	q := protocol.Request{Verb: protocol.VerbUpload, Name: name, Size: size}
	if sum != nil {
		q.CRC32C, q.HasCRC32C = *sum, true
	}
	if err := ask(x, q); err != nil {
		return err
	}
	if err := protocol.ReadReady(x.r); err != nil {
		return err
	}
	if size > 0 && x.r.Buffered() > 0 {
		return tooSoon(x.Wire, size)
	}
	return x.send(payload, size, func() error { return protocol.ReadComplete(x.r) })
}

func (lab) download(x *exchange, name string) (size int64, payload io.Reader, err error) {
	if err := ask(x, protocol.Request{Verb: protocol.VerbGet, Name: name}); err != nil {
		return 0, nil, err
	}
	size, err = protocol.ReadSize(x.r)
	return size, io.LimitReader(x.r, size), err
}

// maxStats bounds the answer, so that a server with another meaning of STATS cannot fill
// the memory. A worker takes less than 2 KiB of it.
const maxStats = 64 << 20

func (lab) stats(x *exchange) (stats protocol.Stats, err error) {
	if err := ask(x, protocol.Request{Verb: protocol.VerbStats}); err != nil {
		return stats, err
	}
	size, err := protocol.ReadSize(x.r)
	if err != nil {
		return stats, err
	}
	if size > maxStats {
		return stats, &protocol.SyntaxError{Part: protocol.Header, Msg: fmt.Sprintf("an answer of %d bytes is too large", size)}
	}
	body := make([]byte, size)
	n, err := io.ReadFull(x.r, body)
	switch {
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return stats, &protocol.TruncatedError{Part: protocol.Payload, Off: int64(n), Want: size}
	case err != nil:
		return stats, err
	}
	if err := json.Unmarshal(body, &stats); err != nil {
		return protocol.Stats{}, &protocol.SyntaxError{Part: protocol.Payload, Msg: "not STATS: " + err.Error()}
	}
	return stats, nil
}

func (lab) begins(text string) bool {
	for _, word := range []string{"OK", "ERROR"} {
		if strings.HasPrefix(text, word) || strings.HasPrefix(word, text) {
			return true
		}
	}
	return false
}

func (lab) encodes() bool { return true }

func ask(x *exchange, q protocol.Request) error {
	head, err := q.AppendTo(nil)
	if err != nil {
		return &localError{err}
	}
	return x.ask(head)
}
