package protocol_test

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"poolbench/protocol"
)

// splits are ways in which TCP may deliver the same payload.
var splits = []struct {
	name string
	of   func(text []byte) io.Reader
}{
	{"whole", func(text []byte) io.Reader { return bytes.NewReader(text) }},
	{"one byte at a time", func(text []byte) io.Reader { return iotest.OneByteReader(bytes.NewReader(text)) }},
	{"half of what is asked for", func(text []byte) io.Reader { return iotest.HalfReader(bytes.NewReader(text)) }},
	{"end told with the data", func(text []byte) io.Reader { return iotest.DataErrReader(bytes.NewReader(text)) }},
	{"at random", func(text []byte) io.Reader {
		return &randomReader{bytes.NewReader(text), rand.New(rand.NewPCG(uint64(len(text)), 7))}
	}},
}

// randomReader reads up to nine bytes at a time, and sometimes none.
type randomReader struct {
	r      io.Reader
	random *rand.Rand
}

func (r *randomReader) Read(p []byte) (int, error) {
	return r.r.Read(p[:min(len(p), r.random.IntN(10))])
}

// border is the size of the reader's buffer.
const border = 256 << 10

// decode reads a payload through each split and in both ways of reading, checks that all
// agree, and returns the result.
func decode(t *testing.T, text []byte, size int64) ([]byte, error) {
	t.Helper()
	var (
		p       protocol.PayloadReader
		want    []byte
		wantErr error
	)
	for i, split := range splits {
		p.Reset(split.of(text), size)
		got, err := io.ReadAll(struct{ io.Reader }{&p})
		if i == 0 {
			want, wantErr = got, err
		}
		require.Equal(t, want, got, "data, read %s", split.name)
		require.Equal(t, wantErr, err, "error, read %s", split.name)

		var written bytes.Buffer
		p.Reset(split.of(text), size)
		n, err := p.WriteTo(&written)
		require.True(t, bytes.Equal(want, written.Bytes()), "data, written %s", split.name)
		require.Equal(t, wantErr, err, "error, written %s", split.name)
		require.EqualValues(t, len(want), n)
	}
	return want, wantErr
}

func TestPayload(t *testing.T) {
	for _, row := range []struct{ name, text, want string }{
		{"empty", "", ""},
		{"one group", "QUJD", "ABC"},
		{"one padding", "QUI=", "AB"},
		{"two paddings", "QQ==", "A"},
		{"break behind a group", "QUJD\nREVG", "ABCDEF"},
		{"break inside a group", "Q\r\nUJ\rD\nREVG", "ABCDEF"},
		{"break before the padding", "QQ\n==", "A"},
		{"break inside the padding", "QQ=\r\n=", "A"},
		{"break behind the padding", "QQ==\r\n\r\n", "A"},
		{"the alphabet", "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/",
			"\x00\x10\x83\x10\x51\x87\x20\x92\x8b\x30\xd3\x8f\x41\x14\x93\x51\x55\x97\x61\x96\x9b\x71\xd7\x9f" +
				"\x82\x18\xa3\x92\x59\xa7\xa2\x9a\xab\xb2\xdb\xaf\xc3\x1c\xb3\xd3\x5d\xb7\xe3\x9e\xbb\xf3\xdf\xbf"},
		{"only breaks", "\r\n\n\r", ""},
		{"200 breaks before the data", strings.Repeat("\n", 200) + "QUJD", "ABC"},
	} {
		t.Run(row.name, func(t *testing.T) {
			got, err := decode(t, []byte(row.text), int64(len(row.text)))
			require.NoError(t, err)
			assert.Equal(t, row.want, string(got))
		})
	}
}

