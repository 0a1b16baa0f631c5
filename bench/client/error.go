package client

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"slices"
	"strings"

	"golang.org/x/sys/unix"

	"poolbench/bench"
	"poolbench/protocol"
)

var errOpTimeout = errors.New("the op's time was up")

// mismatch says how a download differs from the fixture.
type mismatch struct {
	reason bench.Reason
	detail string
}

func (m *mismatch) Error() string { return m.detail }

// localError marks an error on the client's own side.
type localError struct{ err error }

func (e *localError) Error() string { return e.err.Error() }
func (e *localError) Unwrap() error { return e.err }

// isShortage reports whether this machine, not the server, lacked a resource for the
// connection.
func isShortage(err error) bool {
	shortages := []error{unix.EMFILE, unix.ENFILE, unix.ENOBUFS, unix.ENOMEM, unix.EADDRNOTAVAIL}
	return slices.ContainsFunc(shortages, func(shortage error) bool { return errors.Is(err, shortage) })
}

// classify says why an op failed with err. The sample shows how far it got.
func classify(ctx context.Context, s bench.Sample, err error) bench.Failure {
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
		return bench.Failure{Reason: bench.LocalError, Detail: local.Error()}
	case isShortage(err):
		return bench.Failure{Reason: bench.LocalError, Detail: Brief(err)}
	case errors.As(err, &status):
		return bench.Failure{Reason: bench.ServerSaidNo, Detail: fmt.Sprintf("%q", status.Text)}
	case ctx.Err() != nil || errors.Is(err, os.ErrDeadlineExceeded) || errors.As(err, &netErr) && netErr.Timeout():
		return bench.Failure{Reason: timeout(s), Detail: timeoutDetail(ctx, err)}
	case errors.As(err, &syntax):
		return bench.Failure{Reason: bench.ProtocolError, Detail: syntax.Error()}
	case errors.As(err, &truncated):
		return bench.Failure{Reason: bench.CutShort, Detail: cutDetail(truncated)}
	case errors.As(err, &content):
		return bench.Failure{Reason: content.reason, Detail: content.detail}
	case errors.Is(err, unix.ECONNREFUSED):
		return bench.Failure{Reason: bench.Refused}
	case errors.Is(err, unix.ECONNRESET), errors.Is(err, unix.EPIPE):
		return bench.Failure{Reason: bench.Reset, Detail: progress(s)}
	case s.Connected == 0:
		return bench.Failure{Reason: bench.Unreachable, Detail: Brief(err)}
	}
	return bench.Failure{Reason: bench.LocalError, Detail: Brief(err)}
}

func timeout(s bench.Sample) bench.Reason {
	switch {
	case s.Connected == 0:
		return bench.TimeoutConnect
	case s.FirstByte == 0 && s.Wire == 0:
		return bench.TimeoutWait
	}
	return bench.TimeoutTransfer
}

func timeoutDetail(ctx context.Context, err error) string {
	if cause := context.Cause(ctx); cause != nil {
		return cause.Error()
	}
	return Brief(err)
}

// cutDetail leaves out the number of bytes, which the sample has as Wire, so that ops cut
// short at different places count as one kind.
func cutDetail(e *protocol.TruncatedError) string {
	switch {
	case e.Part == protocol.Payload:
		return "the server closed in the middle of the payload"
	case e.Off == 0:
		return "the server closed without an answer"
	}
	return "the server closed in the middle of an answer"
}

func progress(s bench.Sample) string {
	switch {
	case s.FirstByte == 0 && s.Wire == 0:
		return "before an answer"
	case s.Wire == 0:
		return "before the payload"
	}
	return "in the middle of the payload or behind it"
}

// Brief returns the error's text without what differs from op to op, such as the client's
// address or the name of a temporary file, so that failures of one kind count together.
func Brief(err error) string {
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

// ExchangeError says why an exchange that is not measured failed. It unwraps to the error
// of the wire or the network.
type ExchangeError struct {
	bench.Failure
	first    string // beginning of the server's answer
	stranger bool   // first cannot begin an answer
	err      error
}

// Error is one line for a reader who knows the server's address.
func (e *ExchangeError) Error() string {
	var lookup *net.DNSError
	switch {
	case e.Reason == bench.Refused:
		return "refused the connection: nothing listens there"
	case errors.As(e.err, &lookup):
		return "its name could not be looked up: " + lookup.Error()
	case e.Reason == bench.TimeoutConnect:
		return "unreachable: " + e.Detail
	case e.Reason == bench.TimeoutWait:
		return "no answer: " + e.Detail + "; all its workers may be busy"
	case e.Foreign():
		line, _, _ := strings.Cut(e.first, "\n")
		return fmt.Sprintf("speaks another protocol: answered %q", strings.TrimRight(line, "\r"))
	case e.Reason == bench.LocalError:
		return e.Detail
	}
	return e.Failure.String()
}

// Foreign reports whether what the server said cannot begin an answer, so that it speaks
// another protocol.
func (e *ExchangeError) Foreign() bool { return e.stranger }

// Unwrap returns the error of the wire or the network.
func (e *ExchangeError) Unwrap() error { return e.err }
