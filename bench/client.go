package bench

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"time"

	"poolbench/fixtures"
	"poolbench/protocol"
)

// connectTimeout bounds the connecting of an op whose own time is longer: a host
// that has not answered by then won't.
const connectTimeout = 10 * time.Second

// closeTimeout is how long a client waits, after an op has ended well, for the
// server to close the connection.
const closeTimeout = time.Second

// Client does one op after another, each over a connection of its own. Its
// fields are set before the first and not changed after.
type Client struct {
	Index   int // from 0
	Addr    string
	Op      Op
	Fixture fixtures.File
	// Name is what an upload is stored under and a download is asked by.
	Name string
	// Verify says whether uploads carry the checksum that the server holds them
	// to, and downloads are held to the fixture's. A download's size is checked
	// in any case.
	Verify bool
	// SinkDir is the folder in which a download is written to a file without a
	// name. Empty discards it.
	SinkDir string
	// Timeout bounds an op from its starting gun to its end.
	Timeout time.Duration
	Budget  *Budget `json:"-"` // belongs to one process
}

// parked is a client that has all it needs for an op but the starting gun.
type parked struct {
	*Client
	file *os.File // that an upload is read from, or a download written to; nil if discarded
	err  error    // why there is none
}

// park opens the client's file. What goes wrong is the op's failure when it is
// done.
func (c *Client) park() *parked {
	p := &parked{Client: c}
	switch {
	case c.Op == Upload:
		p.file, p.err = os.Open(c.Fixture.Path)
	case c.SinkDir != "":
		p.file, p.err = unnamed(c.SinkDir)
	}
	return p
}

// unnamed opens a file that is gone when it is closed, or this process is.
func unnamed(dir string) (*os.File, error) {
	file, err := os.CreateTemp(dir, "poolbench-download-")
	if err != nil {
		return nil, err
	}
	return file, os.Remove(file.Name())
}

// leave closes what park opened.
func (p *parked) leave() error {
	if p.file == nil {
		return nil
	}
	return p.file.Close()
}

// attempt is one op under way.
type attempt struct {
	*parked
	Sample
	ctx  context.Context
	gun  time.Time
	conn *net.TCPConn
	r    *bufio.Reader
}

// do does the op. gun is the moment that the sample's times count from; ctx ends
// the op early.
func (p *parked) do(ctx context.Context, gun time.Time) Sample {
	ctx, cancel := context.WithDeadlineCause(ctx, gun.Add(p.Timeout), errOpTimeout)
	defer cancel()
	a := &attempt{parked: p, Sample: Sample{Client: p.Index}, ctx: ctx, gun: gun}
	if err := a.run(); err != nil {
		a.Done = time.Since(gun)
		a.Failure = classify(ctx, a.Sample, err)
	}
	return a.Sample
}

func (a *attempt) run() error {
	if a.err != nil {
		return &localError{a.err}
	}
	dialer := net.Dialer{Timeout: connectTimeout}
	conn, err := dialer.DialContext(a.ctx, "tcp", a.Addr)
	if err != nil {
		return err
	}
	defer conn.Close()
	a.Connected = time.Since(a.gun)
	// Whatever ends the op's context ends the reads and writes under way.
	stop := context.AfterFunc(a.ctx, func() { _ = conn.SetDeadline(time.Unix(1, 0)) })
	defer stop()
	a.conn = conn.(*net.TCPConn)
	a.r = bufio.NewReaderSize(conn, 4096)
	if a.Op == Upload {
		err = a.upload()
	} else {
		err = a.download()
	}
	if err != nil {
		return err
	}
	return a.expectClose()
}

// request sends the request and waits for the first byte of the answer.
func (a *attempt) request(q protocol.Request) error {
	header, err := q.AppendTo(nil)
	if err != nil {
		return &localError{err}
	}
	if _, err := a.conn.Write(header); err != nil {
		return err
	}
	a.Sent = time.Since(a.gun)
	if _, err := a.r.Peek(1); err != nil && !errors.Is(err, io.EOF) {
		return err // the end is for the reader of the answer to name
	} else if err == nil {
		a.FirstByte = time.Since(a.gun)
	}
	return nil
}

func (a *attempt) upload() error {
	q := protocol.Request{Verb: protocol.VerbUpload, Name: a.Name, Size: a.Fixture.TextSize()}
	if a.Verify {
		q.CRC32C, q.HasCRC32C = a.Fixture.Data, true
	}
	if err := a.request(q); err != nil {
		return err
	}
	if err := protocol.ReadReady(a.r); err != nil {
		return err
	}
	if a.r.Buffered() > 0 {
		return tooSoon(a.Wire, q.Size)
	}
	if err := a.send(q.Size); err != nil {
		return err
	}
	if err := protocol.ReadComplete(a.r); err != nil {
		return err
	}
	a.Done = time.Since(a.gun)
	return nil
}

// send sends the payload, unless the server answers before it has taken all of
// it, and returns when there is an answer or can be none.
func (a *attempt) send(size int64) error {
	var peeked error
	answered := make(chan struct{})
	go func() {
		defer close(answered)
		_, peeked = a.r.Peek(1)
		// Whatever it is, there is no use in sending on. If all has been sent,
		// this has no effect.
		_ = a.conn.SetWriteDeadline(time.Unix(1, 0))
	}()
	// A bare file to a bare connection: sendfile(2).
	sent, err := io.CopyN(a.conn, a.file, size)
	a.Wire = sent
	ended := errors.Is(err, io.EOF)
	if ended {
		_ = a.conn.SetReadDeadline(time.Unix(1, 0))
	}
	<-answered
	switch {
	case ended:
		return &localError{errors.New("the fixture has become shorter")}
	case peeked != nil && !errors.Is(peeked, io.EOF):
		return peeked
	case sent == size:
		return nil
	case peeked != nil && !errors.Is(err, os.ErrDeadlineExceeded):
		// The kernel tells of a reset once: to the read or, as here, to the write.
		return err
	}
	// The write was broken off because there is an answer, or the end.
	if err := protocol.ReadComplete(a.r); err != nil {
		return err
	}
	return tooSoon(sent, size)
}

// tooSoon is a server that is done with a payload that it can't have.
func tooSoon(sent, size int64) error {
	return &protocol.SyntaxError{Part: protocol.Payload, Off: sent, Msg: fmt.Sprintf("answered before the last of %d bytes", size)}
}

// expectClose waits for the server to close the connection, as the wire has it.
// This is not part of the op, which has its time of end already, but more bytes
// than announced are a fault; and a server that counts its transfers has counted
// this one when it closes. One that keeps the connection is let be.
func (a *attempt) expectClose() error {
	if err := a.conn.SetReadDeadline(time.Now().Add(closeTimeout)); err != nil {
		return nil
	}
	if _, err := a.r.ReadByte(); err == nil {
		return &protocol.SyntaxError{Part: protocol.Payload, Off: a.Wire, Msg: "more came than was announced"}
	}
	return nil
}
