package bench

import (
	"context"
	"os"
	"time"

	"poolbench/fixtures"
	"poolbench/protocol"
)

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
	exchange
}

// do does the op. gun is the moment that the sample's times count from; ctx ends
// the op early.
func (p *parked) do(ctx context.Context, gun time.Time) Sample {
	ctx, cancel := context.WithDeadlineCause(ctx, gun.Add(p.Timeout), errOpTimeout)
	defer cancel()
	a := &attempt{p, exchange{Sample: Sample{Client: p.Index}, ctx: ctx, start: gun}}
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
	if err := a.connect(a.Addr, 0); err != nil {
		return err
	}
	defer a.close()
	var err error
	if a.Op == Upload {
		q := protocol.Request{Verb: protocol.VerbUpload, Name: a.Name, Size: a.Fixture.TextSize()}
		if a.Verify {
			q.CRC32C, q.HasCRC32C = a.Fixture.Data, true
		}
		err = a.upload(q, a.file)
	} else {
		err = a.download()
	}
	if err != nil {
		return err
	}
	return a.expectClose()
}
