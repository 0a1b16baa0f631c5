package client

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"time"

	"poolbench/bench"
	"poolbench/protocol"
)

// CloseTimeout is how long a client waits for the server to close the connection after a
// successful exchange.
const CloseTimeout = time.Second

// exchange is one request on a connection of its own, with its progress so far. Its steps
// are called in the order of the wire, from one goroutine.
type exchange struct {
	bench.Sample
	wire   wire
	ctx    context.Context // its end interrupts reads and writes
	start  time.Time       // the sample's times count from here
	conn   *net.TCPConn
	r      *bufio.Reader
	first  string      // beginning of the server's answer
	detach func() bool // stops the context from interrupting the connection
}

// connect opens the connection; close closes it. It ends with the context, or after timeout
// unless that is zero.
func (x *exchange) connect(addr string, timeout time.Duration) error {
	dialer := net.Dialer{Timeout: timeout}
	conn, err := dialer.DialContext(x.ctx, "tcp", addr)
	if err != nil {
		// The dialer has a timer of its own for the context's deadline, which may fire
		// first. Only the context has the cause, so wait for it.
		if deadline, ok := x.ctx.Deadline(); ok && !time.Now().Before(deadline) {
			<-x.ctx.Done()
		}
		return err
	}
	x.Connected = time.Since(x.start)
	x.conn = conn.(*net.TCPConn)
	x.r = bufio.NewReaderSize(conn, 4096)
	x.detach = context.AfterFunc(x.ctx, func() { _ = conn.SetDeadline(time.Unix(1, 0)) })
	return nil
}

func (x *exchange) close() {
	x.TCP = protocol.TCPOf(x.conn)
	x.detach()
	_ = x.conn.Close()
}

// begin sends the head of a request.
func (x *exchange) begin(head []byte) error {
	if _, err := x.conn.Write(head); err != nil {
		return err
	}
	x.Sent = time.Since(x.start)
	return nil
}

// ask sends the head of a request and waits for the first byte of the answer.
func (x *exchange) ask(head []byte) error {
	if err := x.begin(head); err != nil {
		return err
	}
	if _, err := x.r.Peek(1); err != nil && !errors.Is(err, io.EOF) {
		return err // EOF is left to the reader of the answer
	} else if err == nil {
		x.FirstByte = time.Since(x.start)
		x.keepFirst()
	}
	return nil
}

// keepFirst keeps the beginning of the answer, as far as it has come.
func (x *exchange) keepFirst() {
	first, _ := x.r.Peek(min(x.r.Buffered(), 60))
	x.first = string(first)
}

// send sends the payload and reads the answer to it, or returns when the server can no
// longer answer. It stops sending if the answer comes early.
func (x *exchange) send(payload io.Reader, size int64, answer func() error) error {
	var peeked error
	answered := make(chan struct{})
	go func() {
		defer close(answered)
		_, peeked = x.r.Peek(1)
		// Answer or end: sending on is pointless. If all has been sent, this has no effect.
		_ = x.conn.SetWriteDeadline(time.Unix(1, 0))
	}()
	// This is sendfile(2) from an *os.File to a *net.TCPConn. Wrapping either loses it.
	sent, err := io.CopyN(x.conn, payload, size)
	x.Wire = sent
	if errors.Is(err, io.EOF) {
		err = &localError{errors.New("the file became shorter")}
	}
	var local *localError
	ours := errors.As(err, &local)
	if ours {
		_ = x.conn.SetReadDeadline(time.Unix(1, 0))
	}
	<-answered
	switch {
	case ours:
		return err
	case peeked != nil && !errors.Is(peeked, io.EOF):
		return peeked
	case sent == size:
		return answer()
	case peeked != nil && !errors.Is(err, os.ErrDeadlineExceeded):
		// The kernel reports a reset once: to the read or, here, to the write.
		return err
	}
	// The write was interrupted by an answer or by the end of the connection.
	if err := answer(); err != nil {
		return err
	}
	return tooSoon(sent, size)
}

// tooSoon is the error of a server that answers before it can have the whole payload.
func tooSoon(sent, size int64) error {
	return &protocol.SyntaxError{Part: protocol.Payload, Off: sent, Msg: fmt.Sprintf("answered before the last of %d bytes", size)}
}

// receive reads a payload through buffer and passes each piece to take. The payload has
// size bytes, or ends where it ends if size is negative.
func (x *exchange) receive(payload io.Reader, size int64, buffer []byte, take func(piece []byte) error) error {
	for x.Wire != size {
		n, err := payload.Read(buffer)
		x.Wire += int64(n)
		if err := take(buffer[:n]); err != nil {
			return err
		}
		switch {
		case errors.Is(err, io.EOF) && (size < 0 || x.Wire == size):
			return nil
		case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
			return &protocol.TruncatedError{Part: protocol.Payload, Off: x.Wire, Want: size}
		case err != nil && x.Wire != size:
			return err
		}
	}
	return nil
}

// expectClose waits for the server to close the connection, as the protocol requires. It
// catches a server that sends more than it announced. A server that counts transfers has
// counted this one by then. The sample's end is already set, so the wait is not measured.
// A server that keeps the connection open is not at fault.
func (x *exchange) expectClose() error {
	if err := x.conn.SetReadDeadline(time.Now().Add(CloseTimeout)); err != nil {
		return nil
	}
	if _, err := x.r.ReadByte(); err == nil {
		return &protocol.SyntaxError{Part: protocol.Payload, Off: x.Wire, Msg: "more came than was announced"}
	}
	return nil
}
