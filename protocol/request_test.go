package protocol_test

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"math"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"poolbench/protocol"
)

// readRequest reads a request whole and byte by byte, checks that both agree, and returns it
// with what is left in the connection.
func readRequest(t *testing.T, wire string) (protocol.Request, string, error) {
	t.Helper()
	whole := bufio.NewReader(strings.NewReader(wire))
	request, err := protocol.ReadRequest(whole)
	left, _ := io.ReadAll(whole)

	single := bufio.NewReader(iotest.OneByteReader(strings.NewReader(wire)))
	bytewise, bytewiseErr := protocol.ReadRequest(single)
	bytewiseLeft, _ := io.ReadAll(single)
	require.Equal(t, request, bytewise)
	require.Equal(t, err, bytewiseErr)
	require.Equal(t, left, bytewiseLeft)
	return request, string(left), err
}

func TestReadRequest(t *testing.T) {
	upload := protocol.Request{Verb: protocol.VerbUpload, Name: "a.bin", Size: 8}
	summed := upload
	summed.CRC32C, summed.HasCRC32C = 0xdeadbeef, true
	get := protocol.Request{Verb: protocol.VerbGet, Name: "a.bin"}
	huge := upload
	huge.Size = math.MaxInt64
	for _, row := range []struct {
		name, wire string
		want       protocol.Request
		left       string
	}{
		{"upload", "UPLOAD a.bin 8\r\n\r\n", upload, ""},
		{"verb in lower case", "upload a.bin 8\r\n\r\n", upload, ""},
		{"verb in mixed case", "uPlOaD a.bin 8\r\n\r\n", upload, ""},
		{"payload in the same segment", "UPLOAD a.bin 8\r\n\r\nQUJDREVG", upload, "QUJDREVG"},
		{"runs of spaces and tabs", " \tUPLOAD \t a.bin\t\t8 \r\n\r\n", upload, ""},
		{"checksum", "UPLOAD a.bin 8 crc32c=deadbeef\r\n\r\n", summed, ""},
		{"checksum in capitals", "UPLOAD a.bin 8 crc32c=DEADBEEF\r\n\r\n", summed, ""},
		{"unknown words", "UPLOAD a.bin 8 colour=red crc32c=deadbeef later\r\n\r\n", summed, ""},
		{"leading zeros", "UPLOAD a.bin 0008\r\n\r\n", upload, ""},
		{"a number beyond 64 bits", "UPLOAD a.bin 99999999999999999999\r\n\r\n", huge, ""},
		{"get", "GET a.bin\r\n\r\n", get, ""},
		{"path", "GET /etc/../srv/a.bin\r\n\r\n", get, ""},
		{"path upwards", "GET ../../a.bin\r\n\r\n", get, ""},
		{"get with more words", "GET a.bin b.bin\r\n\r\n", get, ""},
		{"not ASCII", "GET Übung.txt\r\n\r\n", protocol.Request{Verb: protocol.VerbGet, Name: "Übung.txt"}, ""},
		{"the replacement character", "GET \uFFFD\r\n\r\n", protocol.Request{Verb: protocol.VerbGet, Name: "\uFFFD"}, ""},
		{"4,000 characters", "GET " + strings.Repeat("x", 4000) + "\r\n\r\n",
			protocol.Request{Verb: protocol.VerbGet, Name: strings.Repeat("x", 4000)}, ""},
		{"stats", "stats json\r\n\r\n", protocol.Request{Verb: protocol.VerbStats}, ""},
	} {
		t.Run(row.name, func(t *testing.T) {
			got, left, err := readRequest(t, row.wire)
			require.NoError(t, err)
			assert.Equal(t, row.want, got)
			assert.Equal(t, row.left, left)
		})
	}
}

