package protocol

import (
	"fmt"
	"io"
)

// StatusError is an answer that begins with ERROR. Text is what follows that word. For
// errors.Is, two of the same text are the same.
type StatusError struct{ Text string }

func (e *StatusError) Error() string { return fmt.Sprintf("answer %q", "ERROR "+e.Text) }

// Is reports whether target is a StatusError of the same text.
func (e *StatusError) Is(target error) bool {
	other, ok := target.(*StatusError)
	return ok && other.Text == e.Text
}

// The error answers that every server of this wire knows.
var (
	ErrUnknownCommand = &StatusError{"Unknown command"}
	ErrNoSize         = &StatusError{"No size provided for UPLOAD"}
	ErrInvalidSize    = &StatusError{"Invalid size format"}
	ErrInvalidBase64  = &StatusError{"Invalid Base64 data stream"}
	ErrFile           = &StatusError{"Server file error"}
	ErrNotFound       = &StatusError{"File not found"}
	ErrHeaderTooLarge = &StatusError{"Header too large"}
)

// The error answers that are extensions.
var (
	ErrBadRequest       = &StatusError{"Bad request"}
	ErrPayloadTooLarge  = &StatusError{"Payload too large"}
	ErrChecksum         = &StatusError{"Checksum mismatch"}
	ErrUploadIncomplete = &StatusError{"Upload incomplete"}
)

// Part is the part of an exchange that an error's offset counts in.
type Part string

// The parts of an exchange.
const (
	Header  Part = "header"
	Payload Part = "payload"
)

// SyntaxError says that the other side broke the grammar.
type SyntaxError struct {
	Part Part
	Off  int64 // of the offending byte, counted from the part's first
	Msg  string
	// Answer is what a server answers. It is nil if the fault is in an answer.
	Answer *StatusError
}

func (e *SyntaxError) Error() string {
	return fmt.Sprintf("%s, byte %d: %s", e.Part, e.Off, e.Msg)
}

// TruncatedError says that the other side closed the connection too early. It unwraps to
// io.ErrUnexpectedEOF.
type TruncatedError struct {
	Part Part
	Off  int64 // bytes that came
	Want int64 // bytes that were announced; zero for a header, which announces none
}

func (e *TruncatedError) Error() string {
	if e.Want > 0 {
		return fmt.Sprintf("%s cut short after %d of %d bytes", e.Part, e.Off, e.Want)
	}
	return fmt.Sprintf("%s cut short after %d bytes", e.Part, e.Off)
}

func (e *TruncatedError) Unwrap() error { return io.ErrUnexpectedEOF }
