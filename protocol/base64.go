package protocol

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"io"

	simd "github.com/segmentio/asm/base64"
)

var strict = base64.StdEncoding.Strict()

// groupReader decodes Base64 that comes in pieces. It keeps the group that a piece has
// left unfinished, so it does not matter where pieces end.
type groupReader struct {
	group [4]byte // the characters of the group begun
	n     int     // number of them
	done  bool    // padding has ended the data
	off   int64   // of the next character
}

// decode decodes the groups that end in text, up to an error, and returns the number of
// bytes. data must have room for 3 bytes for each 4 of text, and 3 more.
func (g *groupReader) decode(data, text []byte) (n int, err *SyntaxError) {
	stops := stops{text: text}
	for i := 0; i < len(text); {
		if g.n == 0 && !g.done {
			if whole := (stops.next(i) - i) &^ 3; whole > 0 {
				decoded := run(data[n:], text[i:i+whole])
				n += decoded
				i += decoded / 3 * 4
				g.off += int64(decoded / 3 * 4)
			}
			if i == len(text) {
				break
			}
		}
		decoded, err := g.take(data[n:], text[i])
		if err != nil {
			return n, err
		}
		n += decoded
		i++
		g.off++
	}
	return n, nil
}

// run decodes whole groups without line breaks and padding, up to the first that has a
// fault, and returns the number of bytes, 3 for each. It ignores the fault, which take
// meets next.
func run(data, text []byte) int {
	n, _ := simd.StdEncoding.Decode(data, text)
	return n
}

// stops finds the line breaks and the padding in a text. It remembers the next of each
// kind, so that the text is searched once for each kind, however many there are.
type stops struct {
	text []byte
	at   [len(stopBytes)]int // the next of each kind, unless that has been reached
}

const stopBytes = "\n\r="

// next returns the first stop from an index on, or the text's length. The index must not
// fall from call to call.
func (s *stops) next(from int) int {
	first := len(s.text)
	for k := range s.at {
		if s.at[k] <= from {
			s.at[k] = len(s.text)
			if i := bytes.IndexByte(s.text[from:], stopBytes[k]); i >= 0 {
				s.at[k] = from + i
			}
		}
		first = min(first, s.at[k])
	}
	return first
}

// take takes one character, and decodes the group if the character ends it.
func (g *groupReader) take(data []byte, c byte) (n int, err *SyntaxError) {
	switch {
	case c == '\n' || c == '\r':
		return 0, nil
	case g.done:
		return 0, g.fault("%q behind the padding", c)
	case c == '=' && g.n < 2:
		return 0, g.fault("padding where none can be")
	case c == '=' && !g.mayPad():
		return 0, g.fault("padding behind %q, which has bits that belong to no byte", g.group[:g.n])
	case c == '=':
	case !inAlphabet(c):
		return 0, g.fault("%q is not in the Base64 alphabet", c)
	case g.group[2] == '=': // of this group, as padding ends the data
		return 0, g.fault("%q inside the padding", c)
	}
	g.group[g.n] = c
	if g.n++; g.n < len(g.group) {
		return 0, nil
	}
	g.n = 0
	g.done = c == '='
	n, _ = strict.Decode(data, g.group[:]) // any fault is caught above
	return n, nil
}

// mayPad reports whether the group's two or three characters make whole bytes.
func (g *groupReader) mayPad() bool {
	padded := [...]byte{g.group[0], g.group[1], '=', '='}
	if g.n == 3 {
		padded[2] = g.group[2]
	}
	_, err := strict.Decode(make([]byte, 3), padded[:])
	return err == nil
}

// finish returns io.EOF if the text may end here, or a fault.
func (g *groupReader) finish() error {
	if g.n > 0 {
		return g.fault("the text ends inside a group of four characters")
	}
	return io.EOF
}

// fault blames the next character: after it, no further text could be valid.
func (g *groupReader) fault(format string, args ...any) *SyntaxError {
	return &SyntaxError{Part: Payload, Off: g.off, Msg: fmt.Sprintf(format, args...), Answer: ErrInvalidBase64}
}

func inAlphabet(c byte) bool {
	return 'A' <= c && c <= 'Z' || 'a' <= c && c <= 'z' || '0' <= c && c <= '9' || c == '+' || c == '/'
}