func TestReadRequestFaults(t *testing.T) {
	for _, row := range []struct {
		name, wire string
		answer     *protocol.StatusError
		off        int64
		msg        string
	}{
		{"nothing", "\r\n\r\n", protocol.ErrBadRequest, 0, "fewer than two words"},
		{"one word", "UPLOAD\r\n\r\n", protocol.ErrBadRequest, 6, "fewer than two words"},
		{"unknown verb", "PUT a.bin\r\n\r\n", protocol.ErrUnknownCommand, 0, `verb "PUT": want UPLOAD, GET or STATS`},
		{"verb in other letters", "\u017ftats json\r\n\r\n", protocol.ErrUnknownCommand, 0, "want UPLOAD, GET or STATS"},
		{"no size", "UPLOAD a.bin\r\n\r\n", protocol.ErrNoSize, 12, "UPLOAD without a size"},
		{"size is a word", "UPLOAD a.bin many\r\n\r\n", protocol.ErrInvalidSize, 13, `size "many" is not a non-negative decimal number`},
		{"size negative", "UPLOAD a.bin -1\r\n\r\n", protocol.ErrInvalidSize, 13, `size "-1" is not a non-negative decimal number`},
		{"size with a plus", "UPLOAD a.bin +1\r\n\r\n", protocol.ErrInvalidSize, 13, `size "+1" is not a non-negative decimal number`},
		{"size hexadecimal", "UPLOAD a.bin 0x10\r\n\r\n", protocol.ErrInvalidSize, 13, `size "0x10" is not a non-negative decimal number`},
		{"long and not a number", "UPLOAD a.bin 99999999999999999999x\r\n\r\n", protocol.ErrInvalidSize, 13, "is not a non-negative decimal number"},
		{"space in the name", "UPLOAD a b.bin 8\r\n\r\n", protocol.ErrInvalidSize, 9, `size "b.bin" is not`},
		{"only slashes", "GET ////\r\n\r\n", protocol.ErrBadRequest, 4, `name "////" names no file`},
		{"a folder", "GET a.bin/\r\n\r\n", protocol.ErrBadRequest, 4, `name "a.bin/" names no file`},
		{"dot", "GET .\r\n\r\n", protocol.ErrBadRequest, 4, `name "." names no file`},
		{"dots", "UPLOAD ../.. 8\r\n\r\n", protocol.ErrBadRequest, 7, `name "../.." names no file`},
		{"NUL in the name", "GET a\x00b\r\n\r\n", protocol.ErrBadRequest, 5, "control character 0x00"},
		{"line break in the name", "GET a\r\nb\r\n\r\n", protocol.ErrBadRequest, 5, "control character 0x0d"},
		{"escape in the name", "GET a\x1b[2J\r\n\r\n", protocol.ErrBadRequest, 5, "control character 0x1b"},
		{"not UTF-8", "GET a\xff\r\n\r\n", protocol.ErrBadRequest, 5, "not UTF-8"},
		{"checksum too short", "UPLOAD a.bin 8 crc32c=dead\r\n\r\n", protocol.ErrBadRequest, 15, `"crc32c=dead": want crc32c= and 8`},
		{"checksum is a word", "UPLOAD a.bin 8 crc32c=whatever\r\n\r\n", protocol.ErrBadRequest, 15, `"crc32c=whatever": want crc32c=`},
		{"stats in another format", "STATS xml\r\n\r\n", protocol.ErrBadRequest, 6, `STATS "xml": want json`},
		{"no end", strings.Repeat("x", 9000), protocol.ErrHeaderTooLarge, 8192, "no end within 8192 bytes"},
		{"end a byte too late", "GET " + strings.Repeat("x", 8185) + "\r\n\r\n", protocol.ErrHeaderTooLarge, 8192, "no end within 8192"},
	} {
		t.Run(row.name, func(t *testing.T) {
			_, _, err := readRequest(t, row.wire)
			var syntax *protocol.SyntaxError
			require.ErrorAs(t, err, &syntax)
			assert.Equal(t, protocol.Header, syntax.Part)
			assert.Equal(t, row.off, syntax.Off)
			assert.Contains(t, syntax.Msg, row.msg)
			assert.Equal(t, row.answer, syntax.Answer)
		})
	}
}

func TestReadRequestAtTheLimit(t *testing.T) {
	name := strings.Repeat("x", 8184) // with "GET " and the end 8192 bytes
	got, _, err := readRequest(t, "GET "+name+"\r\n\r\n")
	require.NoError(t, err)
	assert.Equal(t, name, got.Name)
}

func TestReadRequestCutShort(t *testing.T) {
	for _, wire := range []string{"", "G", "GET a.bin\r\n", "GET a.bin\r\n\r", "GET a.bin\n\n"} {
		t.Run(fmt.Sprintf("%q", wire), func(t *testing.T) {
			_, _, err := readRequest(t, wire)
			assert.Equal(t, &protocol.TruncatedError{Part: protocol.Header, Off: int64(len(wire))}, err)
			assert.ErrorIs(t, err, io.ErrUnexpectedEOF)
			assert.ErrorContains(t, err, fmt.Sprintf("header cut short after %d bytes", len(wire)))
		})
	}
	broken := errors.New("broken")
	_, err := protocol.ReadRequest(bufio.NewReader(iotest.ErrReader(broken)))
	assert.Equal(t, broken, err)
}

