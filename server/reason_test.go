package server

import (
	"errors"
	"fmt"
	"net"
	"os"
	"testing"

	"github.com/stretchr/testify/assert"
	"golang.org/x/sys/unix"

	"poolbench/protocol"
	"poolbench/server/internal/counters"
)

// Every error has a reason that can be counted, and an answer where the client can still
// hear one.
func TestExplain(t *testing.T) {
	syntax := func(answer *protocol.StatusError) error {
		return &protocol.SyntaxError{Part: protocol.Header, Answer: answer}
	}
	network := func(errno unix.Errno) error {
		return &net.OpError{Op: "write", Err: os.NewSyscallError("write", errno)}
	}
	for _, row := range []struct {
		name   string
		err    error
		reason protocol.Reason
		answer *protocol.StatusError
	}{
		{"none", nil, protocol.ReasonOK, nil},
		{"bad request", syntax(protocol.ErrBadRequest), protocol.ReasonBadRequest, protocol.ErrBadRequest},
		{"unknown command", syntax(protocol.ErrUnknownCommand), protocol.ReasonBadRequest, protocol.ErrUnknownCommand},
		{"header too large", syntax(protocol.ErrHeaderTooLarge), protocol.ReasonHeaderTooLarge, protocol.ErrHeaderTooLarge},
		{"invalid Base64", syntax(protocol.ErrInvalidBase64), protocol.ReasonInvalidBase64, protocol.ErrInvalidBase64},
		{"payload too large", with(protocol.ErrPayloadTooLarge, "9 bytes"), protocol.ReasonPayloadTooLarge, protocol.ErrPayloadTooLarge},
		{"checksum", with(protocol.ErrChecksum, ""), protocol.ReasonChecksum, protocol.ErrChecksum},
		{"not found", with(protocol.ErrNotFound, ""), protocol.ReasonNotFound, protocol.ErrNotFound},
		{"disk full", &storageError{network(unix.ENOSPC)}, protocol.ReasonStorageFull, protocol.ErrFile},
		{"quota", &storageError{network(unix.EDQUOT)}, protocol.ReasonStorageFull, protocol.ErrFile},
		{"disk broken", &storageError{network(unix.EIO)}, protocol.ReasonFileError, protocol.ErrFile},
		{"reset by the storage", &storageError{network(unix.ECONNRESET)}, protocol.ReasonFileError, protocol.ErrFile},
		{"payload cut short", &protocol.TruncatedError{Part: protocol.Payload}, protocol.ReasonCutShort, protocol.ErrUploadIncomplete},
		{"header cut short", &protocol.TruncatedError{Part: protocol.Header, Off: 1}, protocol.ReasonCutShort, protocol.ErrBadRequest},
		{"not a byte", &protocol.TruncatedError{Part: protocol.Header}, protocol.ReasonCutShort, nil},
		{"header timeout", errHeaderTimeout, protocol.ReasonHeaderTimeout, protocol.ErrBadRequest},
		{"idle timeout", errIdleTimeout, protocol.ReasonIdleTimeout, protocol.ErrUploadIncomplete},
		{"transfer timeout", errTransferTimeout, protocol.ReasonTransferTimeout, protocol.ErrUploadIncomplete},
		{"reset", network(unix.ECONNRESET), protocol.ReasonReset, nil},
		{"broken pipe", network(unix.EPIPE), protocol.ReasonReset, nil},
		{"shut down", &net.OpError{Op: "read", Err: net.ErrClosed}, protocol.ReasonShutdown, nil},
		{"anything else", errors.New("?"), protocol.ReasonOther, nil},
	} {
		t.Run(row.name, func(t *testing.T) {
			err := row.err
			if err != nil {
				err = fmt.Errorf("wrapped: %w", err)
			}
			reason, answer := explain(err)
			assert.Equal(t, row.reason, reason)
			assert.Same(t, row.answer, answer)
			c := counters.New(1)
			c.Worker(0).Accept()
			c.Worker(0).End(reason, 0)
			assert.Zero(t, c.Stats().Busy(), "it cannot be counted")
		})
	}
}
