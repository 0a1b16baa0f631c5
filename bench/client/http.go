package client

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"math"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"poolbench/protocol"
)

// httpWire is HTTP/1.1 with a request per connection. A file is uploaded as it is by PUT,
// and downloaded by GET; no redirect is followed. Without a step in which the server says
// that it is ready, an upload's wait cannot be told from its transfer, so its sample has no
// first byte.
//
// net/http reads the answers, but its Transport does not make the requests. Of 500 uploads
// that a server refused and closed in mid-payload, the Transport returned the answer to 100
// and "connection reset" for the others, because it may hear of the failed write first. It
// also reports a head as written that is still in its buffer.
type httpWire struct {
	host string
	base string // path, escaped, from / to /
}

// maxHead bounds the heads of all answers to a request.
const maxHead = 64 << 10

func (w httpWire) upload(x *exchange, name string, payload io.Reader, size int64, _ *uint32) error {
	answer := reader(x, http.MethodPut)
	if err := x.begin(w.head(http.MethodPut, name, fmt.Sprintf("Content-Length: %d\r\n", size))); err != nil {
		return err
	}
	return x.send(payload, size, func() error {
		_, body, err := answer()
		if err != nil {
			return err
		}
		_, err = io.Copy(io.Discard, body)
		if errors.Is(err, io.ErrUnexpectedEOF) {
			return &protocol.TruncatedError{Part: protocol.Header, Off: int64(len(x.first))}
		}
		return err
	})
}

func (w httpWire) download(x *exchange, name string) (size int64, payload io.Reader, err error) {
	answer := reader(x, http.MethodGet)
	if err := x.ask(w.head(http.MethodGet, name, "")); err != nil {
		return 0, nil, err
	}
	return answer()
}

// stats asks for a file that no server needs to have, as HTTP has no counters: whatever
// status comes, the server speaks HTTP.
func (w httpWire) stats(x *exchange) (protocol.Stats, error) {
	_, _, err := w.download(x, "poolbench")
	var status *protocol.StatusError
	if err == nil || errors.As(err, &status) {
		err = protocol.ErrUnknownCommand
	}
	return protocol.Stats{}, err
}

func (httpWire) begins(text string) bool {
	const word = "HTTP/1."
	return strings.HasPrefix(text, word) || strings.HasPrefix(word, text)
}

func (httpWire) encodes() bool { return false }

func (w httpWire) head(method, name, field string) []byte {
	return fmt.Appendf(nil, "%s %s%s HTTP/1.1\r\nHost: %s\r\n%sConnection: close\r\n\r\n", method, w.base, url.PathEscape(name), w.host, field)
}

// reader returns a function that reads the answer to a request: the size of its body, -1 if
// it is not announced, and the body. It must be called before anything is read.
func reader(x *exchange, method string) func() (size int64, body io.Reader, err error) {
	limit := &io.LimitedReader{R: x.conn, N: maxHead}
	x.r.Reset(limit)
	return func() (int64, io.Reader, error) {
		x.keepFirst()
		for {
			r, err := http.ReadResponse(x.r, &http.Request{Method: method})
			switch {
			case err != nil && limit.N <= 0:
				return 0, nil, &protocol.SyntaxError{Part: protocol.Header, Off: maxHead, Msg: "the answer's head does not end"}
			case errors.Is(err, io.ErrUnexpectedEOF):
				return 0, nil, &protocol.TruncatedError{Part: protocol.Header, Off: int64(len(x.first))}
			case err != nil:
				return 0, nil, malformed(protocol.Header, 0, err)
			case r.StatusCode < http.StatusOK && r.StatusCode != http.StatusSwitchingProtocols:
				continue // it announces the answer
			}
			limit.N = math.MaxInt64
			if !slices.Contains([]int{http.StatusOK, http.StatusCreated, http.StatusNoContent}, r.StatusCode) {
				return 0, nil, refusal(x, r)
			}
			return r.ContentLength, body{r.Body, x}, nil
		}
	}
}

// malformed returns errors of the network as they are, and makes a syntax error of any
// other.
func malformed(part protocol.Part, off int64, err error) error {
	var network net.Error
	if errors.As(err, &network) {
		return err
	}
	return &protocol.SyntaxError{Part: part, Off: off, Msg: err.Error()}
}

// refusal returns the status and the first line of the body as a server's refusal. The
// first line of HTML says nothing and is left out.
func refusal(x *exchange, r *http.Response) error {
	text := r.Proto + " " + r.Status
	_ = x.conn.SetReadDeadline(time.Now().Add(CloseTimeout))
	lines := bufio.NewScanner(io.LimitReader(r.Body, 4096))
	for lines.Scan() {
		if line := strings.TrimSpace(lines.Text()); line != "" {
			if !strings.HasPrefix(line, "<") {
				text += fmt.Sprintf(": %.100s", line)
			}
			break
		}
	}
	said := &protocol.StatusError{Text: text}
	if r.StatusCode == http.StatusNotFound {
		return errors.Join(said, protocol.ErrNotFound)
	}
	return said
}

// body is the body of an answer.
type body struct {
	io.Reader
	x *exchange
}

func (b body) Read(p []byte) (int, error) {
	n, err := b.Reader.Read(p)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		err = malformed(protocol.Payload, b.x.Wire+int64(n), err)
	}
	return n, err
}