func TestRequestAppendTo(t *testing.T) {
	for _, row := range []struct {
		request protocol.Request
		want    string
	}{
		{protocol.Request{Verb: protocol.VerbUpload, Name: "a.bin", Size: 8}, "UPLOAD a.bin 8\r\n\r\n"},
		{protocol.Request{Verb: protocol.VerbUpload, Name: "a.bin", Size: 8, HasCRC32C: true, CRC32C: 0xabc}, "UPLOAD a.bin 8 crc32c=00000abc\r\n\r\n"},
		{protocol.Request{Verb: protocol.VerbGet, Name: "a.bin"}, "GET a.bin\r\n\r\n"},
		{protocol.Request{Verb: protocol.VerbStats}, "STATS json\r\n\r\n"},
		{protocol.Request{Verb: protocol.VerbGet, Name: strings.Repeat("x", 8184)}, "GET " + strings.Repeat("x", 8184) + "\r\n\r\n"}, // 8,192 bytes
	} {
		got, err := row.request.AppendTo([]byte(">"))
		require.NoError(t, err)
		assert.Equal(t, ">"+row.want, string(got))
	}
}

func TestRequestAppendToErrors(t *testing.T) {
	for _, row := range []struct {
		name    string
		request protocol.Request
		want    string
	}{
		{"no verb", protocol.Request{}, `verb "": want UPLOAD, GET or STATS`},
		{"no name", protocol.Request{Verb: protocol.VerbGet}, `name "" is not one word`},
		{"two words", protocol.Request{Verb: protocol.VerbGet, Name: "a b"}, `name "a b" is not one word`},
		{"line break", protocol.Request{Verb: protocol.VerbGet, Name: "a\r\n\r\n"}, `is not one word`},
		{"not UTF-8", protocol.Request{Verb: protocol.VerbGet, Name: "\xff"}, `is not one word`},
		{"negative size", protocol.Request{Verb: protocol.VerbUpload, Name: "a", Size: -1}, "size -1 is negative"},
		{"too long", protocol.Request{Verb: protocol.VerbGet, Name: strings.Repeat("x", 8185)}, "a header of 8193 bytes, the most is 8192"},
	} {
		t.Run(row.name, func(t *testing.T) {
			_, err := row.request.AppendTo(nil)
			assert.ErrorContains(t, err, row.want)
		})
	}
}

func TestCheckName(t *testing.T) {
	for name, ok := range map[string]bool{
		"a.bin": true, "Übung.txt": true, ".hidden": true, "..a": true,
		"": false, ".": false, "..": false, "a/b": false, "/a": false, "a b": false, "a\nb": false, "\xff": false,
	} {
		err := protocol.CheckName(name)
		if ok {
			assert.NoError(t, err, "%q", name)
		} else {
			assert.ErrorContains(t, err, "is no name for a server's file", "%q", name)
		}
	}
}

func TestCheckAddr(t *testing.T) {
	for addr, ok := range map[string]bool{
		"lab.example:8889": true, "127.0.0.1:1": true, "[::1]:http": true,
		"": false, "lab.example": false, ":8889": false, "lab.example:": false, "::1:8889": false,
	} {
		err := protocol.CheckAddr(addr)
		if ok {
			assert.NoError(t, err, "%q", addr)
		} else {
			assert.ErrorContains(t, err, "is not a host and a port: write it like lab.example:8889", "%q", addr)
		}
	}
}

// A request is either refused with an answer or understood. What is understood can be
// written, and reads the same.
func FuzzReadRequest(f *testing.F) {
	for _, wire := range []string{"UPLOAD a.bin 8 crc32c=deadbeef\r\n\r\nQUJD", "get ../a\r\n\r\n", "STATS json\r\n\r\n",
		"UPLOAD \x00 8\r\n\r\n", "GET a", "GET \xff\r\n\r\n", "UPLOAD a -1\r\n\r\n", "\r\n\r\n"} {
		f.Add(wire)
	}
	f.Fuzz(func(t *testing.T, wire string) {
		request, left, err := readRequest(t, wire)
		var (
			syntax    *protocol.SyntaxError
			truncated *protocol.TruncatedError
		)
		switch {
		case errors.As(err, &syntax):
			assert.NotNil(t, syntax.Answer)
			assert.LessOrEqual(t, syntax.Off, int64(len(wire)))
		case errors.As(err, &truncated):
			assert.EqualValues(t, len(wire), truncated.Off)
		default:
			require.NoError(t, err)
			assert.NotContains(t, request.Name, "/")
			assert.True(t, strings.HasSuffix(wire, left))
			wire, err := request.AppendTo(nil)
			require.NoError(t, err)
			parsed, _, err := readRequest(t, string(wire))
			require.NoError(t, err)
			assert.Equal(t, request, parsed)
		}
	})
}
