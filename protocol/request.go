package protocol

import (
	"bufio"
	"fmt"
	"math"
	"net"
	"strconv"
	"strings"
)

// Verb is the first word of a request.
type Verb string

// The verbs.
const (
	VerbUpload Verb = "UPLOAD"
	VerbGet    Verb = "GET"
	VerbStats  Verb = "STATS"
)

// Request is a client's request.
type Request struct {
	Verb Verb
	// Name is the stored file's name, for UPLOAD and GET. ReadRequest returns a base
	// name: not empty, without a slash, neither "." nor "..".
	Name string
	// Size is the length of an UPLOAD's payload in bytes of Base64. ReadRequest
	// returns the largest int64 for any larger number.
	Size int64
	// CRC32C is the CRC-32C of an UPLOAD's decoded bytes. It is zero unless
	// HasCRC32C says that the client sent one.
	CRC32C    uint32
	HasCRC32C bool
}

// AppendTo appends the request's header to b. It fails if the wire cannot carry the name.
func (q Request) AppendTo(b []byte) ([]byte, error) {
	start := len(b)
	b = append(b, q.Verb...)
	b = append(b, ' ')
	switch q.Verb {
	case VerbUpload:
		b = append(b, q.Name...)
		b = append(b, ' ')
		b = strconv.AppendInt(b, q.Size, 10)
		if q.HasCRC32C {
			b = fmt.Appendf(b, " crc32c=%08x", q.CRC32C)
		}
	case VerbGet:
		b = append(b, q.Name...)
	case VerbStats:
		b = append(b, "json"...)
	default:
		return nil, fmt.Errorf("protocol: verb %q: want UPLOAD, GET or STATS", q.Verb)
	}
	if q.Verb != VerbStats && (q.Name == "" || strings.ContainsAny(q.Name, " \t") || checkText(q.Name) != nil) {
		return nil, fmt.Errorf("protocol: name %q is not one word of printable UTF-8", q.Name)
	}
	if q.Size < 0 {
		return nil, fmt.Errorf("protocol: size %d is negative", q.Size)
	}
	b = append(b, end...)
	if len(b)-start > MaxHeader {
		return nil, fmt.Errorf("protocol: a header of %d bytes, the most is %d", len(b)-start, MaxHeader)
	}
	return b, nil
}

// ReadRequest reads a request and leaves r at the first byte after it. It returns a
// *SyntaxError with its Answer if the request breaks the grammar, and a *TruncatedError
// if the connection ends before the request does.
func ReadRequest(r *bufio.Reader) (Request, error) {
	header, err := readHeader(r)
	if err != nil {
		return Request{}, err
	}
	if err := checkText(header); err != nil {
		return Request{}, err
	}
	words := words(header)
	if len(words) < 2 {
		return Request{}, &SyntaxError{Part: Header, Off: int64(len(header)), Answer: ErrBadRequest,
			Msg: "fewer than two words"}
	}
	switch verb := Verb(upper(words[0].text)); verb {
	case VerbUpload:
		return parseUpload(words, int64(len(header)))
	case VerbGet:
		name, err := baseName(words[1])
		return Request{Verb: verb, Name: name}, err
	case VerbStats:
		if words[1].text != "json" {
			return Request{}, &SyntaxError{Part: Header, Off: words[1].off, Answer: ErrBadRequest,
				Msg: fmt.Sprintf("STATS %q: want json", words[1].text)}
		}
		return Request{Verb: verb}, nil
	default:
		return Request{}, &SyntaxError{Part: Header, Off: words[0].off, Answer: ErrUnknownCommand,
			Msg: fmt.Sprintf("verb %q: want UPLOAD, GET or STATS", words[0].text)}
	}
}

// upper is strings.ToUpper for ASCII alone. That would turn some letters of other
// alphabets into ASCII.
func upper(text string) string {
	return strings.Map(func(c rune) rune {
		if 'a' <= c && c <= 'z' {
			c -= 'a' - 'A'
		}
		return c
	}, text)
}

func parseUpload(words []word, length int64) (Request, error) {
	if len(words) < 3 {
		return Request{}, &SyntaxError{Part: Header, Off: length, Answer: ErrNoSize, Msg: "UPLOAD without a size"}
	}
	q := Request{Verb: VerbUpload}
	var err error
	if q.Name, err = baseName(words[1]); err != nil {
		return Request{}, err
	}
	if q.Size, err = parseSize(words[2].text); err != nil {
		return Request{}, &SyntaxError{Part: Header, Off: words[2].off, Answer: ErrInvalidSize, Msg: err.Error()}
	}
	for _, w := range words[3:] {
		digits, ok := strings.CutPrefix(w.text, "crc32c=")
		if !ok {
			continue
		}
		// A malformed checksum must not pass for none.
		sum, err := strconv.ParseUint(digits, 16, 32)
		if err != nil || len(digits) != 8 {
			return Request{}, &SyntaxError{Part: Header, Off: w.off, Answer: ErrBadRequest,
				Msg: fmt.Sprintf("%q: want crc32c= and 8 hexadecimal digits", w.text)}
		}
		q.CRC32C, q.HasCRC32C = uint32(sum), true
	}
	return q, nil
}

// parseSize reads a word as a non-negative decimal number. One that does not fit an int64 becomes
// the largest, which is above any limit.
func parseSize(text string) (int64, error) {
	if strings.Trim(text, "0123456789") != "" {
		return 0, fmt.Errorf("size %q is not a non-negative decimal number", text)
	}
	size, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return math.MaxInt64, nil // all digits, so it is out of range
	}
	return size, nil
}

// baseName removes the folders from a name.
func baseName(w word) (string, error) {
	base := w.text[strings.LastIndexByte(w.text, '/')+1:]
	if base == "" || base == "." || base == ".." {
		return "", &SyntaxError{Part: Header, Off: w.off, Answer: ErrBadRequest,
			Msg: fmt.Sprintf("name %q names no file", w.text)}
	}
	return base, nil
}

// CheckName fails if the wire cannot carry a file's name, or if a server would store the
// file under another.
func CheckName(name string) error {
	_, err := Request{Verb: VerbGet, Name: name}.AppendTo(nil)
	if err != nil || name == "." || name == ".." || strings.Contains(name, "/") {
		return fmt.Errorf("%.60q is no name for a server's file: it wants printable characters without a blank or a slash", name)
	}
	return nil
}

// CheckAddr fails if a server's address is not a host and a port.
func CheckAddr(addr string) error {
	if host, port, _ := net.SplitHostPort(addr); host == "" || port == "" { // empty if it fails
		return fmt.Errorf("%q is not a host and a port: write it like lab.example:8889", addr)
	}
	return nil
}
