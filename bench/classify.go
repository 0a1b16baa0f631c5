package bench

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"slices"

	"golang.org/x/sys/unix"

	"poolbench/protocol"
)

var errOpTimeout = errors.New("the op's time was up")

// mismatch is a download that is not what the fixture is.
type mismatch struct {
	reason Reason
	detail string
}

func (m *mismatch) Error() string { return m.detail }

// localError marks an error that the client's side made.
type localError struct{ err error }

func (e *localError) Error() string { return e.err.Error() }
func (e *localError) Unwrap() error { return e.err }

// isShortage reports whether this machine, and not the server, had too little of
// something for a connection.
func isShortage(err error) bool {
	shortages := []error{unix.EMFILE, unix.ENFILE, unix.ENOBUFS, unix.ENOMEM, unix.EADDRNOTAVAIL}
	return slices.ContainsFunc(shortages, func(shortage error) bool { return errors.Is(err, shortage) })
}

// classify says why an op failed with err, given what it had reached.
func classify(ctx context.Context, s Sample, err error) Failure {
	var (
		status    *protocol.StatusError
		syntax    *protocol.SyntaxError
		truncated *protocol.TruncatedError
		content   *mismatch
		local     *localError
		netErr    net.Error
	)
	switch {
	case errors.As(err, &local):
		return Failure{LocalError, local.Error()}
	case isShortage(err):
		return Failure{LocalError, bare(err)}
	case errors.As(err, &status):
		return Failure{ServerSaidNo, fmt.Sprintf("%q", status.Text)}
	case ctx.Err() != nil || errors.Is(err, os.ErrDeadlineExceeded) || errors.As(err, &netErr) && netErr.Timeout():
		return Failure{timeout(s), timeoutDetail(ctx, err)}
	case errors.As(err, &syntax):
		return Failure{ProtocolError, syntax.Error()}
	case errors.As(err, &truncated):
		return Failure{CutShort, cutDetail(truncated)}
	case errors.As(err, &content):
		return Failure{content.reason, content.detail}
	case errors.Is(err, unix.ECONNREFUSED):
		return Failure{Reason: Refused}
	case errors.Is(err, unix.ECONNRESET), errors.Is(err, unix.EPIPE):
		return Failure{Reset, progress(s)}
	case s.Connected == 0:
		return Failure{Unreachable, bare(err)}
	}
	return Failure{LocalError, bare(err)}
}

func timeout(s Sample) Reason {
	switch {
	case s.Connected == 0:
		return TimeoutConnect
	case s.FirstByte == 0:
		return TimeoutWait
	}
	return TimeoutTransfer
}

func timeoutDetail(ctx context.Context, err error) string {
	if cause := context.Cause(ctx); cause != nil {
		return cause.Error()
	}
	return bare(err)
}

// cutDetail leaves the count of bytes out, so that ops that were cut short at
// different places count as one kind. Samples have it as Wire.
func cutDetail(e *protocol.TruncatedError) string {
	switch {
	case e.Part == protocol.Payload:
		return "the server closed in the middle of the payload"
	case e.Off == 0:
		return "the server closed without an answer"
	}
	return "the server closed in the middle of an answer"
}

func progress(s Sample) string {
	switch {
	case s.FirstByte == 0:
		return "before an answer"
	case s.Wire == 0:
		return "before the payload"
	}
	return "in the middle of the payload or behind it"
}

// bare takes out of an error what differs with each op: the client's address, the
// name of a temporary file.
func bare(err error) string {
	var (
		op   *net.OpError
		path *fs.PathError
	)
	switch {
	case errors.As(err, &op):
		return op.Op + ": " + op.Err.Error()
	case errors.As(err, &path):
		return path.Op + ": " + path.Err.Error()
	}
	return err.Error()
}
