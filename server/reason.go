package server

import (
	"errors"
	"fmt"
	"net"

	"golang.org/x/sys/unix"

	"poolbench/protocol"
)

// reason is how a request ended.
type reason uint8

const (
	succeeded reason = iota
	badRequest
	headerTooLarge
	headerTimeout
	idleTimeout
	transferTimeout
	tooLarge
	invalidBase64
	checksumMismatch
	notFound
	storageFull
	fileError
	cutShort
	reset
	shutdown
	workerDied
	other
	reasons
)

func (r reason) String() string {
	return [reasons]string{
		"ok", "bad request", "header too large", "timeout (header)", "timeout (idle)", "timeout (transfer)",
		"payload too large", "invalid Base64", "checksum mismatch", "not found", "storage full", "file error",
		"cut short", "reset", "shutdown", "worker died", "other",
	}[r]
}

// storageError marks an error that the storage made and not the connection.
type storageError struct{ err error }

func (e *storageError) Error() string { return e.err.Error() }
func (e *storageError) Unwrap() error { return e.err }

// explain says how a request ended that ended with err, and what the client is
// answered, if anything.
func explain(err error) (reason, *protocol.StatusError) {
	var (
		syntax    *protocol.SyntaxError
		status    *protocol.StatusError
		truncated *protocol.TruncatedError
		storage   *storageError
	)
	switch {
	case err == nil:
		return succeeded, nil
	case errors.As(err, &syntax):
		return reasonOf(syntax.Answer), syntax.Answer
	case errors.As(err, &status):
		return reasonOf(status), status
	case errors.As(err, &storage):
		if errors.Is(err, unix.ENOSPC) || errors.Is(err, unix.EDQUOT) {
			return storageFull, protocol.ErrFile
		}
		return fileError, protocol.ErrFile
	case errors.As(err, &truncated):
		switch {
		case truncated.Part == protocol.Payload:
			return cutShort, protocol.ErrUploadIncomplete
		case truncated.Off > 0:
			return cutShort, protocol.ErrBadRequest
		}
		return cutShort, nil // came and went without a word
	case errors.Is(err, errHeaderTimeout):
		return headerTimeout, protocol.ErrBadRequest
	case errors.Is(err, errIdleTimeout):
		return idleTimeout, protocol.ErrUploadIncomplete
	case errors.Is(err, errTransferTimeout):
		return transferTimeout, protocol.ErrUploadIncomplete
	case errors.Is(err, unix.ECONNRESET), errors.Is(err, unix.EPIPE):
		return reset, nil
	case errors.Is(err, net.ErrClosed):
		return shutdown, nil
	}
	return other, nil
}

// reasonOf is the reason behind an answer.
func reasonOf(answer *protocol.StatusError) reason {
	switch answer {
	case protocol.ErrHeaderTooLarge:
		return headerTooLarge
	case protocol.ErrPayloadTooLarge:
		return tooLarge
	case protocol.ErrInvalidBase64:
		return invalidBase64
	case protocol.ErrChecksum:
		return checksumMismatch
	case protocol.ErrNotFound:
		return notFound
	}
	return badRequest
}

// with adds what the log should say to an answer.
func with(answer *protocol.StatusError, format string, args ...any) error {
	return fmt.Errorf("%w: %s", answer, fmt.Sprintf(format, args...))
}
