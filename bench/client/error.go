package client

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"poolbench/bench"
)

// ExchangeError says why an exchange outside of a measurement failed. It unwraps to the
// error of the wire or the network.
type ExchangeError struct {
	bench.Failure
	first string // beginning of the server's answer
	err   error
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
	case !beginsAnswer(e.first):
		line, _, _ := strings.Cut(e.first, "\n")
		return fmt.Sprintf("speaks another protocol: answered %q", strings.TrimRight(line, "\r"))
	case e.Reason == bench.LocalError:
		return e.Detail
	}
	return e.Failure.String()
}

// Unwrap returns the error of the wire or the network.
func (e *ExchangeError) Unwrap() error { return e.err }

// beginsAnswer reports whether text, which may be cut anywhere, can be the beginning of an
// answer.
func beginsAnswer(text string) bool {
	for _, word := range []string{"OK", "ERROR"} {
		if strings.HasPrefix(text, word) || strings.HasPrefix(word, text) {
			return true
		}
	}
	return false
}

// perform does one exchange outside of a measurement. It gives up if there is no connection
// within idle, or if moved has then not been called for that long. The error is an
// *ExchangeError, or the context's cause if the context was cancelled.
func perform(ctx context.Context, addr string, idle time.Duration, do func(x *exchange, moved func()) error) error {
	watched, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	x := &exchange{ctx: watched, start: time.Now()}
	err := x.connect(addr, idle)
	if err == nil {
		defer x.close()
		watch := time.AfterFunc(idle, func() { cancel(fmt.Errorf("nothing moved for %v", idle)) })
		defer watch.Stop()
		err = do(x, func() { watch.Reset(idle) })
	}
	switch {
	case err == nil:
		return nil
	case errors.Is(ctx.Err(), context.Canceled):
		return context.Cause(ctx)
	}
	failure := classify(watched, x.Sample, err)
	// The kernel gives up by itself after two minutes.
	if failure.Reason == bench.TimeoutConnect && watched.Err() == nil && !errors.Is(err, unix.ETIMEDOUT) {
		failure.Detail = fmt.Sprintf("no connection within %v", idle)
	}
	return &ExchangeError{failure, x.first, err}
}

// Connect opens a connection to addr within timeout and closes it. Errors are those of
// [Stats].
func Connect(ctx context.Context, addr string, timeout time.Duration) error {
	return perform(ctx, addr, timeout, func(*exchange, func()) error { return nil })
}
