package protocol

import (
	"bufio"
	"fmt"
	"io"
	"strconv"
	"strings"
)

const (
	ready    = "OK Ready to receive"
	complete = "OK Upload complete"
)

// WriteReady tells an uploading client to send its payload.
func WriteReady(w io.Writer) error { return writeHeader(w, ready) }

// WriteComplete tells an uploading client that its file is in place.
func WriteComplete(w io.Writer) error { return writeHeader(w, complete) }

// WriteSize announces the number of bytes that follow.
func WriteSize(w io.Writer, size int64) error {
	return writeHeader(w, "OK "+strconv.FormatInt(size, 10))
}

// WriteError refuses the request.
func WriteError(w io.Writer, e *StatusError) error { return writeHeader(w, "ERROR "+e.Text) }

// writeHeader writes a header with one call, so that it leaves in one segment.
func writeHeader(w io.Writer, header string) error {
	_, err := io.WriteString(w, header+end)
	return err
}

// ReadReady reads the answer to an UPLOAD's request. Like the other readers of answers it
// returns a *StatusError if the server refused, a *SyntaxError if the answer breaks the
// grammar or is not the one expected, and a *TruncatedError if the connection ended
// before the answer did.
func ReadReady(r *bufio.Reader) error { return expect(r, ready) }

// ReadComplete reads the answer to an UPLOAD's payload.
func ReadComplete(r *bufio.Reader) error { return expect(r, complete) }

// ReadSize reads the answer to GET and STATS: how many bytes follow.
func ReadSize(r *bufio.Reader) (int64, error) {
	header, err := readAnswer(r)
	if err != nil {
		return 0, err
	}
	words := words(header)
	fault := func(off int64) error { return unexpected(header, off, "OK and a size") }
	switch {
	case len(words) == 0 || words[0].text != "OK":
		return 0, fault(0)
	case len(words) == 1:
		return 0, fault(int64(len(header)))
	case len(words) > 2:
		return 0, fault(words[2].off)
	}
	size, err := parseSize(words[1].text)
	if err != nil {
		return 0, fault(words[1].off)
	}
	return size, nil
}

// expect reads an answer whose words are those of want.
func expect(r *bufio.Reader, want string) error {
	header, err := readAnswer(r)
	if err != nil {
		return err
	}
	got := words(header)
	for i, w := range words(want) {
		if i == len(got) {
			return unexpected(header, int64(len(header)), want)
		}
		if got[i].text != w.text {
			return unexpected(header, got[i].off, want)
		}
	}
	if n := len(words(want)); len(got) > n {
		return unexpected(header, got[n].off, want)
	}
	return nil
}

// readAnswer reads an answer that is not an error. What begins with ERROR is a refusal
// whatever else is in it, so it is checked before the grammar.
func readAnswer(r *bufio.Reader) (string, error) {
	header, err := readHeader(r)
	if err != nil {
		if e, ok := err.(*SyntaxError); ok {
			e.Answer = nil
		}
		return "", err
	}
	if text, ok := strings.CutPrefix(header, "ERROR"); ok {
		return "", &StatusError{strings.TrimSpace(text)}
	}
	return header, nil
}

// unexpected quotes only the beginning of an answer, which may be long.
func unexpected(header string, off int64, want string) error {
	return &SyntaxError{Part: Header, Off: off, Msg: fmt.Sprintf("answer %.60q: want %s", header, want)}
}
