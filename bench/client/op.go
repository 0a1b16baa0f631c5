package client

import (
	"context"
	"os"
	"time"

	"poolbench/bench"
	"poolbench/fixtures"
)

// Client does ops one after another, each over a connection of its own. Its fields must not
// change after the first op.
type Client struct {
	Index   int    // from 0
	Addr    string // as bench.Wire.Address makes it
	Op      bench.Op
	Fixture fixtures.File
	// Name is the file's name on the server.
	Name string
	// Verify has the server check an upload's checksum if the wire allows that, and checks
	// a download's here. The size of a download is always checked.
	Verify bool
	// SinkDir is the folder for the unnamed file that a download is written to. If empty,
	// downloads are discarded.
	SinkDir string
	// Timeout bounds an op from its start to its end.
	Timeout time.Duration
	Budget  *Budget `json:"-"` // never shared between processes
}

// Prepared is a client that is ready to start an op.
type Prepared struct {
	*Client
	file *os.File // source of an upload or sink of a download; nil if discarded
	err  error    // why file could not be opened
}

// Prepare opens the client's file. An error is kept, and fails the op. Close the result
// after the op.
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

// unnamed opens a file without a name, which the kernel frees when it is closed or the
// process ends.
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

// Do does the op and returns its sample, with times counted from start. If the context ends
// first, the op fails with its cause as the detail.
func (p *Prepared) Do(ctx context.Context, start time.Time) bench.Sample {
	ctx, cancel := context.WithDeadlineCause(ctx, start.Add(p.Timeout), errOpTimeout)
	defer cancel()
	w, hostport := wireOf(p.Addr)
	a := &attempt{p, exchange{Sample: bench.Sample{Client: p.Index}, wire: w, ctx: ctx, start: start}}
	if err := a.run(hostport); err != nil {
		a.Done = time.Since(start)
		a.Failure = classify(ctx, a.Sample, err)
	}
	return a.Sample
}

func (a *attempt) run(hostport string) error {
	if a.err != nil {
		return &localError{a.err}
	}
	if err := a.connect(hostport, 0); err != nil {
		return err
	}
	defer a.close()
	var err error
	if a.Op == bench.Upload {
		err = a.upload()
	} else {
		err = a.download()
	}
	if err != nil {
		return err
	}
	return a.expectClose()
}

func (a *attempt) upload() error {
	var sum *uint32
	if a.Verify {
		sum = &a.Fixture.Data
	}
	err := a.wire.upload(&a.exchange, a.Name, a.file, a.Fixture.TextSize(), sum)
	a.Done = time.Since(a.start)
	return err
}
