package protocol

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"
)

// MaxHeader is the size of the largest header in bytes, its end included.
const MaxHeader = 8192

const end = "\r\n\r\n"

// readHeader reads one header and returns it without its end. It leaves r at the first
// byte after the end, where a payload may begin.
func readHeader(r *bufio.Reader) (string, error) {
	header := make([]byte, 0, 128)
	for len(header) < MaxHeader {
		c, err := r.ReadByte()
		if errors.Is(err, io.EOF) {
			return "", &TruncatedError{Part: Header, Off: int64(len(header))}
		}
		if err != nil {
			return "", err
		}
		header = append(header, c)
		if bytes.HasSuffix(header, []byte(end)) {
			return string(header[:len(header)-len(end)]), nil
		}
	}
	return "", &SyntaxError{Part: Header, Off: MaxHeader, Answer: ErrHeaderTooLarge,
		Msg: fmt.Sprintf("no end within %d bytes", MaxHeader)}
}

// checkText refuses a header that is not UTF-8 or has control characters.
func checkText(header string) *SyntaxError {
	for off, c := range header {
		if c == utf8.RuneError {
			if _, width := utf8.DecodeRuneInString(header[off:]); width == 1 {
				return &SyntaxError{Part: Header, Off: int64(off), Msg: "not UTF-8", Answer: ErrBadRequest}
			}
		}
		if unicode.IsControl(c) && c != '\t' {
			return &SyntaxError{Part: Header, Off: int64(off), Msg: fmt.Sprintf("control character %#02x", c), Answer: ErrBadRequest}
		}
	}
	return nil
}

// word is a word of a header, and its offset.
type word struct {
	text string
	off  int64
}

// words splits a header at its runs of spaces and tabs.
func words(header string) []word {
	var all []word
	for off := 0; off < len(header); {
		if header[off] == ' ' || header[off] == '\t' {
			off++
			continue
		}
		text := header[off:]
		if gap := strings.IndexAny(text, " \t"); gap >= 0 {
			text = text[:gap]
		}
		all = append(all, word{text, int64(off)})
		off += len(text)
	}
	return all
}