func TestPayloadFaults(t *testing.T) {
	for _, row := range []struct {
		name, text, want string
		off              int64
		msg              string
	}{
		// base64.NewDecoder yields "ABAB" here if the second group comes with a
		// read of its own.
		{"padding in the middle", "QUI=QUI=", "AB", 4, `'Q' behind the padding`},
		{"whole groups behind the padding", "QUI=QUJDREVG", "AB", 4, `'Q' behind the padding`},
		{"padding behind the padding", "QUI==", "AB", 4, `'=' behind the padding`},
		{"padding first", "=", "", 0, "padding where none can be"},
		{"padding second", "QUJDQ===", "ABC", 5, "padding where none can be"},
		{"character inside the padding", "QQ=Q", "", 3, `'Q' inside the padding`},
		{"not in the alphabet", "QUJDRE-G", "ABC", 6, `'-' is not in the Base64 alphabet`},
		{"high byte", "QUJD\xff", "ABC", 4, `'ÿ' is not in the Base64 alphabet`},
		{"NUL", "QUJDREVG\x00", "ABCDEF", 8, `'\x00' is not in the Base64 alphabet`},
		{"space", "QUJD REVG", "ABC", 4, `' ' is not in the Base64 alphabet`},
		{"bits left over, one byte", "QR==", "", 2, `padding behind "QR", which has bits that belong to no byte`},
		{"bits left over, two bytes", "QUJDQUJ=", "ABC", 7, `padding behind "QUJ", which has bits that belong to no byte`},
		{"ends inside a group", "QUJDQU", "ABC", 6, "the text ends inside a group of four characters"},
		{"ends inside the padding", "QQ=\n", "", 4, "the text ends inside a group of four characters"},
	} {
		t.Run(row.name, func(t *testing.T) {
			got, err := decode(t, []byte(row.text), int64(len(row.text)))
			assert.Equal(t, &protocol.SyntaxError{Part: protocol.Payload, Off: row.off, Msg: row.msg, Answer: protocol.ErrInvalidBase64}, err)
			assert.Equal(t, row.want, string(got))
			assert.ErrorContains(t, err, fmt.Sprintf("payload, byte %d: %s", row.off, row.msg))
		})
	}
}

// Offsets stay right beyond the reader's buffer.
func TestPayloadFaultFarBehind(t *testing.T) {
	for _, off := range []int{4002, border - 1, border, border + 1, 3*border - 2} {
		text := bytes.Repeat([]byte("QUJD"), border)
		text[off] = '!'
		var p protocol.PayloadReader
		p.Reset(bytes.NewReader(text), int64(len(text)))
		n, err := io.Copy(io.Discard, &p)
		var syntax *protocol.SyntaxError
		require.ErrorAs(t, err, &syntax)
		assert.EqualValues(t, off, syntax.Off)
		assert.EqualValues(t, off/4*3, n, "all whole groups before it are decoded")
	}
}

// Line breaks change nothing, of either kind, at any place, in lines of any length.
func TestPayloadLineBreaksAtEveryBorder(t *testing.T) {
	const text = "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVphYmNkZWZnaGlqa2xtbm9wcXJzdHV2d3h5eg=="
	const want = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	for _, br := range []string{"\n", "\r\n", "\r"} {
		for at := 0; at <= len(text); at++ {
			broken := text[:at] + br + text[at:]
			got, err := decode(t, []byte(broken), int64(len(broken)))
			require.NoError(t, err, "%q at %d", br, at)
			require.Equal(t, want, string(got))
		}
		for width := 1; width <= len(text); width++ {
			var lines strings.Builder
			for rest := text; rest != ""; rest = rest[min(width, len(rest)):] {
				lines.WriteString(rest[:min(width, len(rest))] + br)
			}
			got, err := decode(t, []byte(lines.String()), int64(lines.Len()))
			require.NoError(t, err, "%q at each %d", br, width)
			require.Equal(t, want, string(got))
		}
	}
}

