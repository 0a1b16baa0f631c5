package server

import (
	"errors"
	"fmt"
	"net"

	"golang.org/x/sys/unix"

	"poolbench/protocol"
)

// storageError marks an error of the storage, as opposed to one of the connection.
type storageError struct{ err error }

func (e *storageError) Error() string { return e.err.Error() }
func (e *storageError) Unwrap() error { return e.err }

// explain returns the reason behind a request's error, and what to answer the client;
// nil is no answer.
func explain(err error) (protocol.Reason, *protocol.StatusError) {
	var (
		syntax    *protocol.SyntaxError
		status    *protocol.StatusError
		truncated *protocol.TruncatedError
		storage   *storageError
	)
	switch {
	case err == nil:
		return protocol.ReasonOK, nil
	case errors.As(err, &syntax):
		return reasonOf(syntax.Answer), syntax.Answer
	case errors.As(err, &status):
		return reasonOf(status), status
	case errors.As(err, &storage):
		if errors.Is(err, unix.ENOSPC) || errors.Is(err, unix.EDQUOT) {
			return protocol.ReasonStorageFull, protocol.ErrFile
		}
		return protocol.ReasonFileError, protocol.ErrFile
	case errors.As(err, &truncated):
		switch {
		case truncated.Part == protocol.Payload:
			return protocol.ReasonCutShort, protocol.ErrUploadIncomplete
		case truncated.Off > 0:
			return protocol.ReasonCutShort, protocol.ErrBadRequest
		}
		return protocol.ReasonCutShort, nil // not a byte came
	case errors.Is(err, errHeaderTimeout):
		return protocol.ReasonHeaderTimeout, protocol.ErrBadRequest
	case errors.Is(err, errIdleTimeout):
		return protocol.ReasonIdleTimeout, protocol.ErrUploadIncomplete
	case errors.Is(err, errTransferTimeout):
		return protocol.ReasonTransferTimeout, protocol.ErrUploadIncomplete
	case errors.Is(err, unix.ECONNRESET), errors.Is(err, unix.EPIPE):
		return protocol.ReasonReset, nil
	case errors.Is(err, net.ErrClosed):
		return protocol.ReasonShutdown, nil
	}
	return protocol.ReasonOther, nil
}

// reasonOf returns the reason for an answer.
func reasonOf(answer *protocol.StatusError) protocol.Reason {
	switch answer {
	case protocol.ErrHeaderTooLarge:
		return protocol.ReasonHeaderTooLarge
	case protocol.ErrPayloadTooLarge:
		return protocol.ReasonPayloadTooLarge
	case protocol.ErrInvalidBase64:
		return protocol.ReasonInvalidBase64
	case protocol.ErrChecksum:
		return protocol.ReasonChecksum
	case protocol.ErrNotFound:
		return protocol.ReasonNotFound
	}
	return protocol.ReasonBadRequest
}

// with adds a detail for the log to an answer.
func with(answer *protocol.StatusError, format string, args ...any) error {
	return fmt.Errorf("%w: %s", answer, fmt.Sprintf(format, args...))
}
