package client

import (
	"context"
	"os"
	"time"

	"poolbench/bench"
	"poolbench/fixtures"
	"poolbench/protocol"
)

// Client does one op after another, each over a connection of its own. Its fields are not
// changed after the first.
type Client struct {
	Index   int // from 0
	Addr    string
	Op      bench.Op
	Fixture fixtures.File
	// Name is what an upload is stored under and a download is asked by.
	Name string
	// Verify sends an upload's checksum, which the server checks, and checks a
	// download's. The size of a download is always checked.
	Verify bool
	// SinkDir is the folder of the nameless file that a download is written to. Empty
	// discards the download.
	SinkDir string
	// Timeout bounds an op from its start to its end.
	Timeout time.Duration
	Budget  *Budget `json:"-"` // belongs to one process
}

// Prepared is a client that has all it needs for an op and waits for its start.
type Prepared struct {
	*Client
	file *os.File // that an upload is read from, or a download written to; nil if discarded
	err  error    // why there is none
}

// Prepare opens the client's file. If that fails, the op fails when it is done. Close
// ends what Prepare began.
func (c *Client) Prepare() *Prepared {
	p := &Prepared{Client: c}
	switch {
	case c.Op == bench.Upload:
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

// Close closes the file.
func (p *Prepared) Close() error {
	if p.file == nil {
		return nil
	}
	return p.file.Close()
}

// attempt is one op under way.
type attempt struct {
	*Prepared
	exchange
}

// Do does the op. The sample's times count from start. The end of the context ends the op
// early, with its cause as the failure.
func (p *Prepared) Do(ctx context.Context, start time.Time) bench.Sample {
	ctx, cancel := context.WithDeadlineCause(ctx, start.Add(p.Timeout), errOpTimeout)
	defer cancel()
	a := &attempt{p, exchange{Sample: bench.Sample{Client: p.Index}, ctx: ctx, start: start}}
	if err := a.run(); err != nil {
		a.Done = time.Since(start)
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
	if a.Op == bench.Upload {
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