// Line breaks around the border of the reader's buffer.
func TestPayloadLineBreaksAtTheBuffersBorder(t *testing.T) {
	data := bytes.Repeat([]byte("poolbench"), 40_000)
	text := base64.StdEncoding.AppendEncode(nil, data)
	for at := border - 5; at <= border+5; at++ {
		broken := append(append(bytes.Clone(text[:at]), "\r\n"...), text[at:]...)
		var p protocol.PayloadReader
		p.Reset(bytes.NewReader(broken), int64(len(broken)))
		var got bytes.Buffer
		_, err := io.Copy(&got, &p)
		require.NoError(t, err)
		require.True(t, bytes.Equal(data, got.Bytes()), "break at %d", at)
	}
}

func TestPayloadEndsWhereItWasAnnounced(t *testing.T) {
	for _, row := range []struct {
		name, text string
		size       int64
		want       string
		err        error
		left       string // what must still be in the connection
	}{
		{"one byte more than announced", "QUJDR", 4, "ABC", nil, "R"},
		{"more text than announced", "QUJDREVG", 4, "ABC", nil, "REVG"},
		{"nothing announced", "QUJD", 0, "", nil, "QUJD"},
		{"one byte less than announced", "QUJDREV", 8, "ABC",
			&protocol.TruncatedError{Part: protocol.Payload, Off: 7, Want: 8}, ""},
		{"nothing comes", "", 8, "", &protocol.TruncatedError{Part: protocol.Payload, Off: 0, Want: 8}, ""},
		{"padding, then silence", "QQ==", 8, "A", &protocol.TruncatedError{Part: protocol.Payload, Off: 4, Want: 8}, ""},
	} {
		t.Run(row.name, func(t *testing.T) {
			got, err := decode(t, []byte(row.text), row.size)
			assert.Equal(t, row.err, err)
			assert.Equal(t, row.want, string(got))
			if row.err != nil {
				assert.ErrorIs(t, err, io.ErrUnexpectedEOF)
				assert.ErrorContains(t, err, fmt.Sprintf("payload cut short after %d of %d bytes", len(row.text), row.size))
			}

			connection := strings.NewReader(row.text)
			var p protocol.PayloadReader
			p.Reset(connection, row.size)
			_, _ = io.Copy(io.Discard, &p)
			left, _ := io.ReadAll(connection)
			assert.Equal(t, row.left, string(left))
			assert.EqualValues(t, len(row.text)-len(row.left), p.Taken())
		})
	}
}

func TestPayloadReaderIsAReader(t *testing.T) {
	data := bytes.Repeat([]byte("poolbench"), 10_000)
	text := base64.StdEncoding.AppendEncode(nil, data)
	var p protocol.PayloadReader
	p.Reset(bytes.NewReader(text), int64(len(text)))
	require.NoError(t, iotest.TestReader(struct{ io.Reader }{&p}, data))

	var zero protocol.PayloadReader
	n, err := zero.Read(make([]byte, 1))
	assert.Zero(t, n)
	assert.Equal(t, io.EOF, err)
}

// Errors of the connection and of the writer come through unchanged.
func TestPayloadPassesErrorsOn(t *testing.T) {
	broken := errors.New("broken")
	for _, row := range []struct {
		name string
		r    io.Reader
		w    io.Writer
		want error
	}{
		{"reader", io.MultiReader(strings.NewReader("QUJD"), iotest.ErrReader(broken)), io.Discard, broken},
		{"reader without progress", stuckReader{}, io.Discard, io.ErrNoProgress},
		{"writer", strings.NewReader("QUJDREVG"), errWriter{broken}, broken},
	} {
		t.Run(row.name, func(t *testing.T) {
			var p protocol.PayloadReader
			p.Reset(row.r, 8)
			_, err := p.WriteTo(row.w)
			assert.Equal(t, row.want, err)
		})
	}
}

type stuckReader struct{}

func (stuckReader) Read([]byte) (int, error) { return 0, nil }

type errWriter struct{ err error }

func (w errWriter) Write([]byte) (int, error) { return 0, w.err }
